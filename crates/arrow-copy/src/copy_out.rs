//! `COPY (…) TO STDOUT (FORMAT binary)` to record batches.

use std::pin::pin;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Int32Builder, Int64Builder, RecordBatch,
    TimestampMicrosecondBuilder, UInt32Builder,
};
use futures_util::TryStreamExt;
use postgres_types::{FromSql, Type};
use reward_rules::Dictionary;
use tokio_postgres::Transaction;
use tokio_postgres::binary_copy::BinaryCopyOutStream;

use crate::column::{POSTGRES_EPOCH_DAYS, POSTGRES_EPOCH_MICROS};
use crate::{Column, CopyError, Kind};

/// Rows per batch.
const BATCH_ROWS: usize = 16_384;

/// A value's bytes as they are on the wire.
struct Wire<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Wire<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

enum Builder {
    Id(UInt32Builder),
    Day(Date32Builder),
    Numeric(BinaryBuilder),
    Int4(Int32Builder),
    Int8(Int64Builder),
    Bool(BooleanBuilder),
    Timestamp(TimestampMicrosecondBuilder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Id => Self::Id(UInt32Builder::new()),
            Kind::Day => Self::Day(Date32Builder::new()),
            Kind::Numeric => Self::Numeric(BinaryBuilder::new()),
            Kind::Int4 => Self::Int4(Int32Builder::new()),
            Kind::Int8 => Self::Int8(Int64Builder::new()),
            Kind::Bool => Self::Bool(BooleanBuilder::new()),
            Kind::Timestamp => Self::Timestamp(TimestampMicrosecondBuilder::new()),
        }
    }

    fn push(
        &mut self,
        column: &'static str,
        value: Option<Wire<'_>>,
        dictionary: &mut Dictionary,
    ) -> Result<(), CopyError> {
        fn fixed<const N: usize>(
            column: &'static str,
            expected: &'static str,
            bytes: &[u8],
        ) -> Result<[u8; N], CopyError> {
            bytes.try_into().map_err(|_| CopyError::Format { column, expected, got: bytes.len() })
        }
        let Some(Wire(bytes)) = value else {
            match self {
                Self::Id(builder) => builder.append_null(),
                Self::Day(builder) => builder.append_null(),
                Self::Numeric(builder) => builder.append_null(),
                Self::Int4(builder) => builder.append_null(),
                Self::Int8(builder) => builder.append_null(),
                Self::Bool(builder) => builder.append_null(),
                Self::Timestamp(builder) => builder.append_null(),
            }
            return Ok(());
        };
        match self {
            Self::Id(builder) => {
                let text = std::str::from_utf8(bytes).map_err(|_| CopyError::Text { column })?;
                builder.append_value(dictionary.intern(text).0);
            }
            Self::Day(builder) => {
                let days = i32::from_be_bytes(fixed(column, "date", bytes)?);
                builder.append_value(days.saturating_add(POSTGRES_EPOCH_DAYS));
            }
            Self::Numeric(builder) => builder.append_value(bytes),
            Self::Int4(builder) => builder.append_value(i32::from_be_bytes(fixed(column, "integer", bytes)?)),
            Self::Int8(builder) => builder.append_value(i64::from_be_bytes(fixed(column, "bigint", bytes)?)),
            Self::Bool(builder) => builder.append_value(fixed::<1>(column, "boolean", bytes)? != [0]),
            Self::Timestamp(builder) => {
                let micros = i64::from_be_bytes(fixed(column, "timestamp", bytes)?);
                builder.append_value(micros.saturating_add(POSTGRES_EPOCH_MICROS));
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Id(builder) => Arc::new(builder.finish()),
            Self::Day(builder) => Arc::new(builder.finish()),
            Self::Numeric(builder) => Arc::new(builder.finish()),
            Self::Int4(builder) => Arc::new(builder.finish()),
            Self::Int8(builder) => Arc::new(builder.finish()),
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Runs a `COPY (…) TO STDOUT (FORMAT binary)` statement and collects its rows in order.
///
/// `columns` declares what the statement yields. Texts are interned into `dictionary`.
///
/// # Errors
/// If the statement fails, or yields something else than declared.
pub async fn copy_out(
    client: &Transaction<'_>,
    statement: &str,
    columns: &[Column],
    dictionary: &mut Dictionary,
) -> Result<Vec<RecordBatch>, CopyError> {
    let types: Vec<Type> = columns.iter().map(|column| column.kind.sql_type()).collect();
    let schema = Column::schema(columns);
    let stream = client.copy_out(statement).await?;
    let mut rows = pin!(BinaryCopyOutStream::new(stream, &types));
    let mut builders: Vec<Builder> = columns.iter().map(|column| Builder::new(column.kind)).collect();
    let mut batches = Vec::new();
    let mut pending = 0;
    let mut flush = |builders: &mut Vec<Builder>| -> Result<(), CopyError> {
        let arrays = builders.iter_mut().map(Builder::finish).collect();
        batches.push(RecordBatch::try_new(Arc::clone(&schema), arrays)?);
        Ok(())
    };
    while let Some(row) = rows.try_next().await? {
        for (index, (column, builder)) in columns.iter().zip(&mut builders).enumerate() {
            builder.push(column.name, row.try_get(index)?, dictionary)?;
        }
        pending += 1;
        if pending == BATCH_ROWS {
            flush(&mut builders)?;
            pending = 0;
        }
    }
    if pending > 0 {
        flush(&mut builders)?;
    }
    Ok(batches)
}
