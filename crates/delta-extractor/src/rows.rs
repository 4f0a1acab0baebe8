//! Typed access to the columns of a record batch.

use arrow::array::{Array, AsArray, BinaryArray, BooleanArray, PrimitiveArray, RecordBatch};
use arrow::datatypes::{ArrowPrimitiveType, Date32Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt32Type};
use chrono::{DateTime, NaiveDateTime};
use pg_numeric::Numeric;
use reward_rules::{Day, Dictionary, Id};

use crate::ExtractError;

/// The columns of one batch by position, with errors that name the relation and the column.
pub(crate) struct Columns<'a> {
    relation: &'static str,
    batch: &'a RecordBatch,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(relation: &'static str, batch: &'a RecordBatch) -> Self {
        Self { relation, batch }
    }

    pub(crate) fn rows(&self) -> std::ops::Range<usize> {
        0..self.batch.num_rows()
    }

    pub(crate) fn id(&self, column: usize, row: usize) -> Result<Id, ExtractError> {
        Ok(Id(self.primitive::<UInt32Type>(column, row)?))
    }

    pub(crate) fn day(&self, column: usize, row: usize) -> Result<Day, ExtractError> {
        Ok(Day(self.primitive::<Date32Type>(column, row)?))
    }

    pub(crate) fn optional_day(&self, column: usize, row: usize) -> Result<Option<Day>, ExtractError> {
        if self.batch.column(column).is_null(row) { Ok(None) } else { self.day(column, row).map(Some) }
    }

    pub(crate) fn int4(&self, column: usize, row: usize) -> Result<i32, ExtractError> {
        self.primitive::<Int32Type>(column, row)
    }

    pub(crate) fn int8(&self, column: usize, row: usize) -> Result<i64, ExtractError> {
        self.primitive::<Int64Type>(column, row)
    }

    pub(crate) fn boolean(&self, column: usize, row: usize) -> Result<bool, ExtractError> {
        let values: &BooleanArray = self.batch.column(column).as_boolean();
        if values.is_null(row) { Err(self.null(column)) } else { Ok(values.value(row)) }
    }

    /// The wire bytes of a NUMERIC.
    pub(crate) fn bytes(&self, column: usize, row: usize) -> Result<&'a [u8], ExtractError> {
        let values: &BinaryArray = self.batch.column(column).as_binary::<i32>();
        if values.is_null(row) { Err(self.null(column)) } else { Ok(values.value(row)) }
    }

    pub(crate) fn numeric(&self, column: usize, row: usize) -> Result<Numeric, ExtractError> {
        Numeric::read_wire(self.bytes(column, row)?).map_err(|error| ExtractError::Value {
            relation: self.relation,
            reason: format!("column {}: {error}", self.name(column)),
        })
    }

    pub(crate) fn timestamp(&self, column: usize, row: usize) -> Result<NaiveDateTime, ExtractError> {
        let micros = self.primitive::<TimestampMicrosecondType>(column, row)?;
        DateTime::from_timestamp_micros(micros).map(|instant| instant.naive_utc()).ok_or_else(|| ExtractError::Value {
            relation: self.relation,
            reason: format!("column {}: {micros} µs since 1970 is not a date", self.name(column)),
        })
    }

    /// A text column parsed into a closed set of values.
    pub(crate) fn parsed<T: std::str::FromStr>(
        &self,
        column: usize,
        row: usize,
        dictionary: &Dictionary,
    ) -> Result<T, ExtractError> {
        let text = dictionary.text(self.id(column, row)?);
        text.parse().map_err(|_| ExtractError::Value {
            relation: self.relation,
            reason: format!("column {}: unknown value '{text}'", self.name(column)),
        })
    }

    fn primitive<T: ArrowPrimitiveType>(&self, column: usize, row: usize) -> Result<T::Native, ExtractError> {
        let values: &PrimitiveArray<T> = self.batch.column(column).as_primitive();
        if values.is_null(row) { Err(self.null(column)) } else { Ok(values.value(row)) }
    }

    fn name(&self, column: usize) -> &str {
        self.batch.schema_ref().field(column).name()
    }

    fn null(&self, column: usize) -> ExtractError {
        ExtractError::Value { relation: self.relation, reason: format!("column {} is NULL", self.name(column)) }
    }
}
