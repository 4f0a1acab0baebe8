//! Gold rows as Arrow batches.

use std::sync::Arc;

use arrow::array::{BinaryBuilder, Date32Array, Int32Array, RecordBatch, UInt32Array};
use arrow_copy::{Column, CopyError, Encoder, Kind};
use bytes::Bytes;
use reward_rules::{Dictionary, GoldRow};

pub(crate) const GOLD_COLUMNS: [Column; 6] = [
    Column::new("earner", Kind::Id),
    Column::new("snapshot", Kind::Day),
    Column::new("reward_hash", Kind::Id),
    Column::new("token", Kind::Id),
    Column::new("amount", Kind::Numeric),
    Column::new("run_id", Kind::Int4),
];

/// Rows of one message between computing and writing; at most one is on its way.
pub const PIECE_ROWS: usize = 16_384;

/// The rows as they are sent, with the columns of `gold_rows`.
///
/// # Errors
/// As [`gold_batch`].
pub fn encode_gold(rows: &[GoldRow], run_id: i32, dictionary: &Dictionary) -> Result<Bytes, CopyError> {
    let mut encoder = Encoder::of_rows();
    encoder.append(&gold_batch(rows, run_id)?, dictionary)?;
    Ok(encoder.take())
}

/// The rows as a batch with the columns of `gold_rows`, as written by a run.
///
/// # Errors
/// Never for rows of a run; Arrow refuses batches of more than 2^31 bytes of amounts.
pub fn gold_batch(rows: &[GoldRow], run_id: i32) -> Result<RecordBatch, CopyError> {
    let ids = |id: fn(&GoldRow) -> u32| Arc::new(UInt32Array::from_iter_values(rows.iter().map(id)));
    let mut amounts = BinaryBuilder::with_capacity(rows.len(), rows.len() * 24);
    let mut wire = Vec::with_capacity(64);
    for row in rows {
        wire.clear();
        row.amount.write_wire(&mut wire);
        amounts.append_value(&wire);
    }
    Ok(RecordBatch::try_new(
        Column::schema(&GOLD_COLUMNS),
        vec![
            ids(|row| row.earner.0),
            Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.snapshot.0))),
            ids(|row| row.reward_hash.0),
            ids(|row| row.token.0),
            Arc::new(amounts.finish()),
            Arc::new(Int32Array::from_value(run_id, rows.len())),
        ],
    )?)
}
