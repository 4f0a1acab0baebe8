//! Both engines on random data: they must give equal silver, steps and gold after every cutoff (design D9).
//!
//! [`examine`] runs the cutoffs of one dataset; [`shrink()`] makes a dataset that differs as small as it can; [`save`]
//! keeps it as a case folder, with the results of the SQL engine as the expected ones. `make diff-test SEEDS=n` is the
//! command around them.
#![deny(missing_docs)]

mod examine;
mod save;
mod shrink;

pub use examine::{Examined, Finding, examine};
pub use save::save;
pub use shrink::{Shrunk, minimise, shrink};

use case_runner::CaseError;
use database::DatabaseError;

/// A dataset that could not be examined; not a difference.
#[derive(Debug, thiserror::Error)]
pub enum DifferentialError {
    /// A file.
    #[error("temporary files")]
    Files(#[from] std::io::Error),
    /// The server.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The parameters name a chain that paydirt does not know.
    #[error(transparent)]
    Chain(#[from] reward_rules::UnknownChain),
    /// Setting up a database.
    #[error("setting up the database of seed {seed}: {reason}")]
    SetUp {
        /// The seed.
        seed: u64,
        /// Why.
        reason: String,
    },
    /// Saving a case.
    #[error(transparent)]
    Case(#[from] CaseError),
}
