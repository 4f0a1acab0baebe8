//! What can go wrong in a COPY.

/// A COPY that failed.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The server or the connection failed.
    #[error("COPY failed")]
    Database(#[from] tokio_postgres::Error),
    /// The stream does not have the columns that were declared: a query and its declaration disagree (our bug).
    #[error("COPY column {column}: expected {expected}, got {got} bytes")]
    Format {
        /// The column.
        column: &'static str,
        /// What was declared.
        expected: &'static str,
        /// The length on the wire.
        got: usize,
    },
    /// A query yields another type than declared (our bug).
    #[error("column {column}: expected {expected}, got {got}")]
    Type {
        /// The column.
        column: &'static str,
        /// What was declared.
        expected: String,
        /// What the query yields.
        got: String,
    },
    /// The stream is not what was expected.
    #[error("COPY: expected {0}")]
    Stream(&'static str),
    /// A text that is not UTF-8.
    #[error("COPY column {column}: text is not UTF-8")]
    Text {
        /// The column.
        column: &'static str,
    },
    /// The batch does not have the declared columns (our bug).
    #[error("Arrow batch does not match its declaration")]
    Batch(#[from] arrow::error::ArrowError),
}
