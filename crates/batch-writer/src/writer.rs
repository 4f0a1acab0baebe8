//! Streams gold rows into their partitions.

use std::sync::Arc;

use arrow::array::{Date32Array, Int64Array, RecordBatch, UInt32Array};
use arrow_copy::{Column, CopyIn, Kind};
use reward_rules::{ActiveDays, Dictionary};
use tokio_postgres::Transaction;

use crate::{Windows, WriteError};

/// What a writer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows appended to `gold_table`.
    pub rows: u64,
    /// Bytes sent to the server for them.
    pub bytes: u64,
}

/// A running COPY into `gold_table`. Dropping it aborts the COPY; see [`CopyIn`].
#[derive(Debug)]
pub struct GoldWriter {
    copy: CopyIn,
    sent: u64,
}

const WINDOW_COLUMNS: [Column; 5] = [
    Column::new("run_id", Kind::Int8),
    Column::new("reward_hash", Kind::Id),
    Column::new("first_snapshot", Kind::Day),
    Column::new("last_snapshot", Kind::Day),
    Column::new("gold_rows", Kind::Int8),
];

impl GoldWriter {
    /// Creates the partitions the days need, then starts the COPY.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn start(client: &Transaction<'_>, days: Option<ActiveDays>) -> Result<Self, WriteError> {
        if let Some(days) = days {
            ensure_partitions(client, days).await?;
        }
        let copy = CopyIn::start(client, include_str!("../../../sql/queries/gold/copy_gold.sql"))
            .await
            .map_err(|source| WriteError::Copy { what: "gold_table", source })?;
        Ok(Self { copy, sent: 0 })
    }

    /// Sends a batch made by [`gold_batch`](crate::gold_batch).
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn write(&mut self, batch: &RecordBatch, dictionary: &Dictionary) -> Result<(), WriteError> {
        self.sent += batch.num_rows() as u64;
        self.copy.send(batch, dictionary).await.map_err(|source| WriteError::Copy { what: "gold_table", source })
    }

    /// Ends the COPY, records the windows of the run and moves the watermarks (design D4).
    ///
    /// # Errors
    /// If the server rejects a row or a statement, or took another number of rows than were sent.
    pub async fn finish(
        self,
        client: &Transaction<'_>,
        run_id: i64,
        windows: &Windows,
        dictionary: &Dictionary,
    ) -> Result<Written, WriteError> {
        let (sent, bytes) = (self.sent, self.copy.bytes());
        let landed = self.copy.finish().await.map_err(|source| WriteError::Copy { what: "gold_table", source })?;
        if landed != sent || sent != windows.rows() {
            return Err(WriteError::RowCount { sent, landed });
        }
        let error = |source| WriteError::Copy { what: "gold_windows", source };
        let batch = window_batch(run_id, windows).map_err(error)?;
        let mut copy =
            CopyIn::start(client, include_str!("../../../sql/queries/gold/copy_windows.sql")).await.map_err(error)?;
        copy.send(&batch, dictionary).await.map_err(error)?;
        copy.finish().await.map_err(error)?;
        advance_watermarks(client, run_id).await?;
        Ok(Written { rows: landed, bytes })
    }
}

/// Creates the partitions of `gold_table` for some days, as far as they are missing (design D7).
///
/// # Errors
/// If the server refuses.
pub async fn ensure_partitions(client: &Transaction<'_>, days: ActiveDays) -> Result<(), WriteError> {
    client
        .query_one(
            include_str!("../../../sql/queries/gold/ensure_partitions.sql"),
            &[&days.first.date(), &days.last.date()],
        )
        .await
        .map_err(|source| WriteError::Database { what: "ensure_partitions", source })?;
    Ok(())
}

/// Moves the watermarks to the last snapshots in the windows of a run (design D4).
///
/// # Errors
/// If the server refuses.
pub async fn advance_watermarks(client: &Transaction<'_>, run_id: i64) -> Result<(), WriteError> {
    client
        .execute(include_str!("../../../sql/queries/gold/advance_watermarks.sql"), &[&run_id])
        .await
        .map_err(|source| WriteError::Database { what: "advance_watermarks", source })?;
    Ok(())
}

fn window_batch(run_id: i64, windows: &Windows) -> Result<RecordBatch, arrow_copy::CopyError> {
    let days = || windows.by_hash.values().map(|(days, _)| days);
    Ok(RecordBatch::try_new(
        Column::schema(&WINDOW_COLUMNS),
        vec![
            Arc::new(Int64Array::from_iter_values(windows.by_hash.keys().map(|_| run_id))),
            Arc::new(UInt32Array::from_iter_values(windows.by_hash.keys().map(|id| id.0))),
            Arc::new(Date32Array::from_iter_values(days().map(|days| days.first.0))),
            Arc::new(Date32Array::from_iter_values(days().map(|days| days.last.0))),
            Arc::new(Int64Array::from_iter_values(
                windows.by_hash.values().map(|(_, rows)| i64::try_from(*rows).unwrap_or(i64::MAX)),
            )),
        ],
    )?)
}
