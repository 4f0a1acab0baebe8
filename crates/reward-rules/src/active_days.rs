//! Which days of a submission a run pays (spec/03 §0 "Active days").

use chrono::{NaiveDateTime, NaiveTime};

use crate::{Day, Mode};

const SECONDS_PER_DAY: i64 = 86_400;

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

/// What a submission row says of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Start instant, UTC, exclusive.
    pub start: NaiveDateTime,
    /// End instant, UTC, inclusive.
    pub end: NaiveDateTime,
    /// Seconds.
    pub duration: i64,
}

/// Which rules the days of a submission follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmissionKind {
    /// Step 1.
    V1,
    /// Steps 7 and 11.
    Directed,
    /// Step 15.
    Stake,
}

impl SubmissionKind {
    /// Of a kind as combined_rewards and the submission tables have it (spec/02 §2).
    #[must_use]
    pub fn of(kind: &str) -> Self {
        match kind {
            "operator_directed" | "operator_directed_operator_set" => Self::Directed,
            "unique_stake" | "total_stake" => Self::Stake,
            _ => Self::V1,
        }
    }
}

/// What a run knows when it looks for the days to pay.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The last snapshot of the hash in the gold table, whoever earned it.
    pub watermark: Option<Day>,
    /// D.
    pub cutoff: Day,
    /// Compatible or strict.
    pub mode: Mode,
}

/// The window a submission row pays in a run, or `None` if there is none: by [`compatible_window`] or [`strict_window`].
#[must_use]
pub fn active_window(times: Times, kind: SubmissionKind, moment: Moment) -> Option<ActiveWindow> {
    match (moment.mode, kind) {
        (Mode::Compatible, SubmissionKind::V1 | SubmissionKind::Directed) => {
            compatible_window(times, moment, moment.cutoff)
        }
        (Mode::Compatible, SubmissionKind::Stake) => compatible_window(times, moment, moment.cutoff.previous()),
        (Mode::Strict, SubmissionKind::V1 | SubmissionKind::Stake) => strict_window(times, moment, false),
        (Mode::Strict, SubmissionKind::Directed) => strict_window(times, moment, true),
    }
}

/// The days that a submission row pays from beginning to end, whenever runs come to them.
#[must_use]
pub fn all_days(times: Times, kind: SubmissionKind, mode: Mode) -> Option<ActiveDays> {
    let after = Day::from(times.end.date().max(times.start.date())).next().next();
    active_window(times, kind, Moment { watermark: None, cutoff: after, mode }).map(|window| window.days)
}

fn midnight(day: Day) -> NaiveDateTime {
    day.date().and_time(NaiveTime::MIN)
}

/// The window by the rules of the reference.
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
/// use reward_rules::{Day, SubmissionKind, Mode, Moment, Times, active_window};
/// let at = |text: &str| chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
/// let times = Times { start: at("2025-06-01 00:00"), end: at("2025-06-08 00:00"), duration: 604_800 };
/// let moment = Moment { watermark: None, cutoff: "2025-06-10".parse().unwrap(), mode: Mode::Compatible };
/// let days = active_window(times, SubmissionKind::V1, moment).unwrap().days;
/// assert_eq!((days.first.to_string(), days.last.to_string()), ("2025-06-02".into(), "2025-06-08".into()));
/// ```
fn compatible_window(times: Times, moment: Moment, cap: Day) -> Option<ActiveWindow> {
    if times.end < midnight(Day(0)) || times.start > midnight(moment.cutoff) {
        return None;
    }
    let start = moment.watermark.map_or(times.start, midnight);
    let end = times.end.min(midnight(cap));
    if start >= end {
        return None;
    }
    let start_day = Day::from(start.date());
    let first = if start.time() == NaiveTime::MIN { start_day.next() } else { start_day };
    let last = Day::from(end.date());
    (first <= last).then_some(ActiveWindow { start, end, days: ActiveDays { first, last } })
}

/// The window in strict mode (docs/strict-mode.md).
///
/// 1. A submission has the days after that of its start up to that of its end, and not more than its duration has: each is
///    paid a part of the amount that the duration divides (Q4).
/// 2. Only days before the cutoff are paid: what is known of them does not change any more (Q5).
/// 3. A submission that is directed to operators is paid in `whole`, by the first run that knows all of its days, and never
///    again: its parts depend on all of them (Q2, Q3).
fn strict_window(times: Times, moment: Moment, whole: bool) -> Option<ActiveWindow> {
    let start_day = Day::from(times.start.date());
    let most = i32::try_from(times.duration / SECONDS_PER_DAY).unwrap_or(i32::MAX);
    let end_day = Day::from(times.end.date()).min(Day(start_day.0.saturating_add(most)));
    let known = moment.cutoff.previous();
    if times.end < midnight(Day(0)) || (whole && (moment.watermark.is_some() || known < end_day)) {
        return None;
    }
    let (first, last) = (start_day.max(moment.watermark.unwrap_or(start_day)).next(), end_day.min(known));
    let (start, end) = (moment.watermark.map_or(times.start, midnight), times.end.min(midnight(known)));
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

    fn times(start: &str, end: &str) -> Times {
        let (start, end) = (at(start), at(end));
        Times { start, end, duration: (end - start).num_seconds() }
    }

    const D: &str = "2025-06-10";

    fn days_in(mode: Mode, kind: SubmissionKind, times: Times, watermark: Option<&str>) -> Option<(String, String)> {
        active_window(times, kind, Moment { watermark: watermark.map(day), cutoff: day(D), mode })
            .map(|window| (window.days.first.to_string(), window.days.last.to_string()))
    }

    fn days(start: &str, end: &str, watermark: Option<&str>, kind: SubmissionKind) -> Option<(String, String)> {
        days_in(Mode::Compatible, kind, times(start, end), watermark)
    }

    fn window(first: &str, last: &str) -> Option<(String, String)> {
        Some((first.to_owned(), last.to_owned()))
    }

    #[test]
    fn a_watermark_moves_the_start() {
        assert_eq!(
            days("2025-06-01 00:00", "2025-06-08 00:00", Some("2025-06-05"), SubmissionKind::V1),
            window("2025-06-06", "2025-06-08")
        );
        assert_eq!(days("2025-06-01 00:00", "2025-06-08 00:00", Some("2025-06-08"), SubmissionKind::V1), None);
    }

    #[test]
    fn q4_a_start_inside_a_day_pays_that_day() {
        assert_eq!(
            days("2025-06-01 12:00", "2025-06-03 12:00", None, SubmissionKind::V1),
            window("2025-06-01", "2025-06-03")
        );
    }

    #[test]
    fn q5_the_cap_is_a_day_that_is_paid() {
        let (start, end) = ("2025-06-01 00:00", "2025-06-30 00:00");
        assert_eq!(days(start, end, None, SubmissionKind::V1), window("2025-06-02", "2025-06-10"));
        assert_eq!(days(start, end, None, SubmissionKind::Directed), window("2025-06-02", "2025-06-10"));
        assert_eq!(days(start, end, None, SubmissionKind::Stake), window("2025-06-02", "2025-06-09"));
    }

    #[test]
    fn a_submission_that_starts_at_the_cutoff_or_later_is_not_active() {
        assert_eq!(days("2025-06-10 00:00", "2025-06-30 00:00", None, SubmissionKind::V1), None);
        assert_eq!(days("2025-06-10 06:00", "2025-06-30 00:00", None, SubmissionKind::V1), None);
        assert_eq!(
            days_in(Mode::Strict, SubmissionKind::V1, times("2025-06-09 00:00", "2025-06-30 00:00"), None),
            None
        );
        assert_eq!(
            days_in(Mode::Strict, SubmissionKind::V1, times("2025-06-08 00:00", "2025-06-30 00:00"), None),
            window("2025-06-09", "2025-06-09")
        );
    }

    #[test]
    fn strict_pays_no_more_days_than_the_duration_has_and_none_from_the_cutoff_on() {
        let strict = |kind, times, watermark| days_in(Mode::Strict, kind, times, watermark);
        assert_eq!(
            strict(SubmissionKind::V1, times("2025-06-01 12:00", "2025-06-03 12:00"), None),
            window("2025-06-02", "2025-06-03")
        );
        let too_long = Times { duration: 2 * SECONDS_PER_DAY, ..times("2025-06-01 00:00", "2025-06-08 00:00") };
        assert_eq!(strict(SubmissionKind::Stake, too_long, None), window("2025-06-02", "2025-06-03"));
        let open = times("2025-06-01 00:00", "2025-06-30 00:00");
        assert_eq!(strict(SubmissionKind::V1, open, Some("2025-06-07")), window("2025-06-08", "2025-06-09"));
        assert_eq!(strict(SubmissionKind::Stake, open, Some("2025-06-09")), None);
    }

    #[test]
    fn strict_pays_what_is_directed_to_operators_once_when_it_is_over() {
        let strict = |times, watermark| days_in(Mode::Strict, SubmissionKind::Directed, times, watermark);
        let ends_before = times("2025-06-01 00:00", "2025-06-09 00:00");
        assert_eq!(strict(ends_before, None), window("2025-06-02", "2025-06-09"));
        assert_eq!(strict(ends_before, Some("2025-06-04")), None);
        assert_eq!(strict(times("2025-06-01 00:00", "2025-06-10 00:00"), None), None);
    }

    #[test]
    fn whatever_the_cutoff_a_submission_has_the_same_days() {
        let submission = times("2025-06-01 00:00", "2025-06-08 00:00");
        for kind in [SubmissionKind::V1, SubmissionKind::Directed, SubmissionKind::Stake] {
            for mode in Mode::ALL {
                let days = all_days(submission, kind, mode).unwrap();
                assert_eq!((days.first, days.last), (day("2025-06-02"), day("2025-06-08")), "{kind:?} {mode}");
            }
        }
    }
}
