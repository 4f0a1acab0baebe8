//! Cumulative amounts that runs keep up to date (`gold_balances`, migration 0011), so that the newest root needs no scan.
//!
//! A run's rows are included after it is complete, in one pass over them. That is put off until some runs have come together: many
//! small runs cost one pass, and whoever reads sums up the rest. A run that writes most of the rows itself leaves them to the next one,
//! up to [`BALANCE_ROWS`]. Nothing depends on it: what is not included is summed by the reader, and a run that fails to include rows
//! leaves them to the next.

use chrono::NaiveDate;
use tokio_postgres::{Client, GenericClient};

use crate::RunError;
use crate::error::error_chain;
use crate::manifest::ROOT_ROWS;
use crate::run::begin;

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

/// The runs that are not in the balances, at this moment of the session's transaction.
///
/// # Errors
/// If the server refuses.
pub(crate) async fn pending<C: GenericClient>(client: &C) -> Result<Pending, RunError> {
    let row = client
        .query_one(include_str!("../../../sql/queries/balances/pending.sql"), &[])
        .await
        .map_err(RunError::database("balances/pending"))?;
    Ok(Pending {
        run_ids: row.get("run_ids"),
        first: row.get("first_snapshot"),
        last: row.get("last_snapshot"),
        gold_rows: u64::try_from(row.get::<_, i64>("gold_rows")).unwrap_or_default(),
    })
}

/// Includes complete runs in the balances if they have at least so many rows, or stand in the way of a root of few rows, are few
/// themselves, and were mostly not written just now (`own_rows`). They are complete before this is called: an error is only logged, and the next run
/// tries again.
pub(crate) async fn balance(client: &mut Client, least_rows: u64, own_rows: u64) {
    match include(client, least_rows, own_rows).await {
        Ok(0) => {}
        Ok(runs) => tracing::debug!(runs, "included in the balances"),
        Err(error) => {
            tracing::warn!(error = error_chain(&error), "runs are not in the balances yet; the next run includes them");
        }
    }
}

async fn include(client: &mut Client, least_rows: u64, own_rows: u64) -> Result<usize, RunError> {
    let transaction = begin(client).await?;
    let Pending { run_ids, first, last, gold_rows } = pending(&transaction).await?;
    let in_the_way = (ROOT_ROWS / 2..=2 * ROOT_ROWS).contains(&gold_rows) && own_rows < gold_rows / 2;
    if run_ids.is_empty() || (gold_rows < least_rows && !in_the_way) {
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
