//! Tables from CSV.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::pin::pin;

use comparison::Table;
use futures_util::TryStreamExt;
use tokio_postgres::Client;

use crate::CaseError;

/// Reads a CSV file whose first line names the columns.
///
/// # Errors
/// If the file cannot be read or parsed.
pub(crate) fn read_csv(path: &Path) -> Result<Table, CaseError> {
    let file = File::open(path).map_err(|source| CaseError::File { path: path.to_owned(), source })?;
    parse(&path.display().to_string(), file)
}

fn parse(what: &str, input: impl Read) -> Result<Table, CaseError> {
    let error = |source| CaseError::Csv { what: what.to_owned(), source };
    let mut reader = csv::Reader::from_reader(input);
    let columns = reader.headers().map_err(error)?.iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|record| Ok(record?.iter().map(str::to_owned).collect()))
        .collect::<Result<_, csv::Error>>()
        .map_err(error)?;
    Ok(Table { columns, rows })
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
    parse(what, text.as_slice())
}
