//! What is stored: runs, windows, and sums of gold rows, read day by day.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use delta_extractor::Source;
use pg_numeric::Numeric;
use reward_rules::{ActiveDays, Day};
use tokio_postgres::{GenericClient, Transaction};

use super::report::SetAside;
use super::submissions::Run;
use crate::RunError;
use crate::step_rows::StepCursor;

/// The complete runs in the order of their cutoffs, and where the newest one had daily state from.
pub(crate) async fn runs<C: GenericClient>(client: &C) -> Result<(Vec<Run>, Source), RunError> {
    let rows = client
        .query(include_str!("../../../../sql/queries/audit/runs.sql"), &[])
        .await
        .map_err(RunError::database("audit/runs"))?;
    let source = match rows.last().map(|row| row.get::<_, &str>("source")) {
        Some("snapshots") => Source::Snapshots,
        _ => Source::Events,
    };
    let runs = rows.iter().map(|row| Run { id: row.get("id"), cutoff: day(row, "cutoff") }).collect();
    Ok((runs, source))
}

fn day(row: &tokio_postgres::Row, column: &str) -> Day {
    Day::from(row.get::<_, NaiveDate>(column))
}

/// The runs that paid each submission, with the last day each did, in the order of the cutoffs.
pub(super) async fn windows(
    transaction: &Transaction<'_>,
    runs: &[Run],
) -> Result<HashMap<String, Vec<(usize, Day)>>, RunError> {
    let positions: HashMap<i64, usize> = runs.iter().enumerate().map(|(position, run)| (run.id, position)).collect();
    let rows = transaction
        .query(include_str!("../../../../sql/queries/audit/windows.sql"), &[])
        .await
        .map_err(RunError::database("audit/windows"))?;
    let mut windows: HashMap<String, Vec<(usize, Day)>> = HashMap::new();
    for row in &rows {
        if let Some(&run) = positions.get(&row.get("run_id")) {
            windows.entry(row.get("reward_hash")).or_default().push((run, day(row, "last_snapshot")));
        }
    }
    Ok(windows)
}

/// What was put into a submission, and whether its rows disagree.
pub(crate) struct Funded {
    pub(crate) amount: Numeric,
    pub(super) rows_disagree: bool,
}

impl Funded {
    /// Of rows that no submission is behind.
    pub(super) fn nothing() -> Self {
        Self { amount: Numeric::ZERO, rows_disagree: false }
    }
}

/// What was put into every submission.
pub(crate) async fn funded(transaction: &Transaction<'_>) -> Result<HashMap<String, Funded>, RunError> {
    let rows = transaction
        .query(include_str!("../../../../sql/queries/audit/funded.sql"), &[])
        .await
        .map_err(RunError::database("audit/funded"))?;
    rows.iter()
        .map(|row| {
            let funded = Funded { amount: amount(row.get("funded"))?, rows_disagree: row.get("rows_disagree") };
            Ok((row.get("reward_hash"), funded))
        })
        .collect()
}

fn amount(text: &str) -> Result<Numeric, RunError> {
    text.parse().map_err(|_| RunError::Unreadable { what: "amount", value: text.to_owned() })
}

/// Makes `watermarks` and `quarantine` mean what the audit wants until the transaction ends: no submission counts as paid up, and
/// only those are left out that were never paid.
pub(super) async fn shadow(transaction: &Transaction<'_>) -> Result<(), RunError> {
    let shadow = include_str!("../../../../sql/queries/audit/shadow.sql");
    transaction.batch_execute(shadow).await.map_err(RunError::database("audit/shadow"))
}

/// What is in quarantine: the hashes that are left out of the audit, and all of them.
pub(super) async fn set_aside(transaction: &Transaction<'_>) -> Result<(Vec<SetAside>, HashSet<String>), RunError> {
    let rows = transaction
        .query(include_str!("../../../../sql/queries/audit/set_aside.sql"), &[])
        .await
        .map_err(RunError::database("audit/set_aside"))?;
    let all = rows.iter().map(|row| row.get("reward_hash")).collect();
    let never_paid = rows
        .iter()
        .filter(|row| !row.get::<_, bool>("paid"))
        .map(|row| SetAside {
            reward_hash: row.get("reward_hash"),
            source_table: row.get("source_table"),
            reason: row.get("reason"),
        })
        .collect();
    Ok((never_paid, all))
}

/// The days whose rows were dropped on purpose.
pub(super) async fn dropped_days(transaction: &Transaction<'_>) -> Result<Vec<ActiveDays>, RunError> {
    let rows = transaction
        .query(include_str!("../../../../sql/queries/verify/dropped_days.sql"), &[])
        .await
        .map_err(RunError::database("dropped_days"))?;
    Ok(rows
        .iter()
        .map(|row| ActiveDays { first: day(row, "first_snapshot"), last: day(row, "last_snapshot") })
        .collect())
}

/// The day before which silver is complete, if it was ever made from events.
pub(super) async fn silver_cutoff(transaction: &Transaction<'_>) -> Result<Option<Day>, RunError> {
    let row = transaction
        .query_opt(include_str!("../../../../sql/queries/verify/silver_cutoff.sql"), &[])
        .await
        .map_err(RunError::database("silver_cutoff"))?;
    Ok(row.map(|row| day(&row, "cutoff")))
}

/// Rows of gold of a submission and a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) rows: u64,
    pub(super) sum: Numeric,
}

/// Sums of gold, in the order of the days.
pub(super) struct GoldSums(StepCursor);

impl GoldSums {
    /// Those of some submissions, or of all.
    pub(super) async fn open(transaction: &Transaction<'_>, hashes: Option<&[String]>) -> Result<Self, RunError> {
        let statement = include_str!("../../../../sql/queries/audit/gold_sums.sql");
        Ok(Self(StepCursor::open(transaction, "audit/gold_sums", statement, &[&hashes]).await?))
    }

    /// The next day with rows.
    pub(super) async fn peek_day(&mut self, transaction: &Transaction<'_>) -> Result<Option<Day>, RunError> {
        self.0.peek_day(transaction).await
    }

    /// The sums of the next day, by hash and token.
    pub(super) async fn next_day(
        &mut self,
        transaction: &Transaction<'_>,
    ) -> Result<HashMap<(String, String), Stored>, RunError> {
        let Some((_, rows)) = self.0.next_day(transaction).await? else { return Ok(HashMap::new()) };
        rows.into_iter()
            .map(|cells| {
                let [hash, token, rows, sum] = <[String; 4]>::try_from(cells)
                    .map_err(|cells| RunError::Unreadable { what: "gold sums", value: cells.join(",") })?;
                let unreadable = |_| RunError::Unreadable { what: "a number of rows", value: rows.clone() };
                let stored = Stored { rows: rows.parse().map_err(unreadable)?, sum: amount(&sum)? };
                Ok(((hash, token), stored))
            })
            .collect()
    }
}

/// The rows of gold of a submission and a day: earner and amount.
pub(super) async fn gold_rows(
    transaction: &Transaction<'_>,
    hash: &str,
    token: &str,
    day: Day,
) -> Result<Vec<(String, Numeric)>, RunError> {
    let rows = transaction
        .query(include_str!("../../../../sql/queries/audit/gold_rows.sql"), &[&hash, &token, &day.date()])
        .await
        .map_err(RunError::database("audit/gold_rows"))?;
    rows.iter().map(|row| Ok((row.get("earner"), amount(row.get("amount"))?))).collect()
}
