//! `paydirt status`: the runs so far.

use serde::Serialize;
use tokio_postgres::Client;

use crate::migrate::require_current;
use crate::{RunError, Schemas};

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunStatus {
    /// Its number.
    pub id: i64,
    /// The chain.
    pub chain: String,
    /// D, `YYYY-MM-DD`.
    pub cutoff: String,
    /// `processing`, `complete` or `failed`.
    pub status: String,
    /// `native` or `sql`.
    pub engine: String,
    /// `events` or `snapshots`.
    pub source: String,
    /// `compatible` or `strict`.
    pub mode: String,
    /// The version of paydirt that ran it.
    pub version: String,
    /// When it started, UTC.
    pub started_at: String,
    /// How long it took, or has taken so far.
    pub seconds: f64,
    /// Rows it appended to `gold_table`, once complete.
    pub gold_rows: Option<i64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// The runs of a schema, oldest first.
///
/// # Errors
/// If the schema is not up to date or the server refuses.
pub async fn run_statuses(client: &Client, schemas: &Schemas) -> Result<Vec<RunStatus>, RunError> {
    require_current(client, schemas).await?;
    let rows = client
        .query(include_str!("../../../sql/queries/runs/list.sql"), &[])
        .await
        .map_err(RunError::database("list"))?;
    Ok(rows
        .iter()
        .map(|row| RunStatus {
            id: row.get("id"),
            chain: row.get("chain"),
            cutoff: row.get("cutoff"),
            status: row.get("status"),
            engine: row.get("engine"),
            source: row.get("source"),
            mode: row.get("mode"),
            version: row.get("version"),
            started_at: row.get("started_at"),
            seconds: row.get("seconds"),
            gold_rows: row.get("gold_rows"),
            error: row.get("error"),
        })
        .collect())
}

/// One unit of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitStatus {
    /// Its number within the run.
    pub unit: i32,
    /// Its first day, `YYYY-MM-DD`.
    pub first_snapshot: String,
    /// Its last day.
    pub last_snapshot: String,
    /// `pending` or `done`.
    pub status: String,
    /// Rows it wrote, once done.
    pub gold_rows: Option<i64>,
    /// Bytes sent to the server for them; 0 for the SQL engine, which computes there.
    pub bytes: Option<i64>,
    /// How long it took.
    pub seconds: Option<f64>,
    /// Who did it: host and process.
    pub worker: Option<String>,
    /// How often it was tried again.
    pub retries: i32,
    /// How long its session waited for locks of others, sampled twice a second; `None` if it was not watched.
    pub lock_wait_seconds: Option<f64>,
    /// Why the last failed attempt failed, also if a later one succeeded.
    pub error: Option<String>,
}

/// The units of a run, in order; none for runs from before there were units.
///
/// # Errors
/// If there is no such run, the schema is not up to date or the server refuses.
pub async fn unit_statuses(client: &Client, schemas: &Schemas, run_id: i64) -> Result<Vec<UnitStatus>, RunError> {
    require_current(client, schemas).await?;
    let run = client
        .query_opt(include_str!("../../../sql/queries/runs/cutoff_of.sql"), &[&run_id])
        .await
        .map_err(RunError::database("cutoff_of"))?;
    if run.is_none() {
        return Err(RunError::NoSuchRun(run_id));
    }
    let rows = client
        .query(include_str!("../../../sql/queries/units/list.sql"), &[&run_id])
        .await
        .map_err(RunError::database("units/list"))?;
    Ok(rows
        .iter()
        .map(|row| UnitStatus {
            unit: row.get("unit"),
            first_snapshot: row.get("first_snapshot"),
            last_snapshot: row.get("last_snapshot"),
            status: row.get("status"),
            gold_rows: row.get("gold_rows"),
            bytes: row.get("bytes"),
            seconds: row.get("seconds"),
            worker: row.get("worker"),
            retries: row.get("retries"),
            lock_wait_seconds: row.get("lock_wait_seconds"),
            error: row.get("error"),
        })
        .collect())
}
