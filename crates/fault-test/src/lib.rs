//! Faults in the middle of paydirt's work: whatever happens, repeating the command gives the rows of a run that nothing
//! disturbed, and nothing else stays behind.
//!
//! The tests see what a user sees: the `paydirt` command, its exit codes and messages, and the database. A [`Scenario`]
//! is one kind of fault; [`Scenario::run`] causes it a number of times on a private server and compares, after each
//! repetition, every relation with a reference that was computed beside it. `make fault-test` is the command around them.
#![deny(missing_docs)]

mod chance;
mod cut;
mod full_disk;
mod immediate;
mod kill;
mod kill_backfill;
mod laboratory;
mod left_behind;
mod program;
mod scenario;
mod state;
mod together;
mod workers;

pub use scenario::{Options, Scenario};
