//! Arrow to the gold table (spec/03 §23; design D4, D6, D7).
//!
//! [`gold_batch`] turns rows into an Arrow batch; a [`GoldWriter`] streams batches into `gold_rows` with one binary
//! COPY and, at the end, records which (reward, snapshots) the run wrote and moves the watermarks. Nothing is committed
//! here: rows, windows and watermarks belong to the caller's transaction, so they appear together or not at all.
#![deny(missing_docs)]

mod batch;
mod error;
mod windows;
mod writer;

pub use batch::{BatchLimits, gold_batch};
pub use error::WriteError;
pub use windows::Windows;
pub use writer::{GoldWriter, Written, advance_watermarks, ensure_partitions};
