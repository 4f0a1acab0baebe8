//! What can go wrong with the indexer's tables.

use std::path::PathBuf;

/// Looking at, importing or checking the indexer's tables failed.
#[derive(Debug, thiserror::Error)]
pub enum BronzeError {
    /// The folder cannot be read.
    #[error("{path}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The folder has no CSV file.
    #[error("{0}: no CSV file here or in its folder bronze/")]
    NoFiles(PathBuf),
    /// A file whose name is no table.
    #[error("{path}: unknown table '{table}'; the tables are: {known}")]
    UnknownTable {
        /// The file.
        path: PathBuf,
        /// Its name without extension.
        table: String,
        /// The tables there are.
        known: String,
    },
    /// The header line is wrong.
    #[error("{path}, line 1: {reason}")]
    Header {
        /// The file.
        path: PathBuf,
        /// Unknown, missing or duplicate column.
        reason: String,
    },
    /// A value is wrong.
    #[error("{path}, line {line}, column {column}: {reason}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Physical line, from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// The value and what is wrong with it.
        reason: String,
    },
    /// A line is wrong.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Physical line, from 1.
        line: u64,
        /// Number of fields, quoting or encoding.
        reason: String,
    },
    /// Two rows have the same unique key, or a row is in the table already.
    #[error("{path}: table {table} would have two rows with one key: {detail}")]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// Key columns and values, as the server says them.
        detail: String,
    },
    /// A statement failed.
    #[error("statement {what}")]
    Database {
        /// Which.
        what: &'static str,
        /// Why.
        #[source]
        source: tokio_postgres::Error,
    },
}

impl BronzeError {
    pub(crate) fn database(what: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Database { what, source }
    }
}
