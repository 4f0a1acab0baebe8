//! When a submission is made and which days it pays for.

use crate::blocks::Timeline;
use crate::calendar::{days_between, midnight, plus};
use crate::params::Params;
use crate::rng::Rng;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// A submission's block and time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) block: usize,
    pub(crate) start: NaiveDateTime,
    /// Whole days.
    pub(crate) days: i64,
}

impl Window {
    pub(crate) fn end(&self) -> NaiveDateTime {
        self.start + TimeDelta::days(self.days)
    }
}

/// Draws a window; `directed` ones mostly end before they are submitted.
pub(crate) fn draw(params: &Params, timeline: &Timeline, directed: bool, rng: &mut Rng) -> Window {
    let (mut day, mut first, mut days) = shape(params, rng);
    let end_day = params.end_day();
    if directed && !rng.chance(params.style.early_directed) && plus(first, days) > day {
        // Submit it once it is over; pay for earlier days if that would be too late.
        let latest = params.last_cutoff();
        if plus(first, days) > latest && rng.chance(500) {
            days = days_between(first, latest).max(1);
        }
        let over = plus(first, days);
        if over <= latest {
            day = plus(over, rng.range(0, days_between(over, latest).min(4)));
        } else {
            first = plus(first, -days_between(day, over));
        }
    }
    let at_cutoff = params.cutoffs.contains(&day) && rng.chance(400);
    let mut block = if at_cutoff { timeline.first_on(day) } else { timeline.on(day.min(end_day), rng) };
    let mut start = midnight(first);
    if rng.chance(params.style.odd_starts) {
        start += TimeDelta::seconds(rng.range(1, 86_399));
        if directed && start + TimeDelta::days(days) > timeline.time(block) {
            block = timeline.first_on(plus(day, 1));
        }
    }
    Window { block, start, days }
}

/// A common duration, or any.
fn duration(rng: &mut Rng) -> i64 {
    match rng.weighted(&[30, 15, 12, 15, 8, 20]) {
        0 => 7,
        1 => 14,
        2 => 1,
        3 => rng.range(2, 6),
        4 => 3,
        _ => rng.range(1, 28),
    }
}

/// Day of submission, first day and number of days.
fn shape(params: &Params, rng: &mut Rng) -> (NaiveDate, NaiveDate, i64) {
    let from = plus(params.first_day, 2);
    let last = params.last_cutoff();
    let span = days_between(from, last).max(1);
    let day = plus(from, rng.range(0, span));
    match rng.weighted(&[18, 16, 8, 10, 9, 16, 7, 9, 5, 2]) {
        // Retroactive.
        0 => {
            let days = duration(rng);
            (day, plus(day, -days - rng.range(0, 4)), days)
        }
        // Overlapping the submission.
        1 => {
            let before = rng.range(1, 10);
            (day, plus(day, -before), before + rng.range(1, 14))
        }
        // Future.
        2 => (day, plus(day, rng.range(0, 9)), duration(rng)),
        // Long.
        3 => {
            let days = if rng.chance(300) { rng.pick(&[28, 42, 56]) } else { rng.range(28, 90) };
            (day, plus(day, rng.range(-20, 2)), days)
        }
        // One day.
        4 => (day, plus(day, rng.range(-4, 1)), 1),
        // Ending at a cutoff or next to it.
        5 => {
            let cutoff = near_cutoff(params, rng);
            let days = duration(rng).min(14);
            let end = plus(cutoff, rng.range(-1, 1));
            (plus(cutoff, rng.range(-3, 1)), plus(end, -days), days)
        }
        // Starting at a cutoff or next to it.
        6 => {
            let start = plus(near_cutoff(params, rng), rng.range(-1, 1));
            (plus(start, rng.range(-2, 2)), start, duration(rng))
        }
        // Late, by up to 80 days.
        7 => {
            let late = rng.range(10, 80).min(span);
            let day = plus(from, rng.range(late, span));
            let days = duration(rng);
            (day, plus(day, -late - days), days)
        }
        // Open at the last cutoff.
        8 => {
            let start = plus(last, -rng.range(1, 12));
            (plus(start, rng.range(-2, 3)), start, days_between(start, last) + rng.range(2, 40))
        }
        // Everything.
        _ => (day, params.first_day, span + 2),
    }
}

fn near_cutoff(params: &Params, rng: &mut Rng) -> NaiveDate {
    if params.cutoffs.is_empty() { params.last_cutoff() } else { rng.pick(&params.cutoffs) }
}
