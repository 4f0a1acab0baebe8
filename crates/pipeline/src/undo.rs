//! `paydirt undo`: removes exactly what runs wrote, newest first, and puts watermarks and silver back.

use chrono::NaiveDate;
use memory_budget::Budget;
use reward_rules::{Chain, Day};
use serde::Serialize;
use tokio_postgres::{Client, Transaction};

use crate::job::refresh;
use crate::lock::with_lock;
use crate::migrate::require_current;
use crate::run::begin;
use crate::{Event, Observer, RunError, Schemas, Sessions};

/// Which runs to undo. Later runs build on the watermarks of earlier ones, so it is always the newest ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoTarget {
    /// This run, which has to be the newest.
    Run(i64),
    /// Every run with this cutoff or a later one.
    FromCutoff(Day),
    /// Every run that has read this block or a later one: those with a cutoff after the block's day.
    FromBlock(i64),
}

/// A run that is or would be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoneRun {
    /// Its number.
    pub id: i64,
    /// D, `YYYY-MM-DD`.
    pub cutoff: String,
    /// Its status.
    pub status: String,
    /// Gold rows it wrote.
    pub gold_rows: i64,
    /// Submissions it paid.
    pub rewards: i64,
    /// The first day it paid, `YYYY-MM-DD`; retroactive ones may be in old partitions.
    pub first_snapshot: Option<String>,
    /// The last day it paid.
    pub last_snapshot: Option<String>,
}

/// The runs that [`undo`] would remove, newest first. Changes nothing.
///
/// # Errors
/// If there is no such run or block, or a newer run builds on it.
pub async fn undo_plan(client: &Client, schemas: &Schemas, target: UndoTarget) -> Result<Vec<UndoneRun>, RunError> {
    require_current(client, schemas).await?;
    match first_cutoff(client, target).await? {
        Some(cutoff) => runs_from(client, cutoff).await,
        None => Ok(Vec::new()),
    }
}

/// Removes the runs with their rows, windows and units, puts the watermarks back to what other runs paid, and silver to
/// the newest run that is left, in one transaction. The same cutoffs can be run again and give the same gold.
///
/// What those runs had set aside counts again. A run that is in progress is not undone: it is refused.
///
/// # Errors
/// As [`undo_plan`], or if another process works on the schema.
pub async fn undo(
    client: &mut Client,
    schemas: &Schemas,
    sessions: Option<&Sessions>,
    target: UndoTarget,
    observer: &dyn Observer,
) -> Result<Vec<UndoneRun>, RunError> {
    require_current(client, schemas).await?;
    with_lock(client, schemas, sessions, "undo", async |client, _| undo_locked(client, target, observer).await).await
}

async fn undo_locked(
    client: &mut Client,
    target: UndoTarget,
    observer: &dyn Observer,
) -> Result<Vec<UndoneRun>, RunError> {
    let Some(cutoff) = first_cutoff(client, target).await? else { return Ok(Vec::new()) };
    let runs = runs_from(client, cutoff).await?;
    if runs.is_empty() {
        return Ok(runs);
    }
    let transaction = begin(client).await?;
    for run in &runs {
        transaction
            .query_one(include_str!("../../../sql/queries/runs/remove.sql"), &[&run.id])
            .await
            .map_err(RunError::database("runs/remove"))?;
        let rows = u64::try_from(run.gold_rows).unwrap_or_default();
        observer.event(Event::Undone { cutoff: run.cutoff.clone(), rows });
    }
    transaction
        .execute(include_str!("../../../sql/queries/runs/unquarantine.sql"), &[&cutoff.date()])
        .await
        .map_err(RunError::database("unquarantine"))?;
    rewind_silver(&transaction, observer).await?;
    transaction.commit().await.map_err(RunError::database("commit"))?;
    Ok(runs)
}

/// Silver as the newest run that is left had it.
async fn rewind_silver(transaction: &Transaction<'_>, observer: &dyn Observer) -> Result<(), RunError> {
    let newest = transaction
        .query_opt(include_str!("../../../sql/queries/runs/newest_silver.sql"), &[])
        .await
        .map_err(RunError::database("newest_silver"))?;
    let Some(row) = newest else {
        let forget = include_str!("../../../sql/queries/silver/forget.sql");
        return transaction.batch_execute(forget).await.map_err(RunError::database("silver/forget"));
    };
    let (chain, cutoff): (&str, NaiveDate) = (row.get("chain"), row.get("cutoff"));
    let chain: Chain =
        chain.parse().map_err(|_| RunError::Unreadable { what: "runs.chain", value: chain.to_owned() })?;
    refresh(transaction, chain, Day::from(cutoff), None, &Budget::default(), observer).await?;
    Ok(())
}

/// The first cutoff whose run goes; `None` if no run has read that far.
async fn first_cutoff(client: &Client, target: UndoTarget) -> Result<Option<Day>, RunError> {
    match target {
        UndoTarget::FromCutoff(cutoff) => Ok(Some(cutoff)),
        UndoTarget::Run(id) => {
            let row = client
                .query_opt(include_str!("../../../sql/queries/runs/cutoff_of.sql"), &[&id])
                .await
                .map_err(RunError::database("cutoff_of"))?;
            let Some(row) = row else { return Err(RunError::NoSuchRun(id)) };
            let cutoff = Day::from(row.get::<_, NaiveDate>("cutoff"));
            match row.get::<_, i64>("newer") {
                0 => Ok(Some(cutoff)),
                newer => Err(RunError::NotTheNewest { id, cutoff, newer }),
            }
        }
        UndoTarget::FromBlock(number) => {
            let row = client
                .query_opt(include_str!("../../../sql/queries/runs/block_day.sql"), &[&number])
                .await
                .map_err(RunError::database("block_day"))?;
            // Events of a day count for cutoffs after it.
            Ok(row.map(|row| Day::from(row.get::<_, NaiveDate>("day")).next()))
        }
    }
}

async fn runs_from(client: &Client, cutoff: Day) -> Result<Vec<UndoneRun>, RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/runs/undoable.sql"), &[&cutoff.date()])
        .await
        .map_err(RunError::database("undoable"))?;
    Ok(rows
        .iter()
        .map(|row| UndoneRun {
            id: row.get("id"),
            cutoff: row.get("cutoff"),
            status: row.get("status"),
            gold_rows: row.get("gold_rows"),
            rewards: row.get("rewards"),
            first_snapshot: row.get("first_snapshot"),
            last_snapshot: row.get("last_snapshot"),
        })
        .collect())
}
