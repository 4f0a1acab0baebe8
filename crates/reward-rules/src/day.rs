//! A UTC calendar date as a day number.

use chrono::{Datelike, Duration, NaiveDate};

/// A UTC calendar date (a snapshot, a cutoff, a submission date): days since 1970-01-01.
///
/// ```
/// use reward_rules::Day;
/// let day: Day = "2025-06-08".parse().unwrap();
/// assert_eq!(day.next().to_string(), "2025-06-09");
/// assert_eq!(Day(0).to_string(), "1970-01-01");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Day(pub i32);

const UNIX_EPOCH_FROM_CE: i32 = 719_163;

impl Day {
    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The day before.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// The same date for chrono; dates chrono cannot hold become its nearest bound.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        NaiveDate::default().checked_add_signed(Duration::days(i64::from(self.0))).unwrap_or(if self.0 < 0 {
            NaiveDate::MIN
        } else {
            NaiveDate::MAX
        })
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - UNIX_EPOCH_FROM_CE)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.date().format("%Y-%m-%d"))
    }
}

impl std::str::FromStr for Day {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(NaiveDate::parse_from_str(text, "%Y-%m-%d")?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_and_dates_agree() {
        for text in ["1969-12-31", "1970-01-01", "2024-02-29", "2026-03-12"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        assert_eq!("1970-01-02".parse::<Day>().unwrap(), Day(1));
        assert_eq!("1969-12-31".parse::<Day>().unwrap(), Day(-1));
    }
}
