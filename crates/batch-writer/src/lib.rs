//! Arrow to the gold table (spec/03 §23; design D4, D6, D7).
//!
//! [`encode_gold`] turns rows into an Arrow batch and that into the bytes of a binary COPY, on any thread; a [`GoldWriter`]
//! streams them into `gold_rows` with one COPY, and [`record_windows`] records which (reward, snapshots) the run wrote and moves the watermarks. Nothing is committed
//! here: rows, windows and watermarks belong to the caller's transaction, so they appear together or not at
//! all. [`Pace`] says when it is time to commit.
#![deny(missing_docs)]

mod batch;
mod error;
mod pace;
mod windows;
mod writer;

pub use batch::{PIECE_ROWS, encode_gold, gold_batch};
pub use error::WriteError;
pub use pace::{BatchLimits, Pace};
pub use windows::Windows;
pub use writer::{GoldWriter, Written, advance_watermarks, ensure_partitions, record_windows};
