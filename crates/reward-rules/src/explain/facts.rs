//! What an explanation says, as data: names and texts, numbers in full.

/// A value of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// An address, a date, a number.
    Text(String),
    /// Whatever there are several of.
    List(Vec<Facts>),
}

/// Named values, in the order in which they are derived.
pub type Facts = Vec<(&'static str, Fact)>;

/// Facts of columns: `facts!(dictionary; name: value, …)`; values are [`Cell`](crate::rows::Cell)s.
macro_rules! facts {
    ($dictionary:expr; $($name:ident: $value:expr),* $(,)?) => {
        vec![$((stringify!($name), $crate::explain::Fact::Text($crate::rows::Cell::text(&$value, $dictionary)))),*]
    };
}
pub(crate) use facts;
