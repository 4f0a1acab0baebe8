//! CSV files into the indexer's tables, all or nothing.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::pin::pin;

use bytes::{BufMut, Bytes, BytesMut};
use csv::ByteRecord;
use futures_util::SinkExt;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Transaction};

use crate::BronzeError;
use crate::records::{CheckedReader, physical_line, record_line};
use crate::tables::{Column, Table, table, tables};
use crate::value::{is_null, problem, suffix};

/// The table whose rows are replaced by a file's.
const EXCLUDED: &str = "excluded_addresses";
/// Where its file is loaded to first.
const EXCLUDED_IMPORT: &str = "excluded_addresses_import";

/// Bytes handed to the connection at a time.
const BLOCK_BYTES: usize = 128 * 1024;

/// A table that was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its name.
    pub table: &'static str,
    /// Rows added.
    pub rows: u64,
}

/// Listens to the progress of an import.
pub trait ImportProgress: Send + Sync {
    /// A file of so many bytes is begun.
    fn start(&self, table: &str, bytes: u64);
    /// So many more bytes of it were read.
    fn advance(&self, table: &str, bytes: u64);
    /// It is loaded.
    fn done(&self, table: &str, rows: u64);
}

/// Loads `DIR/bronze/*.csv`, or `DIR/*.csv` if there is no folder `bronze`, into the tables of the source schema
/// (spec/01).
///
/// 1. The file name is the table, the header line names the columns; columns that may be NULL or have a default may be
///    absent. Files are loaded in the order of [`tables`], one at a time, in blocks: memory does not grow with the file.
/// 2. Every value is checked against its column before the server sees it. An empty field is NULL; in a free-text column
///    that must not be NULL it is the empty text.
/// 3. Everything happens in one transaction: after an error nothing has changed.
/// 4. Rows are added to what the tables have; a key that is there already is an error. Only `excluded_addresses`, which
///    an indexer's own migrations fill, is different: the file's row replaces the one with the same address.
///
/// Returns the tables in the order they were loaded. Files are read on the calling task: it is for commands, not for a
/// server's request path.
///
/// # Errors
/// The first thing that is wrong, with file, line, column and value where there are such.
pub async fn import(
    client: &mut Client,
    source_schema: &str,
    dir: &Path,
    progress: &dyn ImportProgress,
) -> Result<Vec<Imported>, BronzeError> {
    let files = files(dir)?;
    let transaction = client.transaction().await.map_err(BronzeError::database("begin"))?;
    transaction
        .query_one(include_str!("../../../sql/bronze/use_source_schema.sql"), &[&source_schema])
        .await
        .map_err(BronzeError::database("use_source_schema"))?;
    let mut imported = Vec::with_capacity(files.len());
    for (table, path) in files {
        let rows = import_file(&transaction, table, &path, progress).await?;
        progress.done(table.name, rows);
        imported.push(Imported { table: table.name, rows });
    }
    transaction.commit().await.map_err(BronzeError::database("commit"))?;
    Ok(imported)
}

/// The files of a folder with their tables, in the order of spec/01.
fn files(dir: &Path) -> Result<Vec<(&'static Table, PathBuf)>, BronzeError> {
    let inner = dir.join("bronze");
    let dir = if inner.is_dir() { inner } else { dir.to_owned() };
    let folder = |source| BronzeError::Folder { path: dir.clone(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&dir).map_err(folder)? {
        let path = entry.map_err(folder)?.path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(table) = table(&name) else {
            let known = tables().iter().map(|table| table.name).collect::<Vec<_>>().join(", ");
            return Err(BronzeError::UnknownTable { path, table: name, known });
        };
        files.push((table, path));
    }
    if files.is_empty() {
        return Err(BronzeError::NoFiles(dir));
    }
    let position = |name: &str| tables().iter().position(|table| table.name == name);
    files.sort_by_key(|(table, _)| position(table.name));
    Ok(files)
}

/// The columns a header names.
fn header(table: &'static Table, path: &Path, record: &ByteRecord) -> Result<Vec<&'static Column>, BronzeError> {
    let wrong =
        |reason: String| BronzeError::Header { path: path.to_owned(), line: physical_line(path, record), reason };
    let mut columns: Vec<&'static Column> = Vec::new();
    for field in record {
        let name = String::from_utf8_lossy(field);
        let column = table.column(&name).ok_or_else(|| {
            let known = table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
            wrong(format!("unknown column '{name}'; table {} has: {known}", table.name))
        })?;
        if columns.iter().any(|other| other.name == column.name) {
            return Err(wrong(format!("column '{name}' is named twice")));
        }
        columns.push(column);
    }
    let required = table.columns.iter().filter(|column| !column.nullable && !column.has_default);
    for column in required {
        if !columns.iter().any(|named| named.name == column.name) {
            return Err(wrong(format!("column '{}' of table {} is missing", column.name, table.name)));
        }
    }
    Ok(columns)
}

/// Loads a file into its table; `excluded_addresses` by way of a temporary table.
async fn import_file(
    transaction: &Transaction<'_>,
    table: &'static Table,
    path: &Path,
    progress: &dyn ImportProgress,
) -> Result<u64, BronzeError> {
    // Asked beforehand: tokio-postgres leaves the connection out of step after a COPY that cannot begin.
    let found = transaction
        .query_one(include_str!("../../../sql/bronze/table_exists.sql"), &[&table.name])
        .await
        .map_err(BronzeError::database("table_exists"))?;
    if !found.get::<_, bool>("found") {
        return Err(BronzeError::NoTable { path: path.to_owned(), table: table.name });
    }
    if table.name != EXCLUDED {
        return copy_file(transaction, table, table.name, path, progress).await;
    }
    transaction
        .batch_execute(include_str!("../../../sql/bronze/create_excluded_import.sql"))
        .await
        .map_err(|error| server_error(error, table, path))?;
    copy_file(transaction, table, EXCLUDED_IMPORT, path, progress).await?;
    transaction
        .execute(include_str!("../../../sql/bronze/replace_excluded.sql"), &[])
        .await
        .map_err(|error| server_error(error, table, path))
}

/// COPYs a file into the relation `target`, which has the columns of `table`.
async fn copy_file(
    transaction: &Transaction<'_>,
    table: &'static Table,
    target: &str,
    path: &Path,
    progress: &dyn ImportProgress,
) -> Result<u64, BronzeError> {
    let folder = |source| BronzeError::Folder { path: path.to_owned(), source };
    let line_error = |line: u64, reason: String| BronzeError::Line { path: path.to_owned(), line, reason };
    let file = File::open(path).map_err(folder)?;
    progress.start(table.name, file.metadata().map_err(folder)?.len());
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(CheckedReader::new(file));
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(|error| line_error(1, error.to_string()))?;
    let columns = header(table, path, &record)?;

    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    // Table and column names come from the definitions of this crate, never from the file.
    let statement = format!("COPY \"{target}\" ({}) FROM STDIN", names.join(", "));
    let server = |error: tokio_postgres::Error| server_error(error, table, path);
    let mut sink = pin!(transaction.copy_in::<_, Bytes>(&statement).await.map_err(server)?);
    let mut block = BytesMut::with_capacity(BLOCK_BYTES * 2);
    let mut seen = 0;
    loop {
        reader.get_mut().begin_record();
        let more = reader
            .read_byte_record(&mut record)
            .map_err(|error| line_error(physical_line(path, &record), error.to_string()))?;
        if !more {
            break;
        }
        encode(&columns, &record, path, &mut block)?;
        if block.len() >= BLOCK_BYTES {
            let at = reader.position().byte();
            progress.advance(table.name, at.saturating_sub(seen));
            seen = at;
            sink.send(block.split().freeze()).await.map_err(server)?;
        }
    }
    if reader.get_ref().ends_in_quotes() {
        // The csv crate takes the rest of the file for the field's text: the last record is the one that swallowed it.
        return Err(line_error(physical_line(path, &record), "a quoted field is not closed".to_owned()));
    }
    progress.advance(table.name, reader.position().byte().saturating_sub(seen));
    sink.send(block.freeze()).await.map_err(server)?;
    sink.as_mut().finish().await.map_err(server)
}

/// Appends a record in COPY's text format, checked.
fn encode(
    columns: &[&'static Column],
    record: &ByteRecord,
    path: &Path,
    out: &mut BytesMut,
) -> Result<(), BronzeError> {
    if record.len() != columns.len() {
        let reason = format!("{} fields, but the header has {}", record.len(), columns.len());
        let line = physical_line(path, record);
        return Err(BronzeError::Line { path: path.to_owned(), line, reason });
    }
    for (index, (column, field)) in columns.iter().zip(record).enumerate() {
        let wrong = |reason: String| {
            // Quoted fields before this one may span lines.
            let breaks = record.iter().take(index).flatten().filter(|&&byte| byte == b'\n').count();
            let line = physical_line(path, record) + u64::try_from(breaks).unwrap_or(0);
            BronzeError::Value { path: path.to_owned(), line, column: column.name, reason }
        };
        let text = std::str::from_utf8(field).map_err(|_| wrong("is not UTF-8".to_owned()))?;
        if let Some(reason) = problem(column, text) {
            return Err(wrong(reason));
        }
        if index > 0 {
            out.put_u8(b'\t');
        }
        if is_null(column, text) {
            out.put_slice(b"\\N");
            continue;
        }
        for &byte in field {
            match byte {
                b'\\' => out.put_slice(b"\\\\"),
                b'\t' => out.put_slice(b"\\t"),
                b'\n' => out.put_slice(b"\\n"),
                b'\r' => out.put_slice(b"\\r"),
                byte => out.put_u8(byte),
            }
        }
        out.put_slice(suffix(column, text).as_bytes());
    }
    out.put_u8(b'\n');
    Ok(())
}

/// The server's error with the file and, if the server says which row it was, the line.
fn server_error(source: tokio_postgres::Error, table: &'static Table, path: &Path) -> BronzeError {
    let Some(server) = source.as_db_error() else {
        return BronzeError::Database { what: table.name, source };
    };
    let line = server.where_().and_then(copied_row).and_then(|row| record_line(path, row));
    let path = path.to_owned();
    if *server.code() == SqlState::UNIQUE_VIOLATION {
        let detail = server.detail().unwrap_or(server.message()).to_owned();
        return BronzeError::Duplicate { path, line, table: table.name, detail };
    }
    let message = server.message().to_owned();
    BronzeError::Refused { path, line, table: table.name, message, source }
}

/// The row number in the context of an error in COPY, `COPY table, line 3, column c: "…"` in the server's language.
fn copied_row(context: &str) -> Option<u64> {
    let (_, rest) = context.strip_prefix("COPY ")?.split_once(", ")?;
    let digits: String = rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
