//! Record batches to `COPY … FROM STDIN (FORMAT binary)`.

use std::pin::Pin;

use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch,
    TimestampMicrosecondArray, UInt32Array,
};
use arrow::datatypes::{DataType, Date32Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt32Type};
use arrow::error::ArrowError;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use reward_rules::{Dictionary, Id};
use tokio_postgres::{CopyInSink, Transaction};

use crate::CopyError;
use crate::column::{POSTGRES_EPOCH_DAYS, POSTGRES_EPOCH_MICROS};

pub(crate) const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
pub(crate) const TRAILER: i16 = -1;
const NULL: i32 = -1;

/// Bytes handed to the connection at a time.
const BLOCK_BYTES: usize = 256 * 1024;

enum Values<'a> {
    Id(&'a UInt32Array),
    Day(&'a Date32Array),
    Numeric(&'a BinaryArray),
    Int4(&'a Int32Array),
    Int8(&'a Int64Array),
    Bool(&'a BooleanArray),
    Timestamp(&'a TimestampMicrosecondArray),
}

impl<'a> Values<'a> {
    fn of(array: &'a dyn Array) -> Result<Self, CopyError> {
        match array.data_type() {
            DataType::UInt32 => Ok(Self::Id(array.as_primitive::<UInt32Type>())),
            DataType::Date32 => Ok(Self::Day(array.as_primitive::<Date32Type>())),
            DataType::Binary => Ok(Self::Numeric(array.as_binary::<i32>())),
            DataType::Int32 => Ok(Self::Int4(array.as_primitive::<Int32Type>())),
            DataType::Int64 => Ok(Self::Int8(array.as_primitive::<Int64Type>())),
            DataType::Boolean => Ok(Self::Bool(array.as_boolean())),
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                Ok(Self::Timestamp(array.as_primitive::<TimestampMicrosecondType>()))
            }
            other => Err(ArrowError::SchemaError(format!("no COPY encoding for {other}")).into()),
        }
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Id(values) => values.is_null(row),
            Self::Day(values) => values.is_null(row),
            Self::Numeric(values) => values.is_null(row),
            Self::Int4(values) => values.is_null(row),
            Self::Int8(values) => values.is_null(row),
            Self::Bool(values) => values.is_null(row),
            Self::Timestamp(values) => values.is_null(row),
        }
    }

    fn put(&self, row: usize, dictionary: &Dictionary, out: &mut BytesMut) {
        fn put_bytes(bytes: &[u8], out: &mut BytesMut) {
            out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            out.put_slice(bytes);
        }
        if self.is_null(row) {
            out.put_i32(NULL);
            return;
        }
        match self {
            Self::Id(values) => put_bytes(dictionary.text(Id(values.value(row))).as_bytes(), out),
            Self::Day(values) => {
                put_bytes(&values.value(row).saturating_sub(POSTGRES_EPOCH_DAYS).to_be_bytes(), out);
            }
            Self::Numeric(values) => put_bytes(values.value(row), out),
            Self::Int4(values) => put_bytes(&values.value(row).to_be_bytes(), out),
            Self::Int8(values) => put_bytes(&values.value(row).to_be_bytes(), out),
            Self::Bool(values) => put_bytes(&[u8::from(values.value(row))], out),
            Self::Timestamp(values) => {
                put_bytes(&values.value(row).saturating_sub(POSTGRES_EPOCH_MICROS).to_be_bytes(), out);
            }
        }
    }
}

/// Turns record batches into the bytes of a binary COPY: header, rows, trailer.
#[derive(Debug, Default)]
pub struct Encoder {
    out: BytesMut,
    started: bool,
}

impl Encoder {
    /// An encoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An encoder of rows alone, for [`CopyIn::send_encoded`].
    #[must_use]
    pub fn of_rows() -> Self {
        Self { out: BytesMut::new(), started: true }
    }

    /// Appends the rows of a batch.
    ///
    /// # Errors
    /// If the batch has a column type without encoding, or too many columns.
    pub fn append(&mut self, batch: &RecordBatch, dictionary: &Dictionary) -> Result<(), CopyError> {
        self.start();
        let columns: Vec<Values<'_>> =
            batch.columns().iter().map(|array| Values::of(array)).collect::<Result<_, _>>()?;
        let width = i16::try_from(columns.len())
            .map_err(|_| CopyError::from(ArrowError::SchemaError("more columns than COPY has".into())))?;
        for row in 0..batch.num_rows() {
            self.out.put_i16(width);
            for column in &columns {
                column.put(row, dictionary, &mut self.out);
            }
        }
        Ok(())
    }

    /// How many bytes wait to be taken.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// Takes the bytes encoded so far.
    pub fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    /// Ends the stream.
    pub fn finish(&mut self) {
        self.start();
        self.out.put_i16(TRAILER);
    }

    fn start(&mut self) {
        if !self.started {
            self.started = true;
            self.out.put_slice(SIGNATURE);
            self.out.put_i32(0); // flags
            self.out.put_i32(0); // header extension
        }
    }
}

/// A running `COPY … FROM STDIN (FORMAT binary)`.
///
/// Rows land only when [`finish`](Self::finish) succeeds; dropping a `CopyIn` aborts it.
pub struct CopyIn {
    sink: Pin<Box<CopyInSink<Bytes>>>,
    encoder: Encoder,
    bytes: u64,
}

impl std::fmt::Debug for CopyIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyIn").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl CopyIn {
    /// Starts the statement.
    ///
    /// # Errors
    /// If the server refuses it.
    pub async fn start(client: &Transaction<'_>, statement: &str) -> Result<Self, CopyError> {
        let sink = client.copy_in(statement).await?;
        Ok(Self { sink: Box::pin(sink), encoder: Encoder::new(), bytes: 0 })
    }

    /// Sends a batch. Its columns must be those of the statement, in order.
    ///
    /// # Errors
    /// If the connection fails or the batch has a column without encoding.
    pub async fn send(&mut self, batch: &RecordBatch, dictionary: &Dictionary) -> Result<(), CopyError> {
        // Slices keep the encoded block small whatever the size of the batch.
        const ROWS: usize = 4096;
        for from in (0..batch.num_rows()).step_by(ROWS) {
            let slice = batch.slice(from, ROWS.min(batch.num_rows() - from));
            self.encoder.append(&slice, dictionary)?;
            if self.encoder.pending() >= BLOCK_BYTES {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// Sends rows that [`Encoder::of_rows`] made, on whatever thread.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn send_encoded(&mut self, rows: Bytes) -> Result<(), CopyError> {
        self.encoder.start();
        if self.encoder.pending() > 0 {
            self.flush().await?;
        }
        self.bytes += rows.len() as u64;
        Ok(self.sink.send(rows).await?)
    }

    /// Ends the COPY and returns the number of rows that landed.
    ///
    /// # Errors
    /// If the server rejects a row or the connection fails.
    pub async fn finish(mut self) -> Result<u64, CopyError> {
        self.encoder.finish();
        self.flush().await?;
        Ok(self.sink.as_mut().finish().await?)
    }

    /// Bytes encoded so far, sent or about to be.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes + self.encoder.pending() as u64
    }

    async fn flush(&mut self) -> Result<(), CopyError> {
        let block = self.encoder.take();
        self.bytes += block.len() as u64;
        Ok(self.sink.send(block).await?)
    }
}
