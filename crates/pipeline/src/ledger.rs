//! What a run has done so far: its units (design D5).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use reward_rules::{ActiveDays, Day};
use serde_json::{Map, Value, json};
use tokio_postgres::{Client, GenericClient, Transaction};

use crate::gold_digest::GoldDigest;
use crate::{Paid, RunError};

/// How many (reward, day) pairs make a unit, unless its month ends before. A unit is what can be lost: it should take
/// seconds, and it should be worth its transaction.
pub const PAIRS_PER_UNIT: u64 = 512;

/// A span of days within one partition of `gold_rows`, committed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Its number within the run, from 1, in the order of the days.
    pub(crate) number: i32,
    /// Its days.
    pub(crate) days: ActiveDays,
}

/// What a unit did.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitDone {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
    /// Host and process.
    pub(crate) worker: String,
    /// `None` if nobody watched.
    pub(crate) lock_wait_seconds: Option<f64>,
    pub(crate) paid: BTreeMap<String, Paid>,
    /// Its rows, day by day; nothing if they were not computed here.
    pub(crate) days: BTreeMap<Day, GoldDigest>,
}

/// Cuts the days with work into units.
pub(crate) fn cut(rewards_per_day: &BTreeMap<Day, u64>, pairs_per_unit: u64) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut pairs = 0;
    for (&day, &rewards) in rewards_per_day {
        let month = |day: Day| (day.date().year(), day.date().month());
        match units.last_mut() {
            Some(unit) if pairs < pairs_per_unit && month(unit.days.first) == month(day) => unit.days.last = day,
            _ => {
                let number = i32::try_from(units.len() + 1).unwrap_or(i32::MAX);
                units.push(Unit { number, days: ActiveDays { first: day, last: day } });
                pairs = 0;
            }
        }
        pairs += rewards;
    }
    units
}

/// Stores the plan and the units of a run.
pub(crate) async fn store(
    transaction: &Transaction<'_>,
    run_id: i64,
    plan: &Value,
    units: &[Unit],
) -> Result<(), RunError> {
    transaction
        .execute(include_str!("../../../sql/queries/runs/store_plan.sql"), &[&run_id, plan])
        .await
        .map_err(RunError::database("store_plan"))?;
    let numbers: Vec<i32> = units.iter().map(|unit| unit.number).collect();
    let days = |day: fn(&ActiveDays) -> Day| -> Vec<NaiveDate> { units.iter().map(|u| day(&u.days).date()).collect() };
    transaction
        .execute(
            include_str!("../../../sql/queries/units/store.sql"),
            &[&run_id, &numbers, &days(|days| days.first), &days(|days| days.last)],
        )
        .await
        .map_err(RunError::database("units/store"))?;
    Ok(())
}

/// Whether a run was started with this plan.
pub(crate) async fn has_plan(transaction: &Transaction<'_>, run_id: i64, plan: &Value) -> Result<bool, RunError> {
    let row = transaction
        .query_one(include_str!("../../../sql/queries/runs/same_plan.sql"), &[&run_id, plan])
        .await
        .map_err(RunError::database("same_plan"))?;
    Ok(row.get("same"))
}

/// Takes the next unit that is to be done and that no other worker has, until the transaction ends.
pub(crate) async fn claim(transaction: &Transaction<'_>, run_id: i64, attempt: i32) -> Result<Option<Unit>, RunError> {
    let row = transaction
        .query_opt(include_str!("../../../sql/queries/units/claim.sql"), &[&run_id, &attempt])
        .await
        .map_err(RunError::database("units/claim"))?;
    let day = |row: &tokio_postgres::Row, column| Day::from(row.get::<_, NaiveDate>(column));
    Ok(row.map(|row| Unit {
        number: row.get("unit"),
        days: ActiveDays { first: day(&row, "first_snapshot"), last: day(&row, "last_snapshot") },
    }))
}

/// How many units are to be done, whoever does them.
pub(crate) async fn left<C: GenericClient>(client: &C, run_id: i64) -> Result<usize, RunError> {
    let row = client
        .query_one(include_str!("../../../sql/queries/units/left.sql"), &[&run_id])
        .await
        .map_err(RunError::database("units/left"))?;
    Ok(usize::try_from(row.get::<_, i64>("units")).unwrap_or_default())
}

/// Notes why an attempt at a unit failed, unless another worker has it by now.
pub(crate) async fn mark_failed(
    client: &Client,
    run_id: i64,
    unit: Unit,
    message: &str,
    again: bool,
) -> Result<(), RunError> {
    client
        .execute(include_str!("../../../sql/queries/units/failed.sql"), &[&run_id, &unit.number, &message, &again])
        .await
        .map_err(RunError::database("units/failed"))?;
    Ok(())
}

/// Marks a unit as done, in the transaction of its rows.
pub(crate) async fn mark_done(
    transaction: &Transaction<'_>,
    run_id: i64,
    unit: Unit,
    done: &UnitDone,
) -> Result<(), RunError> {
    let paid: Map<String, Value> = done
        .paid
        .iter()
        .map(|(token, paid)| (token.clone(), json!({ "rows": paid.rows, "amount": paid.amount.to_string() })))
        .collect();
    let stored = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let marked = transaction
        .execute(
            include_str!("../../../sql/queries/units/done.sql"),
            &[
                &run_id,
                &unit.number,
                &stored(done.rows),
                &stored(done.bytes),
                &done.seconds,
                &Value::Object(paid),
                &done.worker,
                &done.lock_wait_seconds,
            ],
        )
        .await
        .map_err(RunError::database("units/done"))?;
    if marked != 1 {
        // Somebody else has done it, or removed the run: the caller must not commit its rows.
        return Err(RunError::UnitGone { run_id, unit: unit.number });
    }
    store_days(transaction, run_id, unit.number, &done.days).await
}

/// Stores what the rows of a unit, or of a run as a whole (unit 0), are.
pub(crate) async fn store_days(
    transaction: &Transaction<'_>,
    run_id: i64,
    unit: i32,
    days: &BTreeMap<Day, GoldDigest>,
) -> Result<(), RunError> {
    let snapshots: Vec<NaiveDate> = days.keys().map(|day| day.date()).collect();
    let rows: Vec<i64> = days.values().map(|digest| i64::try_from(digest.rows).unwrap_or(i64::MAX)).collect();
    let contents: Vec<String> = days.values().map(|digest| digest.content.to_string()).collect();
    transaction
        .execute(
            include_str!("../../../sql/queries/units/store_days.sql"),
            &[&run_id, &unit, &snapshots, &rows, &contents],
        )
        .await
        .map_err(RunError::database("units/store_days"))?;
    Ok(())
}

/// Adds what the end of a batch has waited for other workers to its last unit.
pub(crate) async fn add_lock_wait(
    transaction: &Transaction<'_>,
    run_id: i64,
    unit: Unit,
    seconds: f64,
) -> Result<(), RunError> {
    if seconds > 0.0 {
        transaction
            .execute(include_str!("../../../sql/queries/units/add_lock_wait.sql"), &[&run_id, &unit.number, &seconds])
            .await
            .map_err(RunError::database("units/add_lock_wait"))?;
    }
    Ok(())
}

/// Rows and rewards of all units of a run.
pub(crate) async fn totals(transaction: &Transaction<'_>, run_id: i64) -> Result<(u64, usize), RunError> {
    let row = transaction
        .query_one(include_str!("../../../sql/queries/units/totals.sql"), &[&run_id])
        .await
        .map_err(RunError::database("units/totals"))?;
    let rows = u64::try_from(row.get::<_, i64>("gold_rows")).unwrap_or_default();
    Ok((rows, usize::try_from(row.get::<_, i64>("rewards")).unwrap_or_default()))
}

/// What a run paid per token.
pub(crate) async fn paid(transaction: &Transaction<'_>, run_id: i64) -> Result<BTreeMap<String, Paid>, RunError> {
    let rows = transaction
        .query(include_str!("../../../sql/queries/units/paid.sql"), &[&run_id])
        .await
        .map_err(RunError::database("units/paid"))?;
    rows.iter()
        .map(|row| {
            let (token, amount): (String, &str) = (row.get("token"), row.get("amount"));
            let amount =
                amount.parse().map_err(|_| RunError::Unreadable { what: "units.paid", value: amount.to_owned() })?;
            Ok((token, Paid { rows: u64::try_from(row.get::<_, i64>("rows")).unwrap_or_default(), amount }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(rewards: &[(&str, u64)]) -> BTreeMap<Day, u64> {
        rewards.iter().map(|(day, rewards)| (day.parse().unwrap(), *rewards)).collect()
    }

    fn spans(units: &[Unit]) -> Vec<String> {
        units.iter().map(|unit| format!("{} {} {}", unit.number, unit.days.first, unit.days.last)).collect()
    }

    #[test]
    fn a_unit_ends_with_its_month_or_when_it_has_enough_work() {
        let month = days(&[("2026-01-30", 1), ("2026-01-31", 1), ("2026-02-01", 1), ("2026-02-05", 1)]);
        assert_eq!(spans(&cut(&month, 512)), ["1 2026-01-30 2026-01-31", "2 2026-02-01 2026-02-05"]);
        let busy = days(&[("2026-01-01", 300), ("2026-01-02", 300), ("2026-01-03", 600), ("2026-01-04", 1)]);
        assert_eq!(
            spans(&cut(&busy, 512)),
            ["1 2026-01-01 2026-01-02", "2 2026-01-03 2026-01-03", "3 2026-01-04 2026-01-04"]
        );
        assert_eq!(cut(&busy, 1).len(), 4);
        assert!(cut(&BTreeMap::new(), 512).is_empty());
    }
}
