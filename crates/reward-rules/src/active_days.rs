//! Which days of a submission a run pays (spec/03 §0 "Active days").

use chrono::{NaiveDateTime, NaiveTime};

use crate::Day;

/// A contiguous, non-empty set of snapshots `first ..= last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ActiveDays {
    /// The first snapshot.
    pub first: Day,
    /// The last snapshot, included.
    pub last: Day,
}

impl ActiveDays {
    /// Whether a snapshot is one of them.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// The snapshots in order.
    pub fn iter(self) -> impl Iterator<Item = Day> {
        (self.first.0..=self.last.0).map(Day)
    }

    /// How many snapshots.
    #[must_use]
    pub fn len(self) -> u32 {
        u32::try_from(self.last.0 - self.first.0 + 1).unwrap_or(0)
    }

    /// Never true: active days are not empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// The active window of one submission row in one run: `(start, end]` as instants, and the snapshots in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ActiveWindow {
    /// The watermark's midnight, else the submission's start.
    pub start: NaiveDateTime,
    /// The earlier of the cap's midnight and the submission's end.
    pub end: NaiveDateTime,
    /// The snapshots that are paid.
    pub days: ActiveDays,
}

/// The window a submission row pays in a run, or `None` if there is none.
///
/// 1. The window starts at the watermark of the hash (its last snapshot in the gold table, whoever earned it),
///    else at the submission's start (Q1).
/// 2. It ends at the earlier of `cap` (the cutoff D for steps 1, 7 and 11, D − 1 for step 15; Q5) and the
///    submission's end.
/// 3. The day whose midnight *is* the start is left out; a start inside a day keeps that day (Q4).
///
/// Submissions that end before 1970 or start after the cutoff have no active day.
///
/// ```
/// use reward_rules::{active_window, Day};
/// let at = |text: &str| chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
/// let cap: Day = "2025-06-10".parse().unwrap();
/// let days = active_window(at("2025-06-01 00:00"), at("2025-06-08 00:00"), None, cap, cap).unwrap().days;
/// assert_eq!((days.first.to_string(), days.last.to_string()), ("2025-06-02".into(), "2025-06-08".into()));
/// ```
#[must_use]
pub fn active_window(
    start_timestamp: NaiveDateTime,
    end_timestamp: NaiveDateTime,
    watermark: Option<Day>,
    cutoff: Day,
    cap: Day,
) -> Option<ActiveWindow> {
    let midnight = |day: Day| day.date().and_time(NaiveTime::MIN);
    if end_timestamp < midnight(Day(0)) || start_timestamp > midnight(cutoff) {
        return None;
    }
    let start = watermark.map_or(start_timestamp, midnight);
    let end = end_timestamp.min(midnight(cap));
    if start >= end {
        return None;
    }
    let start_day = Day::from(start.date());
    let first = if start.time() == NaiveTime::MIN { start_day.next() } else { start_day };
    let last = Day::from(end.date());
    (first <= last).then_some(ActiveWindow { start, end, days: ActiveDays { first, last } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn days(start: &str, end: &str, watermark: Option<&str>, cap: &str) -> Option<(String, String)> {
        active_window(at(start), at(end), watermark.map(day), day("2025-06-10"), day(cap))
            .map(|window| (window.days.first.to_string(), window.days.last.to_string()))
    }

    fn window(first: &str, last: &str) -> Option<(String, String)> {
        Some((first.to_owned(), last.to_owned()))
    }

    #[test]
    fn a_watermark_moves_the_start() {
        assert_eq!(
            days("2025-06-01 00:00", "2025-06-08 00:00", Some("2025-06-05"), "2025-06-10"),
            window("2025-06-06", "2025-06-08")
        );
        assert_eq!(days("2025-06-01 00:00", "2025-06-08 00:00", Some("2025-06-08"), "2025-06-10"), None);
    }

    #[test]
    fn q4_a_start_inside_a_day_pays_that_day() {
        assert_eq!(
            days("2025-06-01 12:00", "2025-06-03 12:00", None, "2025-06-10"),
            window("2025-06-01", "2025-06-03")
        );
    }

    #[test]
    fn q5_the_cap_is_a_day_that_is_paid() {
        assert_eq!(
            days("2025-06-01 00:00", "2025-06-30 00:00", None, "2025-06-10"),
            window("2025-06-02", "2025-06-10")
        );
        assert_eq!(
            days("2025-06-01 00:00", "2025-06-30 00:00", None, "2025-06-09"),
            window("2025-06-02", "2025-06-09")
        );
    }

    #[test]
    fn a_submission_that_starts_at_the_cutoff_or_later_is_not_active() {
        assert_eq!(days("2025-06-10 00:00", "2025-06-30 00:00", None, "2025-06-10"), None);
        assert_eq!(days("2025-06-10 06:00", "2025-06-30 00:00", None, "2025-06-10"), None);
    }
}
