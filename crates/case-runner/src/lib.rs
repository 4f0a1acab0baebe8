//! Conformance cases: an indexer's data with the results the reference computed from it.
//!
//! A case is a folder (see `README.md` of `fixtures/cases`): `case.toml` with the chain, the cutoffs in order and the
//! size, sum and digest of the final gold table; `bronze/*.csv`; and `expected/` with the gold rows of each cutoff, the
//! silver relations after the last one, the tables of steps 1–21 of the last one, and
//! `root.json`. [`run_case`] imports the data into
//! a fresh database, runs the cutoffs and compares everything that `expected/` has. Only columns whose value spec/00 §7
//! declares undefined are let through.
#![deny(missing_docs)]

mod case;
mod error;
mod expected;
mod report;
mod root;
mod runner;
mod table;
mod undefined;

pub use case::{Case, ExpectedGold};
pub use comparison::{Check, Difference, Table};
pub use error::CaseError;
pub use expected::write_expected;
pub use pipeline::{SilverRelation, silver_relations};
pub use report::CaseReport;
pub use runner::{CaseOptions, run_case};
pub use table::copy_csv;
