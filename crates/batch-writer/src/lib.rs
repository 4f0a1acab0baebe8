//! Rows to the gold table (spec/03 §23; design D4, D6, D7).
//!
//! Rows are stored with numbers in place of addresses and hashes: [`GoldIds`] knows them. [`encode_gold`] turns rows into the
//! bytes of a binary COPY, on any thread; a [`GoldWriter`] streams them into `gold_rows` with one COPY, and [`record_windows`]
//! records which (reward, snapshots) the run wrote and moves the watermarks. Nothing is committed here: rows, windows and
//! watermarks belong to the caller's transaction, so they appear together or not at all. [`Pace`] says when it is time to
//! commit.
#![deny(missing_docs)]

mod batch;
mod error;
mod gold_ids;
mod pace;
mod windows;
mod writer;

pub use batch::{PIECE_ROWS, encode_gold};
pub use error::WriteError;
pub use gold_ids::{GoldIds, Unknown, add_earners, add_rewards};
pub use pace::{BatchLimits, Pace};
pub use windows::Windows;
pub use writer::{GoldWriter, Written, advance_watermarks, ensure_partitions, record_windows};
