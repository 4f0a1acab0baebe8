//! Cumulative amounts that runs keep up to date (`gold_balances`, migration 0011), so that the newest root needs no scan.
//!
//! A run's rows are included after it is complete. Usually the process that runs has all sums in memory ([`Cumulative`]), and writes
//! them in place of the balances when reading those, and the rows that are not in them, has become more work than writing. What it does not
//! know - another process, an earlier attempt or the other engine has written rows - is included in one pass over the rows, once there
//! are [`BALANCE_ROWS`]. Nothing depends on it: what is not included is summed by the reader, and a run that fails to include rows
//! leaves them to the next.

use std::collections::HashMap;

use arrow_copy::{CopyError, CopyIn};
use chrono::NaiveDate;
use reward_rules::Dictionary;
use tokio_postgres::{Client, GenericClient};

use crate::error::error_chain;
use crate::roots::{Cumulative, stored_rows, tokens};
use crate::run::begin;
use crate::{RootError, RunError};

/// How many rows of complete runs may be left for readers to sum up: a second or two for them, beside the seconds that a million
/// pairs take.
pub const BALANCE_ROWS: u64 = 5_000_000;

/// Rows are replaced by their sums when so many times as many were appended since the last time. Less makes runs do it more
/// often, more makes readers sum up more.
const COMPACT_TIMES: i64 = 2;

/// Complete runs that are not in the balances.
pub(crate) struct Pending {
    pub(crate) run_ids: Vec<i32>,
    /// The days they wrote; `None` if they wrote none.
    pub(crate) first: Option<NaiveDate>,
    pub(crate) last: Option<NaiveDate>,
    pub(crate) gold_rows: u64,
}

/// The runs that are not in the balances, but for one that may be among them, at this moment of the session's transaction.
///
/// # Errors
/// If the server refuses.
pub(crate) async fn pending<C: GenericClient>(client: &C, but_for: Option<i64>) -> Result<Pending, RunError> {
    let row = client
        .query_one(include_str!("../../../sql/queries/balances/pending.sql"), &[&but_for.unwrap_or_default()])
        .await
        .map_err(RunError::database("balances/pending"))?;
    Ok(Pending {
        run_ids: row.get("run_ids"),
        first: row.get("first_snapshot"),
        last: row.get("last_snapshot"),
        gold_rows: u64::try_from(row.get::<_, i64>("gold_rows")).unwrap_or_default(),
    })
}

/// Includes complete runs in the balances if they have at least so many rows, or if it pays. They are complete before this is
/// called: an error is only logged, and the next run tries again.
pub(crate) async fn balance(client: &mut Client, rows: Option<u64>, cumulative: Option<&Cumulative>) {
    let included = match cumulative.filter(|cumulative| cumulative.is_known()) {
        Some(cumulative) => replace(client, rows, cumulative).await,
        None => include(client, rows.unwrap_or(BALANCE_ROWS)).await.map_err(RootError::from),
    };
    match included {
        Ok(0) => {}
        Ok(runs) => tracing::debug!(runs, "included in the balances"),
        Err(error) => {
            tracing::warn!(error = error_chain(&error), "runs are not in the balances yet; the next run includes them");
        }
    }
}

/// Replaces the balances by what is in memory, if it is time and nobody else has changed them; gives how many runs this included.
async fn replace(client: &mut Client, rows: Option<u64>, cumulative: &Cumulative) -> Result<usize, RootError> {
    let Some((run_ids, rows_then)) = cumulative.due(rows) else { return Ok(0) };
    let transaction = begin(client).await?;
    transaction
        .execute(include_str!("../../../sql/queries/balances/add_tokens.sql"), &[])
        .await
        .map_err(RunError::database("balances/add_tokens"))?;
    let numbers: HashMap<String, i32> = tokens(&transaction).await?;
    let copy_error = |source: CopyError| RootError::Copy { what: "balances/copy", source };
    // Nobody else writes while this process has the lock; should it have lost it, others may have.
    let known = pending(&transaction, None).await?.run_ids == run_ids && stored_rows(&transaction).await? == rows_then;
    let replacement = if known { cumulative.replacement(&numbers).map_err(copy_error)? } else { None };
    let Some(replacement) = replacement else {
        transaction.rollback().await.map_err(RunError::database("rollback"))?;
        return Ok(0);
    };
    transaction
        .execute(include_str!("../../../sql/queries/balances/clear.sql"), &[])
        .await
        .map_err(RunError::database("balances/clear"))?;
    let copy = include_str!("../../../sql/queries/balances/copy.sql");
    let mut copy = CopyIn::start(&transaction, copy).await.map_err(copy_error)?;
    for batch in &replacement.batches {
        copy.send(batch, &Dictionary::new()).await.map_err(copy_error)?;
    }
    copy.finish().await.map_err(copy_error)?;
    let count = i64::try_from(replacement.rows).unwrap_or(i64::MAX);
    transaction
        .execute(include_str!("../../../sql/queries/balances/replaced.sql"), &[&run_ids, &count])
        .await
        .map_err(RunError::database("balances/replaced"))?;
    transaction.commit().await.map_err(RunError::database("commit"))?;
    cumulative.replaced(replacement.rows);
    let vacuum = include_str!("../../../sql/queries/balances/vacuum.sql");
    if let Err(error) = client.batch_execute(vacuum).await {
        tracing::debug!(error = error_chain(&error), "the rows that were replaced take room until autovacuum comes");
    }
    Ok(run_ids.len())
}

/// Includes complete runs in one pass over their rows, if they have at least so many.
async fn include(client: &mut Client, least_rows: u64) -> Result<usize, RunError> {
    let transaction = begin(client).await?;
    let Pending { run_ids, first, last, gold_rows } = pending(&transaction, None).await?;
    if run_ids.is_empty() || gold_rows < least_rows {
        transaction.rollback().await.map_err(RunError::database("rollback"))?;
        return Ok(0);
    }
    transaction
        .execute(include_str!("../../../sql/queries/balances/add_tokens.sql"), &[])
        .await
        .map_err(RunError::database("balances/add_tokens"))?;
    transaction
        .execute(include_str!("../../../sql/queries/balances/append.sql"), &[&run_ids, &first, &last])
        .await
        .map_err(RunError::database("balances/append"))?;
    transaction
        .execute(include_str!("../../../sql/queries/balances/compact.sql"), &[&COMPACT_TIMES])
        .await
        .map_err(RunError::database("balances/compact"))?;
    transaction.commit().await.map_err(RunError::database("commit"))?;
    Ok(run_ids.len())
}
