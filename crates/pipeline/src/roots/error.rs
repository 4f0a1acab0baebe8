//! What can go wrong with a root.

use claim_tree::{BuildError, LookupError};
use reward_rules::Day;

use crate::RunError;

/// Cumulative amounts, a root or a claim that cannot be had. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// No complete run has computed all days up to the snapshot.
    #[error(
        "snapshot {snapshot} has not been computed: it takes a complete run with cutoff {} or later ({}); \
         paydirt run --cutoff {0}",
        .snapshot.next(),
        .newest.map_or_else(|| "there is none yet".to_owned(), |newest| format!("the newest is {newest}"))
    )]
    NotComputed {
        /// E.
        snapshot: Day,
        /// The newest complete cutoff.
        newest: Option<Day>,
    },
    /// The snapshot is not over yet.
    #[error("snapshot {snapshot} is not over: today is {today} (UTC); its root needs a run with cutoff {}", .snapshot.next())]
    Future {
        /// E.
        snapshot: Day,
        /// Today, UTC.
        today: Day,
    },
    /// `latest`, but there is no complete run.
    #[error("there is no complete run yet, so there is no latest snapshot; paydirt run computes one")]
    NoRuns,
    /// Rows of days up to the snapshot were dropped.
    #[error(
        "rows of {first} .. {last} were dropped (paydirt partitions drop), so amounts up to {snapshot} cannot be summed \
         up any more; take a schema that still has them"
    )]
    Dropped {
        /// E.
        snapshot: Day,
        /// The first dropped day.
        first: Day,
        /// The last day of that partition.
        last: Day,
    },
    /// Nothing was paid up to the snapshot.
    #[error("nothing was paid up to snapshot {snapshot}: a tree needs at least one amount")]
    NoAmounts {
        /// E.
        snapshot: Day,
    },
    /// There is no table of posted roots.
    #[error("schema '{schema}' has no table submitted_distribution_roots to compare with")]
    NoPostedRoots {
        /// The source schema.
        schema: String,
    },
    /// A value that no leaf can have: an address that is none, an amount that is negative, has decimals or is too large.
    #[error("{what} '{value}' cannot be in a tree (earner {earner}, token {token}); paydirt check may say more")]
    NoLeaf {
        /// What it should have been.
        what: &'static str,
        /// Its text.
        value: String,
        /// The earner, as stored.
        earner: String,
        /// The token, as stored.
        token: String,
    },
    /// Memory does not suffice for the amounts.
    #[error("snapshot {snapshot}")]
    Memory {
        /// E.
        snapshot: Day,
        /// Who has it, and how much would do.
        #[source]
        source: memory_budget::OutOfMemory,
    },
    /// A COPY of amounts failed.
    #[error("statement {what}")]
    Copy {
        /// Which.
        what: &'static str,
        /// Why.
        #[source]
        source: arrow_copy::CopyError,
    },
    /// The rows are no distribution (our bug: the statement orders them).
    #[error("snapshot {snapshot}")]
    Build {
        /// E.
        snapshot: Day,
        /// Why.
        #[source]
        source: BuildError,
    },
    /// A claim for somebody who has nothing.
    #[error("snapshot {snapshot}")]
    Lookup {
        /// E.
        snapshot: Day,
        /// Who or what is unknown.
        #[source]
        source: LookupError,
    },
    /// Reading failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl RootError {
    pub(super) fn database(what: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Run(RunError::Database { what, source })
    }
}
