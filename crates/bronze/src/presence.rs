//! Whether a schema has the indexer's tables.

use std::collections::{HashMap, HashSet};
use std::fmt;

use tokio_postgres::Client;

use crate::BronzeError;
use crate::tables::tables;

/// A column that is needed and missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnProblem {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
}

impl fmt::Display for ColumnProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {} has no column {}", self.table, self.column)
    }
}

/// Which of the tables the calculation reads are in a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// None of them.
    None,
    /// All of them, with every column the calculation reads.
    All,
    /// Some, or some without a column that is read.
    Partial {
        /// Tables that are missing.
        missing: Vec<&'static str>,
        /// Columns that are missing.
        wrong: Vec<ColumnProblem>,
    },
}

/// Looks for the tables the calculation reads (spec/01).
///
/// # Errors
/// If the server refuses.
pub async fn presence(client: &Client, source_schema: &str) -> Result<Presence, BronzeError> {
    let rows = client
        .query(include_str!("../../../sql/bronze/columns.sql"), &[&source_schema])
        .await
        .map_err(BronzeError::database("columns"))?;
    let mut found: HashMap<String, HashSet<String>> = HashMap::new();
    for row in rows {
        found.entry(row.get(0)).or_default().insert(row.get(1));
    }
    let needed = || tables().iter().filter(|table| table.read);
    let missing: Vec<&str> =
        needed().filter(|table| !found.contains_key(table.name)).map(|table| table.name).collect();
    if missing.len() == needed().count() {
        return Ok(Presence::None);
    }
    let wrong: Vec<ColumnProblem> = needed()
        .filter_map(|table| Some((table, found.get(table.name)?)))
        .flat_map(|(table, columns)| {
            let absent = table.columns.iter().filter(|column| column.read && !columns.contains(column.name));
            absent.map(|column| ColumnProblem { table: table.name, column: column.name })
        })
        .collect();
    Ok(if missing.is_empty() && wrong.is_empty() { Presence::All } else { Presence::Partial { missing, wrong } })
}
