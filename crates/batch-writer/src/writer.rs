//! Streams gold rows into their partitions.

use arrow_copy::CopyIn;
use bytes::Bytes;
use reward_rules::{ActiveDays, Day, Dictionary};
use tokio_postgres::Transaction;

use crate::{Windows, WriteError};

/// What a writer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows appended to `gold_rows`.
    pub rows: u64,
    /// Bytes sent to the server for them.
    pub bytes: u64,
}

/// A running COPY into `gold_rows`. Dropping it aborts the COPY; see [`CopyIn`].
#[derive(Debug)]
pub struct GoldWriter {
    copy: CopyIn,
    sent: u64,
}

impl GoldWriter {
    /// Creates the partition the days need, then starts the COPY into it. They are of one month.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn start(client: &Transaction<'_>, days: ActiveDays) -> Result<Self, WriteError> {
        ensure_partitions(client, days).await?;
        let row = client
            .query_one(include_str!("../../../sql/queries/gold/copy_gold.sql"), &[&days.first.date()])
            .await
            .map_err(|source| WriteError::Database { what: "gold/copy_gold", source })?;
        let copy = CopyIn::start(client, row.get("copy"))
            .await
            .map_err(|source| WriteError::Copy { what: "gold_rows", source })?;
        Ok(Self { copy, sent: 0 })
    }

    /// Sends rows made by [`encode_gold`](crate::encode_gold).
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn write(&mut self, encoded: Bytes, rows: u64) -> Result<(), WriteError> {
        self.sent += rows;
        self.copy.send_encoded(encoded).await.map_err(|source| WriteError::Copy { what: "gold_rows", source })
    }

    /// Ends the COPY.
    ///
    /// # Errors
    /// If the server rejects a row, or took another number of rows than were sent.
    pub async fn finish(self) -> Result<Written, WriteError> {
        let (sent, bytes) = (self.sent, self.copy.bytes());
        let landed = self.copy.finish().await.map_err(|source| WriteError::Copy { what: "gold_rows", source })?;
        if landed != sent {
            return Err(WriteError::RowCount { sent, landed });
        }
        Ok(Written { rows: landed, bytes })
    }
}

/// Widens the windows of a run by what a batch wrote and moves the watermarks (design D4). Once per transaction, at its end:
/// other workers on the same run wait for it.
///
/// # Errors
/// If the server refuses.
pub async fn record_windows(
    client: &Transaction<'_>,
    run_id: i64,
    windows: &Windows,
    dictionary: &Dictionary,
) -> Result<(), WriteError> {
    widen_windows(client, run_id, windows, dictionary).await?;
    advance_watermarks(client, run_id).await
}

/// Creates the partitions of `gold_rows` for some days, as far as they are missing (design D7).
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

async fn widen_windows(
    client: &Transaction<'_>,
    run_id: i64,
    windows: &Windows,
    dictionary: &Dictionary,
) -> Result<(), WriteError> {
    // By hash: workers on different units of a run touch the same rows, and must do so in the same order.
    let mut by_hash: Vec<_> =
        windows.by_hash.iter().map(|(&id, (days, rows))| (dictionary.text(id), days, rows)).collect();
    by_hash.sort_unstable_by_key(|(hash, _, _)| *hash);
    let hashes: Vec<&str> = by_hash.iter().map(|(hash, _, _)| *hash).collect();
    let days = |day: fn(&ActiveDays) -> Day| -> Vec<_> { by_hash.iter().map(|(_, d, _)| day(d).date()).collect() };
    let rows: Vec<i64> = by_hash.iter().map(|(_, _, rows)| i64::try_from(**rows).unwrap_or(i64::MAX)).collect();
    client
        .execute(
            include_str!("../../../sql/queries/gold/widen_windows.sql"),
            &[&run_id, &hashes, &days(|days| days.first), &days(|days| days.last), &rows],
        )
        .await
        .map_err(|source| WriteError::Database { what: "widen_windows", source })?;
    Ok(())
}
