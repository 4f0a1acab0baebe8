//! The indexer's tables (spec/01): their definitions, CSV import, and the checks a run makes before it writes anything.
//!
//! * [`tables`] describes every table as data; the migration `0001_bronze` creates exactly these.
//! * [`presence`] says whether a schema has them.
//! * [`import`] loads them from CSV files, all or nothing.
//! * [`validate`] lists the rows no reward rule is defined for, and those that only look odd.
#![deny(missing_docs)]

mod error;
mod import;
mod presence;
mod records;
mod tables;
mod validate;
mod value;

pub use error::BronzeError;
pub use import::{ImportProgress, Imported, import};
pub use presence::{ColumnDifference, ColumnProblem, Presence, presence};
pub use tables::{Column, ColumnType, Table, Text, table, tables};
pub use validate::{Finding, FindingKind, Severity, Since, validate};
