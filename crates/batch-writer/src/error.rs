//! What can go wrong while writing.

use arrow_copy::CopyError;

/// Writing gold rows failed; the caller's transaction has to be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A COPY failed; `what` is the table.
    #[error("writing {what}")]
    Copy {
        /// The table.
        what: &'static str,
        /// What happened.
        #[source]
        source: CopyError,
    },
    /// A statement failed.
    #[error("statement {what}")]
    Database {
        /// The statement.
        what: &'static str,
        /// What happened.
        #[source]
        source: tokio_postgres::Error,
    },
    /// An earner or a submission has no number (our bug: they get theirs before their rows are computed).
    #[error("{what} {text} has no number in gold_rows: nothing was written")]
    NoNumber {
        /// Earner or submission.
        what: &'static str,
        /// Its address or hash.
        text: String,
    },
    /// The server took another number of rows than were sent (our bug, or a trigger or rule on gold_rows).
    #[error("gold_rows took {landed} rows of {sent}; is there a trigger or rule on it?")]
    RowCount {
        /// Rows sent.
        sent: u64,
        /// Rows the server reports.
        landed: u64,
    },
}
