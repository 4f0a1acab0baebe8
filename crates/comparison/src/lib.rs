//! Compares two tables of text as multisets of rows, and says how the rows differ.
//!
//! Values are compared as the text PostgreSQL prints, so `1.0` and `1` differ: paydirt's results equal the reference's
//! down to the display scale. One side is called *expected* and the other *computed*, whatever they are.
#![deny(missing_docs)]

mod compare;
mod report;

pub use compare::compare;
pub use report::{Check, Difference};

/// Rows of text under column names; NULL is the empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// The same rows with the columns in another order; `None` if a column is missing.
    #[must_use]
    pub fn select(&self, columns: &[String]) -> Option<Self> {
        let positions: Vec<usize> = columns.iter().map(|column| self.position(column)).collect::<Option<_>>()?;
        let rows = self.rows.iter().map(|row| positions.iter().map(|&at| row[at].clone()).collect()).collect();
        Some(Self { columns: columns.to_vec(), rows })
    }
}
