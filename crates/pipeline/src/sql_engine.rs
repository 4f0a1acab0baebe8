//! `--engine sql`: gold computed by the plain-SQL restatement of the rules instead of by [`reward_rules`] (design D9).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use delta_extractor::Source;
use reward_rules::{ActiveDays, Day, Step};
use sql_oracle::DailyState;
use tokio_postgres::Transaction;

use crate::compute::StepTable;
use crate::ledger::UnitDone;
use crate::step_rows::StepCursor;
use crate::sweep::Question;
use crate::{Event, Observer, Paid, RunError, Schemas};

/// Fills the oracle's temp tables, from the watermarks and the quarantine of the own schema as they are now.
///
/// Leaves the search path with the own schema first.
pub(crate) async fn compute(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    question: Question,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    let Question { chain, cutoff, source, .. } = question;
    let error = |source| RunError::Oracle { cutoff, source };
    sql_oracle::prepare(transaction, chain.name(), cutoff.date()).await.map_err(error)?;
    schemas.source_first(transaction).await.map_err(RunError::database("set_search_path"))?;
    let daily_state = match source {
        Source::Events => DailyState::Events,
        Source::Snapshots => DailyState::Tables,
    };
    let done = |file| observer.event(Event::OracleFile { file, of: sql_oracle::file_count() });
    sql_oracle::compute(transaction, daily_state, done).await.map_err(error)?;
    schemas.own_first(transaction).await.map_err(RunError::database("set_search_path"))
}

/// Appends what the oracle computed to `gold_rows`, with windows and watermarks.
pub(crate) async fn append(transaction: &Transaction<'_>, cutoff: Day, run_id: i64) -> Result<UnitDone, RunError> {
    let database = RunError::database;
    let write = |source| RunError::Write { cutoff, source };
    let days = transaction
        .query_one(include_str!("../../../sql/queries/oracle/days.sql"), &[])
        .await
        .map_err(database("oracle/days"))?;
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) = (days.get("first_snapshot"), days.get("last_snapshot"));
    if let (Some(first), Some(last)) = (first, last) {
        let days = ActiveDays { first: Day::from(first), last: Day::from(last) };
        batch_writer::ensure_partitions(transaction, days).await.map_err(write)?;
    }
    let earners = transaction
        .query_one(include_str!("../../../sql/queries/oracle/earners.sql"), &[])
        .await
        .map_err(database("oracle/earners"))?;
    batch_writer::add_earners(transaction, &earners.get::<_, Vec<&str>>("addresses")).await.map_err(write)?;
    let rewards = transaction
        .query(include_str!("../../../sql/queries/oracle/rewards.sql"), &[])
        .await
        .map_err(database("oracle/rewards"))?;
    let texts = |column| -> Vec<&str> { rewards.iter().map(|row| row.get(column)).collect() };
    batch_writer::add_rewards(transaction, &texts("reward_hash"), &texts("token")).await.map_err(write)?;
    let rows = transaction
        .execute(
            include_str!("../../../sql/queries/oracle/append_gold.sql"),
            &[&i32::try_from(run_id).map_err(|_| RunError::TooManyRuns(run_id))?],
        )
        .await
        .map_err(database("oracle/append_gold"))?;
    transaction
        .execute(include_str!("../../../sql/queries/oracle/append_windows.sql"), &[&run_id])
        .await
        .map_err(database("oracle/append_windows"))?;
    batch_writer::advance_watermarks(transaction, run_id).await.map_err(write)?;
    let mut paid = BTreeMap::new();
    let tokens = transaction
        .query(include_str!("../../../sql/queries/oracle/paid.sql"), &[])
        .await
        .map_err(database("oracle/paid"))?;
    for row in tokens {
        let amount: &str = row.get("amount");
        let amount =
            amount.parse().map_err(|_| RunError::Unreadable { what: "a sum of amounts", value: amount.to_owned() })?;
        let rows = u64::try_from(row.get::<_, i64>("rows")).unwrap_or_default();
        paid.insert(row.get("token"), Paid { rows, amount });
    }
    Ok(UnitDone { rows, paid, ..UnitDone::default() })
}

/// The rows of every step as text, all in memory.
pub(crate) async fn steps(transaction: &Transaction<'_>) -> Result<BTreeMap<Step, StepTable>, RunError> {
    let mut steps = BTreeMap::new();
    for step in Step::ALL {
        let mut cursor = StepCursor::of_oracle(transaction, step).await?;
        let mut table = StepTable { columns: reward_rules::step_columns(step).to_vec(), rows: Vec::new() };
        while let Some((_, rows)) = cursor.next_day(transaction).await? {
            table.rows.extend(rows);
        }
        steps.insert(step, table);
    }
    Ok(steps)
}
