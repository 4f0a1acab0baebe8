//! Amounts as they come from the server, without text in between.

use tokio_postgres::types::{FromSql, Type};

/// The bytes of a numeric as they are on the wire, for [`pg_numeric::Numeric::read_wire`].
pub(crate) struct NumericWire<'a>(pub(crate) &'a [u8]);

impl<'a> FromSql<'a> for NumericWire<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::NUMERIC
    }
}
