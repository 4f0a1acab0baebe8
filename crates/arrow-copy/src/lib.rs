//! PostgreSQL's binary COPY to Arrow record batches and back.
//!
//! Addresses and hashes travel as `UInt32` ids of a [`Dictionary`](reward_rules::Dictionary), dates as `Date32`, and
//! NUMERICs as their wire bytes in a `Binary` column: no Arrow decimal holds `numeric(78,0)` with its display scale.
//!
//! | [`Kind`] | SQL type | Arrow type |
//! |---|---|---|
//! | `Id` | `text` | `UInt32` |
//! | `Day` | `date` | `Date32` |
//! | `Numeric` | `numeric` | `Binary`, the body of the wire format |
//! | `Int4`, `Int8` | `integer`, `bigint` | `Int32`, `Int64` |
//! | `Bool` | `boolean` | `Boolean` |
//! | `Timestamp` | `timestamp` | `Timestamp(µs)` since 1970 |
//!
//! COPY coerces nothing: a query must cast its columns to exactly these SQL types.
#![deny(missing_docs)]

mod column;
mod copy_in;
mod copy_out;
mod error;

pub use column::{Column, Kind};
pub use copy_in::{CopyIn, Encoder};
pub use copy_out::{Cursor, Decoder, copy_out, copy_out_each};
pub use error::CopyError;
