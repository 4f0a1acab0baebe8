//! Rows of the steps, with their columns as text for reports and comparisons.

use chrono::NaiveDateTime;
use pg_numeric::{Numeric, float8};

use crate::{Day, Dictionary, Id, StakeType, Step, V1Type};

/// A value of a step's column.
pub trait Cell {
    /// The value as PostgreSQL prints it; NULL is the empty text.
    fn text(&self, dictionary: &Dictionary) -> String;
}

impl Cell for Id {
    fn text(&self, dictionary: &Dictionary) -> String {
        dictionary.text(*self).to_owned()
    }
}

impl<T: Cell> Cell for Option<T> {
    fn text(&self, dictionary: &Dictionary) -> String {
        self.as_ref().map(|value| value.text(dictionary)).unwrap_or_default()
    }
}

impl<T: Cell + ?Sized> Cell for &T {
    fn text(&self, dictionary: &Dictionary) -> String {
        T::text(self, dictionary)
    }
}

impl Cell for str {
    fn text(&self, _: &Dictionary) -> String {
        self.to_owned()
    }
}

impl Cell for f64 {
    fn text(&self, _: &Dictionary) -> String {
        float8::text(*self)
    }
}

macro_rules! cell_by_display {
    ($($type:ty),*) => {$(
        impl Cell for $type {
            fn text(&self, _: &Dictionary) -> String {
                self.to_string()
            }
        }
    )*};
}
cell_by_display!(Day, Numeric, i32, i64, V1Type, StakeType);

impl Cell for NaiveDateTime {
    fn text(&self, _: &Dictionary) -> String {
        self.format("%Y-%m-%d %H:%M:%S%.f").to_string()
    }
}

/// A row of one step's table: the columns of spec/03 in their order, without `rn`.
pub trait StepRow {
    /// Which step.
    const STEP: Step;
    /// The column names.
    const COLUMNS: &'static [&'static str];
    /// The values, in the order of [`Self::COLUMNS`].
    fn cells(&self, dictionary: &Dictionary) -> Vec<String>;
}

/// Declares the row of a step: a struct whose fields are the step's columns.
macro_rules! step_row {
    ($(#[$meta:meta])* $step:ident => $name:ident { $($(#[doc = $doc:literal])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "fields are the columns of the section named above")]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl $crate::rows::StepRow for $name {
            const STEP: $crate::Step = $crate::Step::$step;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn cells(&self, dictionary: &$crate::Dictionary) -> Vec<String> {
                vec![$($crate::rows::Cell::text(&self.$field, dictionary)),*]
            }
        }
    };
}
pub(crate) use step_row;
