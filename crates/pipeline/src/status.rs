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
            version: row.get("version"),
            started_at: row.get("started_at"),
            seconds: row.get("seconds"),
            gold_rows: row.get("gold_rows"),
            error: row.get("error"),
        })
        .collect())
}
