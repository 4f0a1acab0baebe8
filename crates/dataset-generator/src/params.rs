//! The shape of a dataset.

use crate::calendar::{days_between, plus, ymd};
use crate::chains::{CHAINS, forks};
use crate::rng::{Rng, Topic};
use crate::style::Style;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// No cutoff is later than this, so that every run's date is in the past.
const LATEST_CUTOFF: NaiveDate = ymd(2026, 5, 20);

/// Days at the start in which the state is built up; no cutoff is before their end.
const WARM_UP: i64 = 4;

/// Everything a dataset depends on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Params {
    /// Seed of all decisions.
    pub seed: u64,
    /// One of [`CHAINS`].
    pub chain: String,
    /// Stakers, besides operators that delegate to themselves.
    pub stakers: u32,
    /// Operators.
    pub operators: u32,
    /// Avss.
    pub avss: u32,
    /// Strategies.
    pub strategies: u32,
    /// Operator sets of each avs (0 for none).
    pub operator_sets_per_avs: u32,
    /// Day of the first block.
    pub first_day: NaiveDate,
    /// Days with blocks; one more block follows them.
    pub days: u32,
    /// Cutoffs, ascending, at most `first_day + days`.
    pub cutoffs: Vec<NaiveDate>,
    /// Submissions of each of the seven kinds, roughly.
    pub submissions: u32,
    /// How often each peculiarity shows.
    pub style: Style,
}

impl Params {
    /// Random parameters: any chain, any fork's time, mostly small.
    pub fn draw(seed: u64) -> Self {
        let mut rng = Rng::new(seed, Topic::Params);
        let chain = CHAINS[rng.weighted(&[44, 20, 10, 8, 9, 9])];
        let size = rng.weighted(&[58, 27, 12, 3]);
        let (low, high) = [(3, 12), (12, 40), (40, 120), (120, 400)][size];
        let days = match rng.weighted(&[75, 15, 10]) {
            0 => rng.range(12, 45),
            1 => rng.range(45, 75),
            _ => rng.range(75, 140),
        };
        let (first_day, cutoff_limit) = place(&mut rng, chain, days);
        let mut style = Style::draw(&mut rng);
        if days > 75 {
            style.blocks_per_day = style.blocks_per_day.min(6);
        }
        let operators = [(1, 6), (3, 9), (5, 14), (8, 22)][size];
        Self {
            seed,
            chain: chain.to_owned(),
            stakers: rng.range(low, high) as u32,
            operators: rng.range(operators.0, operators.1) as u32,
            avss: rng.range(1, [3, 4, 5, 6][size]) as u32,
            strategies: if rng.chance(70) { 1 } else { rng.range(2, [5, 6, 8, 8][size]) as u32 },
            operator_sets_per_avs: rng.range(1, 3) as u32,
            first_day,
            days: days as u32,
            cutoffs: cutoffs(&mut rng, chain, first_day, cutoff_limit),
            submissions: rng.range(2, [7, 9, 10, 10][size]) as u32,
            style,
        }
    }

    /// A small readable dataset: mainnet around Sabine, with five cutoffs.
    pub fn demo(seed: u64) -> Self {
        Self {
            seed,
            chain: "mainnet".to_owned(),
            stakers: 24,
            operators: 5,
            avss: 3,
            strategies: 4,
            operator_sets_per_avs: 1,
            first_day: ymd(2026, 2, 16),
            days: 45,
            cutoffs: vec![ymd(2026, 3, 1), ymd(2026, 3, 11), ymd(2026, 3, 12), ymd(2026, 3, 20), ymd(2026, 4, 1)],
            submissions: 5,
            style: Style::calm(),
        }
    }

    /// The last cutoff; the end of the window if there is none.
    pub fn last_cutoff(&self) -> NaiveDate {
        self.cutoffs.iter().max().copied().unwrap_or_else(|| self.end_day())
    }

    /// The day after the last day of ordinary blocks.
    pub fn end_day(&self) -> NaiveDate {
        plus(self.first_day, i64::from(self.days))
    }
}

/// Puts the window around a fork, or after all of them; also gives the latest cutoff.
fn place(rng: &mut Rng, chain: &str, days: i64) -> (NaiveDate, NaiveDate) {
    let forks = forks(chain);
    let last = forks.last().map_or(LATEST_CUTOFF, |fork| fork.date);
    let era = rng.below(forks.len() as u64 + 1) as usize;
    let first_day = match forks.get(era) {
        // The fork within the window, now and then shortly before or after it.
        Some(fork) => plus(fork.date, -rng.range(-2, days + 2)),
        None => plus(last, rng.range(1, 30)),
    };
    let limit = plus(first_day, days).min(LATEST_CUTOFF);
    let first_day = first_day.min(plus(limit, -(WARM_UP + 8)));
    (first_day, plus(limit, if rng.chance(300) { 0 } else { -rng.range(0, 3) }))
}

/// Cutoffs in the window: irregular, nightly, or both, and close to forks.
fn cutoffs(rng: &mut Rng, chain: &str, first_day: NaiveDate, limit: NaiveDate) -> Vec<NaiveDate> {
    let span = days_between(first_day, limit);
    let mut dates = BTreeSet::from([limit]);
    match rng.weighted(&[40, 20, 20, 20]) {
        0 => {
            for _ in 0..rng.range(1, 6) {
                dates.insert(plus(first_day, rng.range(WARM_UP, span)));
            }
        }
        1 => {
            let nights = rng.range(5, 25).min(span - WARM_UP);
            dates.extend((0..nights).map(|night| plus(limit, -night)));
        }
        2 => {
            let nights = rng.range(2, 6).min(span - WARM_UP);
            dates.extend((0..nights).map(|night| plus(limit, -night)));
            dates.insert(plus(first_day, rng.range(WARM_UP, span)));
            dates.insert(plus(first_day, rng.range(WARM_UP, span)));
        }
        _ => {}
    }
    for fork in forks(chain) {
        for offset in -1..=1 {
            let date = plus(fork.date, offset);
            if plus(first_day, WARM_UP) <= date && date <= limit && rng.chance(500) {
                dates.insert(date);
            }
        }
    }
    dates.into_iter().collect()
}
