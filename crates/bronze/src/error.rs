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
    /// The source schema does not have the file's table.
    #[error("{path}: table {table} is not in the source schema; run: paydirt migrate")]
    NoTable {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
    },
    /// The header line is wrong.
    #[error("{path}, line {line}: {reason}")]
    Header {
        /// The file.
        path: PathBuf,
        /// Physical line, from 1.
        line: u64,
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
    #[error("{path}{}: table {table} would have two rows with one key: {detail}", at(*.line))]
    Duplicate {
        /// The file.
        path: PathBuf,
        /// Physical line of the later row, from 1, if the server said which.
        line: Option<u64>,
        /// The table.
        table: &'static str,
        /// Key columns and values, as the server says them.
        detail: String,
    },
    /// The server refused a file's rows: the table is not there, or has constraints of its own.
    #[error("{path}{}: table {table}: {message}", at(*.line))]
    Refused {
        /// The file.
        path: PathBuf,
        /// Physical line, from 1, if the server said which.
        line: Option<u64>,
        /// The table.
        table: &'static str,
        /// What the server said.
        message: String,
        /// The error itself.
        #[source]
        source: tokio_postgres::Error,
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

fn at(line: Option<u64>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}

impl BronzeError {
    pub(crate) fn database(what: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Database { what, source }
    }
}
