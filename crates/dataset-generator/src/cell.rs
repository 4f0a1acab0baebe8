//! Values and rows.

use crate::schema::Table;
use chrono::{NaiveDate, NaiveDateTime};
use std::fmt::{self, Display, Formatter};

/// Twenty bytes; ordered as the lower-case text is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address(pub [u8; 20]);

/// Thirty-two bytes; ordered as the lower-case text is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Hash(pub [u8; 32]);

fn hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push_str("0x");
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(42);
        hex(&self.0, &mut text);
        f.write_str(&text)
    }
}

impl Display for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(66);
        hex(&self.0, &mut text);
        f.write_str(&text)
    }
}

/// One value of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cell {
    /// NULL, an empty field in CSV.
    Null,
    /// A lower-case address.
    Address(Address),
    /// An address whose hex digit `i` is a capital if bit `i` is set.
    MixedCase(Address, u64),
    /// A transaction, block or submission.
    Hash(Hash),
    /// Any integral number.
    Integer(i128),
    /// `true` or `false`.
    Flag(bool),
    /// An instant without zone, whole seconds.
    Time(NaiveDateTime),
    /// A calendar date.
    Date(NaiveDate),
    /// Anything else.
    Text(String),
}

impl Display for Cell {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Address(address) => address.fmt(f),
            Self::MixedCase(address, capitals) => {
                let lower = address.to_string();
                let mixed: String = lower
                    .chars()
                    .enumerate()
                    .map(|(at, digit)| match at.checked_sub(2) {
                        Some(i) if capitals >> i & 1 == 1 => digit.to_ascii_uppercase(),
                        _ => digit,
                    })
                    .collect();
                f.write_str(&mixed)
            }
            Self::Hash(hash) => hash.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Time(time) => time.format("%Y-%m-%d %H:%M:%S").fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One row, with the table it belongs to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    pub(crate) table: &'static Table,
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// The table this row is of.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// The values, in the order of the table's columns.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The value of a column, if the table has it.
    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.table.position(column).and_then(|at| self.cells.get(at))
    }

    /// The address in a column, whatever its case.
    pub fn address(&self, column: &str) -> Option<Address> {
        match self.get(column) {
            Some(Cell::Address(address) | Cell::MixedCase(address, _)) => Some(*address),
            _ => None,
        }
    }

    /// The hash in a column.
    pub fn hash(&self, column: &str) -> Option<Hash> {
        match self.get(column) {
            Some(Cell::Hash(hash)) => Some(*hash),
            _ => None,
        }
    }

    /// The number in a column.
    pub fn integer(&self, column: &str) -> Option<i128> {
        match self.get(column) {
            Some(Cell::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The boolean in a column.
    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.get(column) {
            Some(Cell::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// The instant in a column.
    pub fn time(&self, column: &str) -> Option<NaiveDateTime> {
        match self.get(column) {
            Some(Cell::Time(time)) => Some(*time),
            _ => None,
        }
    }
}
