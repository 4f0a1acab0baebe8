//! `paydirt check`: invariants of what is stored, as queries that return no row when true (`sql/checks`).

use std::pin::pin;

use futures_util::TryStreamExt;
use serde::Serialize;
use tokio_postgres::Client;

use crate::migrate::require_current;
use crate::run::begin_reading;
use crate::{Event, Observer, RunError, Schemas};

/// Violations of one invariant that are reported in full.
const SHOWN: usize = 20;

struct Invariant {
    name: &'static str,
    query: &'static str,
}

macro_rules! invariants {
    ($($name:literal),* $(,)?) => {
        [$(Invariant { name: $name, query: include_str!(concat!("../../../sql/checks/", $name, ".sql")) }),*]
    };
}

static INVARIANTS: [Invariant; 12] = invariants!(
    "watermark",
    "gold_duplicate",
    "gold_negative",
    "overpaid_day",
    "overpaid_submission",
    "ranges_overlap",
    "gold_without_run",
    "gold_dictionary",
    "window_rows",
    "run_rows",
    "balances",
    "silver_cutoff",
);

/// A row that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which row or key.
    pub key: String,
    /// What is wrong with it.
    pub detail: String,
}

/// What one invariant's query returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvariantReport {
    /// The file in `sql/checks`, without extension.
    pub invariant: &'static str,
    /// How many rows violate it.
    pub violations: usize,
    /// The first of them.
    pub first: Vec<Violation>,
}

/// Runs every invariant on one snapshot of the database. Writes nothing.
///
/// # Errors
/// If the schema is not up to date or the server refuses.
pub async fn check_invariants(
    client: &mut Client,
    schemas: &Schemas,
    observer: &dyn Observer,
) -> Result<Vec<InvariantReport>, RunError> {
    require_current(client, schemas).await?;
    let transaction = begin_reading(client).await?;
    let mut reports = Vec::new();
    for Invariant { name, query } in &INVARIANTS {
        let error = || RunError::database(name);
        let no_parameters: [&str; 0] = [];
        let mut rows = pin!(transaction.query_raw(*query, no_parameters).await.map_err(error())?);
        let mut report = InvariantReport { invariant: name, violations: 0, first: Vec::new() };
        while let Some(row) = rows.try_next().await.map_err(error())? {
            report.violations += 1;
            if report.first.len() < SHOWN {
                report.first.push(Violation { key: row.get("key"), detail: row.get("detail") });
            }
        }
        observer.event(Event::Compared { what: name });
        reports.push(report);
    }
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    Ok(reports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_sql_checks_is_run() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sql/checks");
        let mut files: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let mut known: Vec<String> = INVARIANTS.iter().map(|invariant| format!("{}.sql", invariant.name)).collect();
        known.sort();
        assert_eq!(files, known);
    }
}
