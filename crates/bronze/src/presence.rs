//! Whether a schema has the indexer's tables.

use std::collections::HashMap;
use std::fmt;

use tokio_postgres::Client;

use crate::BronzeError;
use crate::tables::{Column, ColumnType, tables};

/// How a column differs from what is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnDifference {
    /// It is not there.
    Missing,
    /// It is of another kind of type.
    Type {
        /// The type it has, in PostgreSQL's words.
        found: String,
        /// The type of spec/01, in the same words.
        expected: &'static str,
    },
}

/// A column that is needed and missing or of a type that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnProblem {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What is wrong with it.
    pub difference: ColumnDifference,
}

impl fmt::Display for ColumnProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, difference } = self;
        match difference {
            ColumnDifference::Missing => write!(f, "table {table} has no column {column}"),
            ColumnDifference::Type { found, expected } => {
                write!(f, "column {column} of table {table} is of type {found} instead of {expected}")
            }
        }
    }
}

/// The type's name in PostgreSQL, without precision, and the others that do as well. Widths of integers and lengths of
/// texts may differ; a timestamp with zone in place of one without would silently shift days.
const fn acceptable(kind: ColumnType) -> &'static [&'static str] {
    match kind {
        ColumnType::Text(_) => &["text", "character varying"],
        ColumnType::Numeric | ColumnType::Numeric78 => &["numeric"],
        ColumnType::Int4 => &["integer", "bigint", "smallint"],
        ColumnType::Int8 => &["bigint", "integer", "smallint"],
        ColumnType::Bool => &["boolean"],
        ColumnType::Date => &["date"],
        ColumnType::Timestamp => &["timestamp without time zone"],
        ColumnType::TimestampTz => &["timestamp with time zone"],
    }
}

fn difference(column: &'static Column, found: &HashMap<String, String>) -> Option<ColumnDifference> {
    let Some(found) = found.get(column.name) else { return Some(ColumnDifference::Missing) };
    let acceptable = acceptable(column.kind);
    if acceptable.contains(&found.as_str()) {
        return None;
    }
    let expected = acceptable.first().copied().unwrap_or_default();
    Some(ColumnDifference::Type { found: found.clone(), expected })
}

/// Which of the tables the calculation reads are in a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// None of them.
    None,
    /// All of them, with every column the calculation reads.
    All,
    /// Some, or some without a column that is read or with one of another type.
    Partial {
        /// Tables that are missing.
        missing: Vec<&'static str>,
        /// Columns of the others that are missing or of another type.
        wrong: Vec<ColumnProblem>,
    },
}

/// Looks for the tables the calculation reads, and their columns that spec/01 does not mark `·`. Tables may be views or
/// foreign tables. Those that only roots and claims need, and `operator_sets`, are not looked for.
///
/// # Errors
/// If the server refuses.
pub async fn presence(client: &Client, source_schema: &str) -> Result<Presence, BronzeError> {
    let rows = client
        .query(include_str!("../../../sql/bronze/columns.sql"), &[&source_schema])
        .await
        .map_err(BronzeError::database("columns"))?;
    let mut found: HashMap<String, HashMap<String, String>> = HashMap::new();
    for row in rows {
        found.entry(row.get(0)).or_default().insert(row.get(1), row.get(2));
    }
    let needed = || tables().iter().filter(|table| table.read);
    let missing: Vec<&str> = needed().filter(|table| !found.contains_key(table.name)).map(|table| table.name).collect();
    if missing.len() == needed().count() {
        return Ok(Presence::None);
    }
    let wrong: Vec<ColumnProblem> = needed()
        .filter_map(|table| Some((table, found.get(table.name)?)))
        .flat_map(|(table, columns)| {
            table.columns.iter().filter(|column| column.read).filter_map(|column| {
                let difference = difference(column, columns)?;
                Some(ColumnProblem { table: table.name, column: column.name, difference })
            })
        })
        .collect();
    Ok(if missing.is_empty() && wrong.is_empty() { Presence::All } else { Presence::Partial { missing, wrong } })
}
