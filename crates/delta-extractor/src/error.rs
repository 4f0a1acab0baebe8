//! What can go wrong while reading.

use arrow_copy::CopyError;

/// Reading input, silver or state failed.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// A statement failed; `what` is the relation or statement.
    #[error("reading {what}")]
    Copy {
        /// The relation or statement.
        what: &'static str,
        /// What happened.
        #[source]
        source: CopyError,
    },
    /// A statement failed; `what` is the relation or statement.
    #[error("statement {what}")]
    Database {
        /// The relation or statement.
        what: &'static str,
        /// What happened.
        #[source]
        source: tokio_postgres::Error,
    },
    /// What has to be in memory at once does not fit.
    #[error("what has to be read at once does not fit")]
    Memory(#[from] memory_budget::OutOfMemory),
    /// A value that the rules cannot take.
    #[error("{relation}: {reason}")]
    Value {
        /// Where.
        relation: &'static str,
        /// Column, value and what is wrong with it.
        reason: String,
    },
    /// Two values for one key on one day, from daily tables that contradict themselves.
    #[error("{relation}: two values for one key on {snapshot}; the indexer's daily table contradicts itself")]
    Contradiction {
        /// Where.
        relation: &'static str,
        /// The day.
        snapshot: reward_rules::Day,
    },
}

impl ExtractError {
    pub(crate) fn copy(what: &'static str) -> impl FnOnce(CopyError) -> Self {
        move |source| Self::Copy { what, source }
    }

    pub(crate) fn database(what: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Database { what, source }
    }
}
