//! Comparing relations in the server, however large they are.

use std::collections::HashMap;

use chrono::NaiveDate;
use comparison::{Check, Difference};
use memory_budget::Budget;
use reward_rules::Day;
use serde_json::Value;
use tokio_postgres::Transaction;

use super::{Verification, empty_scratch};
use crate::job::refresh;
use crate::{Event, RunError, silver_relations};

/// Differing rows shown per day and side.
const SHOWN: i32 = 5;

/// Two relations to compare.
pub(super) struct Pair<'a> {
    /// How the report calls them.
    pub(super) what: &'static str,
    /// Schema and name; without a schema, a temp table.
    pub(super) expected: (Option<&'a str>, &'a str),
    /// Schema and name.
    pub(super) computed: (&'a str, &'a str),
    /// The columns that count.
    pub(super) columns: Vec<String>,
    /// The days that count.
    pub(super) days: (Option<Day>, Option<Day>),
}

/// Makes [`compare`] possible until the transaction ends.
pub(super) async fn prepare_to_compare(transaction: &Transaction<'_>) -> Result<(), RunError> {
    let function = include_str!("../../../../sql/queries/verify/compare_relations.sql");
    transaction.batch_execute(function).await.map_err(RunError::database("compare_relations"))
}

/// Compares two relations, day by day if they have snapshots.
pub(super) async fn compare(transaction: &Transaction<'_>, pair: Pair<'_>) -> Result<Vec<Check>, RunError> {
    let Pair { what, expected, computed, columns, days } = pair;
    let day = |day: Option<Day>| day.map(Day::date);
    let rows = transaction
        .query(
            include_str!("../../../../sql/queries/verify/compare.sql"),
            &[&expected.0, &expected.1, &computed.0, &computed.1, &columns, &day(days.0), &day(days.1), &SHOWN],
        )
        .await
        .map_err(RunError::database(what))?;
    let size = |count: i64| usize::try_from(count).unwrap_or_default();
    let mut checks: Vec<Check> = rows
        .iter()
        .map(|row| {
            let (missing, extra) = (cells(&row.get("missing")), cells(&row.get("extra")));
            let differences = Difference::pair(&columns, &slices(&missing), slices(&extra));
            Check {
                what: what.to_owned(),
                snapshot: row.get("day"),
                expected_rows: size(row.get("expected_rows")),
                computed_rows: size(row.get("computed_rows")),
                differing: size(row.get("differing")),
                differences,
            }
        })
        .collect();
    if checks.is_empty() {
        // Two empty relations are equal, and that is worth a line.
        checks.push(Check {
            what: what.to_owned(),
            snapshot: None,
            expected_rows: 0,
            computed_rows: 0,
            differing: 0,
            differences: Vec::new(),
        });
    }
    Ok(checks)
}

fn slices(rows: &[Vec<String>]) -> Vec<&[String]> {
    rows.iter().map(Vec::as_slice).collect()
}

/// An array of arrays of texts.
fn cells(value: &Value) -> Vec<Vec<String>> {
    let rows = value.as_array().into_iter().flatten();
    rows.map(|row| row.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
        .collect()
}

/// The D that the stored silver is up to.
pub(super) async fn silver_cutoff(transaction: &Transaction<'_>) -> Result<Option<Day>, RunError> {
    let row = transaction
        .query_opt(include_str!("../../../../sql/queries/verify/silver_cutoff.sql"), &[])
        .await
        .map_err(RunError::database("silver_cutoff"))?;
    Ok(row.map(|row| Day::from(row.get::<_, NaiveDate>("cutoff"))))
}

/// Paydirt's daily relations up to D with the tables of the same names in the source schema.
pub(super) async fn against_daily_tables(
    verification: &Verification<'_>,
    transaction: &Transaction<'_>,
) -> Result<Vec<Check>, RunError> {
    let Verification { schemas, cutoff, from, .. } = *verification;
    let newest_before = NewestDays::read(verification, transaction).await?;
    let own = if silver_cutoff(transaction).await? == Some(cutoff) {
        schemas.own.clone()
    } else {
        let scratch = empty_scratch(transaction, verification.schemas, Some(cutoff)).await?;
        refresh(transaction, verification.chain, cutoff, None, &Budget::default(), verification.observer).await?;
        scratch.own
    };
    prepare_to_compare(transaction).await?;
    let mut checks = Vec::new();
    for relation in silver_relations().iter().filter(|relation| relation.daily) {
        let last = if newest_before.reaches(relation.name, cutoff) { cutoff } else { cutoff.previous() };
        let pair = Pair {
            what: relation.name,
            expected: (Some(&schemas.source), relation.name),
            computed: (&own, relation.name),
            columns: relation.columns(),
            days: (from, Some(last)),
        };
        checks.extend(compare(transaction, pair).await?);
        verification.observer.event(Event::Compared { what: relation.name });
    }
    Ok(checks)
}

/// Four relations have rows for D itself. A later run of the indexer may have replaced them: then D says nothing.
struct NewestDays(HashMap<String, Option<Day>>);

impl NewestDays {
    async fn read(verification: &Verification<'_>, transaction: &Transaction<'_>) -> Result<Self, RunError> {
        let search_path = || RunError::database("set_search_path");
        verification.schemas.source_first(transaction).await.map_err(search_path())?;
        let rows = transaction
            .query(include_str!("../../../../sql/queries/verify/newest_days.sql"), &[])
            .await
            .map_err(RunError::database("newest_days"))?;
        verification.schemas.own_first(transaction).await.map_err(search_path())?;
        let day = |day: Option<NaiveDate>| day.map(Day::from);
        Ok(Self(rows.iter().map(|row| (row.get("relation"), day(row.get("day")))).collect()))
    }

    fn reaches(&self, relation: &str, cutoff: Day) -> bool {
        self.0.get(relation).is_some_and(|newest| *newest <= Some(cutoff))
    }
}
