//! `COPY (…) TO STDOUT (FORMAT binary)` to record batches.

use std::pin::pin;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Int32Builder, Int64Builder, RecordBatch,
    TimestampMicrosecondBuilder, UInt32Builder,
};
use arrow::datatypes::Schema;
use futures_util::TryStreamExt;
use postgres_types::{FromSql, ToSql, Type};
use reward_rules::Dictionary;
use tokio_postgres::{Portal, Transaction};

use crate::column::{POSTGRES_EPOCH_DAYS, POSTGRES_EPOCH_MICROS};
use crate::copy_in::{SIGNATURE, TRAILER};
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

/// Rows on their way into record batches.
struct Rows<'a> {
    columns: &'a [Column],
    schema: Arc<Schema>,
    builders: Vec<Builder>,
    pending: usize,
}

impl<'a> Rows<'a> {
    fn new(columns: &'a [Column]) -> Self {
        let builders = columns.iter().map(|column| Builder::new(column.kind)).collect();
        Self { columns, schema: Column::schema(columns), builders, pending: 0 }
    }

    /// Adds a row whose values `get` yields by position.
    fn push<'r>(
        &mut self,
        get: impl Fn(usize) -> Result<Option<Wire<'r>>, tokio_postgres::Error>,
        dictionary: &mut Dictionary,
    ) -> Result<(), CopyError> {
        for (index, (column, builder)) in self.columns.iter().zip(&mut self.builders).enumerate() {
            builder.push(column.name, get(index)?, dictionary)?;
        }
        self.pending += 1;
        Ok(())
    }

    /// Adds the row that a message of a binary COPY goes on with; false if it is the end of the rows.
    fn push_wire(&mut self, wire: &mut &[u8], dictionary: &mut Dictionary) -> Result<bool, CopyError> {
        let (width, rest) = wire.split_first_chunk().ok_or(CopyError::Stream("a whole row in each message"))?;
        *wire = rest;
        match i16::from_be_bytes(*width) {
            TRAILER => {
                *wire = &[];
                return Ok(false);
            }
            width if usize::try_from(width) == Ok(self.columns.len()) => {}
            _ => return Err(CopyError::Stream("as many columns as declared")),
        }
        for (column, builder) in self.columns.iter().zip(&mut self.builders) {
            builder.push(column.name, field(wire)?, dictionary)?;
        }
        self.pending += 1;
        Ok(true)
    }

    fn take(&mut self) -> Result<RecordBatch, CopyError> {
        self.pending = 0;
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)
    }
}

/// Runs a `COPY (…) TO STDOUT (FORMAT binary)` statement and hands its rows over in order, a batch at a time; not more than
/// one batch is in memory.
///
/// `columns` declares what the statement yields. Texts are interned into `dictionary`.
///
/// # Errors
/// If the statement fails or yields something else than declared, or `each` fails.
pub async fn copy_out_each<E: From<CopyError>>(
    client: &Transaction<'_>,
    statement: &str,
    columns: &[Column],
    dictionary: &mut Dictionary,
    mut each: impl FnMut(&RecordBatch, &Dictionary) -> Result<(), E>,
) -> Result<(), E> {
    let mut stream = pin!(client.copy_out(statement).await.map_err(CopyError::from)?);
    let mut decoder = Decoder::new(columns);
    while let Some(message) = stream.try_next().await.map_err(CopyError::from)? {
        decoder.read(&message, dictionary, &mut each)?;
    }
    decoder.finish(dictionary, &mut each)
}

/// The messages of a binary COPY, in order, on their way into record batches.
pub struct Decoder<'a> {
    rows: Rows<'a>,
    /// Whether the header is still to come.
    header: bool,
}

impl<'a> Decoder<'a> {
    /// `columns` declares what the rows have.
    #[must_use]
    pub fn new(columns: &'a [Column]) -> Self {
        Self { rows: Rows::new(columns), header: true }
    }

    /// Reads a message of whole rows, as the server sends them; hands over the batches that are full.
    ///
    /// # Errors
    /// If it is not what is declared, or `each` fails.
    pub fn read<E: From<CopyError>>(
        &mut self,
        message: &[u8],
        dictionary: &mut Dictionary,
        each: &mut impl FnMut(&RecordBatch, &Dictionary) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut wire = message;
        if std::mem::take(&mut self.header) {
            wire = after_header(wire)?;
        }
        while !wire.is_empty() && self.rows.push_wire(&mut wire, dictionary)? {
            if self.rows.pending == BATCH_ROWS {
                each(&self.rows.take()?, dictionary)?;
            }
        }
        Ok(())
    }

    /// Hands over the rows that are left.
    ///
    /// # Errors
    /// If `each` fails.
    pub fn finish<E: From<CopyError>>(
        mut self,
        dictionary: &Dictionary,
        each: &mut impl FnMut(&RecordBatch, &Dictionary) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.rows.pending > 0 {
            each(&self.rows.take()?, dictionary)?;
        }
        Ok(())
    }
}

/// What follows the header of a binary COPY, which is in one message with its extension.
fn after_header(wire: &[u8]) -> Result<&[u8], CopyError> {
    const FLAGS: usize = 4;
    let extension = SIGNATURE.len() + FLAGS;
    let length = wire.get(extension..extension + 4).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes);
    let rest = length.and_then(|length| wire.get(extension + 4 + length as usize..));
    rest.filter(|_| wire.starts_with(SIGNATURE)).ok_or(CopyError::Stream("a header"))
}

/// The next field of a row, and what follows it; NULL has no bytes.
fn field<'w>(wire: &mut &'w [u8]) -> Result<Option<Wire<'w>>, CopyError> {
    let cut = || CopyError::Stream("a whole row in each message");
    let (length, rest) = wire.split_first_chunk().ok_or_else(cut)?;
    let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
        *wire = rest;
        return Ok(None);
    };
    let (value, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
    *wire = rest;
    Ok(Some(Wire(value)))
}

/// Runs a `COPY (…) TO STDOUT (FORMAT binary)` statement and collects its rows in order.
///
/// # Errors
/// As [`copy_out_each`].
pub async fn copy_out(
    client: &Transaction<'_>,
    statement: &str,
    columns: &[Column],
    dictionary: &mut Dictionary,
) -> Result<Vec<RecordBatch>, CopyError> {
    let mut batches = Vec::new();
    copy_out_each(client, statement, columns, dictionary, |batch, _| {
        batches.push(batch.clone());
        Ok::<(), CopyError>(())
    })
    .await?;
    Ok(batches)
}

/// A query whose rows are fetched batch by batch, so that other statements of the transaction can run in between; a COPY
/// does not allow that.
pub struct Cursor<'a> {
    client: &'a Transaction<'a>,
    portal: Portal,
    columns: &'a [Column],
    exhausted: bool,
}

impl<'a> Cursor<'a> {
    /// Starts the query. `columns` declares what it yields.
    ///
    /// # Errors
    /// If the server refuses it, or it yields something else than declared.
    pub async fn open(
        client: &'a Transaction<'a>,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
        columns: &'a [Column],
    ) -> Result<Self, CopyError> {
        let statement = client.prepare(statement).await?;
        for (column, declared) in statement.columns().iter().zip(columns) {
            let expected = declared.kind.sql_type();
            if *column.type_() != expected {
                let (expected, got) = (expected.to_string(), column.type_().to_string());
                return Err(CopyError::Type { column: declared.name, expected, got });
            }
        }
        let portal = client.bind(&statement, parameters).await?;
        Ok(Self { client, portal, columns, exhausted: false })
    }

    /// The next rows; `None` after the last.
    ///
    /// # Errors
    /// If the server fails.
    pub async fn next(&mut self, dictionary: &mut Dictionary) -> Result<Option<RecordBatch>, CopyError> {
        if self.exhausted {
            return Ok(None);
        }
        let mut rows = Rows::new(self.columns);
        // BATCH_ROWS is far below 2^31.
        let mut stream = pin!(self.client.query_portal_raw(&self.portal, BATCH_ROWS as i32).await?);
        while let Some(row) = stream.try_next().await? {
            rows.push(|index| row.try_get(index), dictionary)?;
        }
        self.exhausted = rows.pending < BATCH_ROWS;
        if rows.pending == 0 { Ok(None) } else { rows.take().map(Some) }
    }
}
