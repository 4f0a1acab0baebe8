//! What can go wrong with a case, other than a difference.

use std::path::PathBuf;

use bronze::BronzeError;
use database::DatabaseError;
use pipeline::{MigrateError, OracleError, RootError, RunError};
use reward_rules::UnknownChain;

/// A case that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A file of the case cannot be read.
    #[error("{path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// `case.toml` or `root.json` is not as it should be.
    #[error("{path}: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is nothing to compare with: a check that cannot fail is none.
    #[error(
        "{0}: nothing to compare with: no expected/ folder with known relations and no [expected.gold_table] in case.toml"
    )]
    NothingExpected(PathBuf),
    /// The chain of the case is not known.
    #[error("{path}")]
    Chain {
        /// `case.toml`.
        path: PathBuf,
        /// Which chain.
        #[source]
        source: UnknownChain,
    },
    /// A CSV file cannot be parsed.
    #[error("{what}")]
    Csv {
        /// The file or relation.
        what: String,
        /// Why.
        #[source]
        source: csv::Error,
    },
    /// The server or a database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The migrations.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The import.
    #[error("importing {path}")]
    Import {
        /// The case.
        path: PathBuf,
        /// Why.
        #[source]
        source: BronzeError,
    },
    /// A run.
    #[error("cutoff {cutoff}")]
    Run {
        /// D.
        cutoff: String,
        /// Why.
        #[source]
        source: Box<RunError>,
    },
    /// The oracle, asked for silver.
    #[error("cutoff {cutoff}")]
    Oracle {
        /// D.
        cutoff: String,
        /// Why.
        #[source]
        source: OracleError,
    },
    /// The root.
    #[error("root of snapshot {snapshot}")]
    Root {
        /// E.
        snapshot: String,
        /// Why.
        #[source]
        source: Box<RootError>,
    },
    /// Reading a result.
    #[error("reading {what}")]
    Read {
        /// The relation.
        what: String,
        /// Why.
        #[source]
        source: tokio_postgres::Error,
    },
}
