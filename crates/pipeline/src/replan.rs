//! A run that is complete, planned again as it was.

use chrono::NaiveDate;
use delta_extractor::Source;
use memory_budget::Budget;
use reward_rules::Day;
use tokio_postgres::Transaction;

use crate::run::require_daily_tables;
use crate::sweep::{Planned, Question, Sweep};
use crate::{RunError, Schemas, Silent};

/// The watermarks that the run for a cutoff found: hashes, and the last day of each.
///
/// # Errors
/// If the server refuses.
pub(crate) async fn watermarks_before(
    transaction: &Transaction<'_>,
    cutoff: Day,
) -> Result<(Vec<String>, Vec<NaiveDate>), RunError> {
    let rows = transaction
        .query(include_str!("../../../sql/queries/verify/watermarks_before.sql"), &[&cutoff.date()])
        .await
        .map_err(RunError::database("watermarks_before"))?;
    Ok(rows.iter().map(|row| (row.get::<_, String>("reward_hash"), row.get::<_, NaiveDate>("last_snapshot"))).unzip())
}

/// Plans a run with the watermarks that it found, and with these hashes in quarantine; all submissions, or only some. Live tables
/// are hidden from the statements that plan meanwhile.
///
/// # Errors
/// If daily tables are missing that the run read, memory does not suffice, or the server refuses.
pub(crate) async fn replan(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    question: Question,
    set_aside: &[&str],
    only: Option<&[&str]>,
    budget: &Budget,
) -> Result<(Sweep, Planned), RunError> {
    let (database, cutoff) = (RunError::database, question.cutoff);
    if question.source == Source::Snapshots {
        require_daily_tables(transaction, schemas).await?;
    }
    let (hashes, days) = watermarks_before(transaction, cutoff).await?;
    let shadow = include_str!("../../../sql/queries/explain/shadow.sql");
    transaction.batch_execute(shadow).await.map_err(database("explain/shadow"))?;
    transaction
        .execute(include_str!("../../../sql/queries/explain/fill_watermarks.sql"), &[&hashes, &days])
        .await
        .map_err(database("explain/fill_watermarks"))?;
    transaction
        .execute(include_str!("../../../sql/queries/explain/fill_quarantine.sql"), &[&set_aside])
        .await
        .map_err(database("explain/fill_quarantine"))?;
    let mut sweep = Sweep::read(transaction, question, None, budget).await?;
    if let Some(hashes) = only {
        sweep.keep(hashes);
    }
    let planned = sweep.plan(transaction, schemas, cutoff, None, &Silent).await?;
    let unshadow = include_str!("../../../sql/queries/explain/unshadow.sql");
    transaction.batch_execute(unshadow).await.map_err(database("explain/unshadow"))?;
    Ok((sweep, planned))
}
