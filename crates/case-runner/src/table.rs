//! Rows as text with named columns.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::Client;

use crate::CaseError;

/// Rows of text under column names; NULL is the empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a CSV file whose first line names the columns.
    ///
    /// # Errors
    /// If the file cannot be read or parsed.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let file = File::open(path).map_err(|source| CaseError::File { path: path.to_owned(), source })?;
        Self::parse(&path.display().to_string(), file)
    }

    fn parse(what: &str, input: impl Read) -> Result<Self, CaseError> {
        let error = |source| CaseError::Csv { what: what.to_owned(), source };
        let mut reader = csv::Reader::from_reader(input);
        let columns = reader.headers().map_err(error)?.iter().map(str::to_owned).collect();
        let rows = reader
            .records()
            .map(|record| Ok(record?.iter().map(str::to_owned).collect()))
            .collect::<Result<_, csv::Error>>()
            .map_err(error)?;
        Ok(Self { columns, rows })
    }

    /// The position of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// The same rows with the columns in another order; `None` if a column is missing.
    #[must_use]
    pub fn select(&self, columns: &[String]) -> Option<Self> {
        let positions: Vec<usize> = columns.iter().map(|column| self.position(column)).collect::<Option<_>>()?;
        let rows = self.rows.iter().map(|row| positions.iter().map(|&at| row[at].clone()).collect()).collect();
        Some(Self { columns: columns.to_vec(), rows })
    }
}

/// Runs a `COPY (…) TO STDOUT (FORMAT csv, HEADER)` statement.
///
/// # Errors
/// If the statement fails.
pub async fn copy_csv(client: &Client, what: &str, statement: &str) -> Result<Table, CaseError> {
    let error = |source| CaseError::Read { what: what.to_owned(), source };
    let mut stream = pin!(client.copy_out(statement).await.map_err(error)?);
    let mut text = Vec::new();
    while let Some(block) = stream.try_next().await.map_err(error)? {
        text.extend_from_slice(&block);
    }
    Table::parse(what, text.as_slice())
}
