//! Validity ranges, and how dated records become ranges (spec/02 §3–§6).
//!
//! Every function takes records grouped by key and, within a key, in the order the spec states, and yields ranges of
//! a key in ascending order without overlap.

use reward_rules::Day;

/// A value that holds for a key on the snapshots `[from, to)`; `to` is `None` while the range is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range<K, V> {
    /// Whose value.
    pub key: K,
    /// The value.
    pub value: V,
    /// First snapshot.
    pub from: Day,
    /// The snapshot after the last one.
    pub to: Option<Day>,
}

impl<K, V> Range<K, V> {
    /// Whether it holds on a snapshot.
    pub(crate) fn holds_on(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// A record of a key on a day.
#[derive(Clone, Debug)]
pub(crate) struct Record<K, V> {
    pub(crate) key: K,
    pub(crate) day: Day,
    pub(crate) value: V,
}

/// Keeps the last record of each (key, day).
fn last_of_day<K: PartialEq, V>(records: impl IntoIterator<Item = Record<K, V>>) -> Vec<Record<K, V>> {
    let mut kept: Vec<Record<K, V>> = Vec::new();
    for record in records {
        match kept.last_mut() {
            Some(last) if last.key == record.key && last.day == record.day => *last = record,
            _ => kept.push(record),
        }
    }
    kept
}

/// Turns records with their first snapshot into ranges: each ends where the next of its key starts. Empty ranges
/// disappear, and a value that does not change extends the range before it.
fn chain<K: PartialEq, V: PartialEq>(starts: impl IntoIterator<Item = (K, V, Day)>) -> Vec<Range<K, V>> {
    let mut ranges: Vec<Range<K, V>> = Vec::new();
    for (key, value, from) in starts {
        if let Some(last) = ranges.last_mut().filter(|last| last.key == key) {
            if last.from >= from {
                *last = Range { key, value, from, to: None };
                continue;
            }
            if last.value == value {
                continue;
            }
            last.to = Some(from);
        }
        ranges.push(Range { key, value, from, to: None });
    }
    ranges
}

/// Pattern A (spec/02 §3): the last record of a day holds from the next day through the day of the next record.
pub(crate) fn valid_from_next_day<K: PartialEq, V: PartialEq>(
    records: impl IntoIterator<Item = Record<K, V>>,
) -> Vec<Range<K, V>> {
    chain(last_of_day(records).into_iter().map(|record| (record.key, record.value, record.day.next())))
}

/// Max magnitudes (spec/02 §6): the last record of a day holds from that day on.
pub(crate) fn valid_from_same_day<K: PartialEq, V: PartialEq>(
    records: impl IntoIterator<Item = Record<K, V>>,
) -> Vec<Range<K, V>> {
    chain(last_of_day(records).into_iter().map(|record| (record.key, record.value, record.day)))
}

/// Magnitudes (spec/02 §6, Q21): a first or increased one holds from the day after, an equal or decreased one from the
/// same day. Of two that start on the same day the later wins (U1).
pub(crate) fn magnitudes<K: PartialEq + Clone, V: PartialOrd + Clone>(
    records: impl IntoIterator<Item = Record<K, V>>,
) -> Vec<Range<K, V>> {
    let mut previous: Option<(K, V)> = None;
    let starts: Vec<_> = last_of_day(records)
        .into_iter()
        .map(|record| {
            let same_day = previous.as_ref().is_some_and(|(key, value)| *key == record.key && record.value <= *value);
            previous = Some((record.key.clone(), record.value.clone()));
            (record.key, record.value, if same_day { record.day } else { record.day.next() })
        })
        .collect();
    chain(starts)
}

/// Pattern B (spec/02 §4): a registration opens a window on the next day; the next record of the key, whatever it
/// says, ends it on its day (`through_next_day` false) or the day after (true; Q13).
pub(crate) fn registration_windows<K: PartialEq + Clone>(
    records: impl IntoIterator<Item = Record<K, bool>>,
    through_next_day: bool,
) -> Vec<Range<K, ()>> {
    let mut windows: Vec<Range<K, ()>> = Vec::new();
    for Record { key, day, value: registered } in records {
        if let Some(open) = windows.last_mut().filter(|window| window.key == key && window.to.is_none()) {
            let to = if through_next_day { day.next() } else { day };
            open.to = Some(to);
            if to <= open.from {
                windows.pop();
            }
        }
        if registered {
            windows.push(Range { key, value: (), from: day.next(), to: None });
        }
    }
    windows
}

/// Samples (spec/02 §5): a snapshot is present if there was a sample on it and on the day before. Records are distinct
/// days of a key in ascending order.
pub(crate) fn sampled_twice<K: PartialEq>(records: impl IntoIterator<Item = (K, Day)>) -> Vec<Range<K, ()>> {
    let mut ranges: Vec<Range<K, ()>> = Vec::new();
    let mut last: Option<(K, Day)> = None;
    for (key, day) in records {
        if let Some((last_key, last_day)) = last.take()
            && last_key == key
            && last_day.next() == day
        {
            match ranges.last_mut() {
                Some(range) if range.key == key && range.to == Some(day) => range.to = Some(day.next()),
                _ => {
                    ranges.push(Range { key: last_key, value: (), from: day, to: Some(day.next()) });
                }
            }
        }
        last = Some((key, day));
    }
    ranges
}

/// Joins the adjacent one-day ranges of daily tables. Input is ordered by key and day.
pub(crate) fn join_days<K: PartialEq, V: PartialEq>(days: impl IntoIterator<Item = Range<K, V>>) -> Vec<Range<K, V>> {
    let mut ranges: Vec<Range<K, V>> = Vec::new();
    for day in days {
        match ranges.last_mut() {
            Some(last) if last.key == day.key && last.value == day.value && last.to == Some(day.from) => {
                last.to = day.to;
            }
            _ => ranges.push(day),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<V>(day: i32, value: V) -> Record<(), V> {
        Record { key: (), day: Day(day), value }
    }

    /// The days a range list covers up to and including `last`, with values.
    fn days<V: Clone>(ranges: &[Range<(), V>], last: i32) -> Vec<(i32, V)> {
        ranges
            .iter()
            .flat_map(|range| {
                let to = range.to.map_or(last + 1, |to| to.0.min(last + 1));
                (range.from.0..to).map(|day| (day, range.value.clone()))
            })
            .collect()
    }

    fn covered(ranges: &[Range<(), ()>], last: i32) -> Vec<i32> {
        days(ranges, last).into_iter().map(|(day, ())| day).collect()
    }

    #[test]
    fn spec_02_section_3_the_last_record_of_a_day_holds_from_the_next_day() {
        let ranges = valid_from_next_day([record(1, 'a'), record(1, 'b'), record(3, 'c'), record(3, 'd')]);
        assert_eq!(days(&ranges, 5), [(2, 'b'), (3, 'b'), (4, 'd'), (5, 'd')]);
    }

    #[test]
    fn unchanged_values_make_one_range() {
        assert_eq!(valid_from_next_day([record(1, 'a'), record(3, 'a')]).len(), 1);
    }

    #[test]
    fn spec_02_section_4_worked_examples() {
        let windows =
            |events: &[(i32, bool)]| registration_windows(events.iter().map(|&(day, flag)| record(day, flag)), false);
        let (reg, dereg) = (true, false);
        assert_eq!(covered(&windows(&[(1, reg), (5, dereg), (5, reg), (7, dereg)]), 11), [2, 3, 4, 6]);
        let nine: Vec<i32> = (3..=11).collect();
        assert_eq!(covered(&windows(&[(2, reg), (2, dereg), (2, reg)]), 11), nine);
        assert_eq!(covered(&windows(&[(3, reg), (3, reg), (6, reg)]), 11), [4, 5, 7, 8, 9, 10, 11]);
        assert!(windows(&[(4, dereg), (4, reg), (5, dereg)]).is_empty());
    }

    #[test]
    fn spec_02_section_4_strategies_end_rounded_up() {
        let windows =
            |events: &[(i32, bool)]| registration_windows(events.iter().map(|&(day, flag)| record(day, flag)), true);
        assert_eq!(covered(&windows(&[(2, true), (6, false)]), 12), [3, 4, 5, 6]);
        assert!(windows(&[(3, true), (3, false)]).is_empty());
        assert_eq!(covered(&windows(&[(4, true)]), 12), (5..=12).collect::<Vec<_>>());
    }

    #[test]
    fn spec_02_section_5_needs_two_days_in_a_row() {
        let ranges = sampled_twice([1, 2, 3, 5, 7, 8].map(|day| ((), Day(day))));
        assert_eq!(covered(&ranges, 99), [2, 3, 8]);
    }

    #[test]
    fn spec_02_section_6_worked_examples() {
        let on = |events: &[(i32, i64)]| days(&magnitudes(events.iter().map(|&(day, m)| record(day, m))), 10);
        let decrease_next_day: Vec<_> = (4..=10).map(|day| (day, 40)).collect();
        assert_eq!(on(&[(3, 100), (4, 40)]), decrease_next_day);
        assert_eq!(
            on(&[(3, 100), (4, 200), (6, 200), (8, 50)]),
            [(4, 100), (5, 200), (6, 200), (7, 200), (8, 50), (9, 50), (10, 50)]
        );
    }

    #[test]
    fn a_magnitude_is_compared_with_the_previous_kept_record_even_if_that_never_shows() {
        // 100 on day 3, 40 on day 4 (replaces it), 60 on day 5: an increase over 40.
        let ranges = magnitudes([record(3, 100), record(4, 40), record(5, 60)]);
        assert_eq!(days(&ranges, 7), [(4, 40), (5, 40), (6, 60), (7, 60)]);
    }

    #[test]
    fn daily_rows_join_into_ranges() {
        let day = |day: i32, value| Range { key: (), value, from: Day(day), to: Some(Day(day + 1)) };
        let ranges = join_days([day(1, 'a'), day(2, 'a'), day(3, 'b'), day(5, 'b')]);
        assert_eq!(ranges.len(), 3);
        assert_eq!(days(&ranges, 9), [(1, 'a'), (2, 'a'), (3, 'b'), (5, 'b')]);
    }
}
