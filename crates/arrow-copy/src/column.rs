//! Columns of a COPY.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use postgres_types::Type;

/// What a column holds; see the table in the crate's docs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An address, a hash or another text, interned.
    Id,
    /// A date.
    Day,
    /// A NUMERIC, as wire bytes.
    Numeric,
    /// A 32-bit integer.
    Int4,
    /// A 64-bit integer.
    Int8,
    /// A truth value.
    Bool,
    /// An instant without zone, microseconds.
    Timestamp,
}

/// A named column. Every column may be NULL on the wire; the consumer says which may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name, for schemas and errors.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

impl Column {
    /// A column.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }

    /// The Arrow schema of a list of columns.
    #[must_use]
    pub fn schema(columns: &[Self]) -> SchemaRef {
        let field = |column: &Self| Field::new(column.name, column.kind.arrow_type(), true);
        Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
    }
}

impl Kind {
    /// The Arrow type of the column.
    #[must_use]
    pub fn arrow_type(self) -> DataType {
        match self {
            Self::Id => DataType::UInt32,
            Self::Day => DataType::Date32,
            Self::Numeric => DataType::Binary,
            Self::Int4 => DataType::Int32,
            Self::Int8 => DataType::Int64,
            Self::Bool => DataType::Boolean,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }

    pub(crate) fn sql_type(self) -> Type {
        match self {
            Self::Id => Type::TEXT,
            Self::Day => Type::DATE,
            Self::Numeric => Type::NUMERIC,
            Self::Int4 => Type::INT4,
            Self::Int8 => Type::INT8,
            Self::Bool => Type::BOOL,
            Self::Timestamp => Type::TIMESTAMP,
        }
    }
}

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
pub(crate) const POSTGRES_EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
pub(crate) const POSTGRES_EPOCH_MICROS: i64 = 10_957 * 86_400 * 1_000_000;
