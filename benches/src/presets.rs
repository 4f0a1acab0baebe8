//! The sizes of the benches.

use chrono::{Days, NaiveDate};

use crate::args::{Bench, Preset};
use crate::dataset::{Parameters, Shape, Story};

/// Cutoff of the run over the history of `nightly`. The rules of that day are the newest ones (mainnet after Sabine), also
/// 240 days before.
const HISTORY_ENDS: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 11, 10);

/// The bench `nightly`.
#[derive(Debug, Clone)]
pub(crate) struct Nightly {
    /// Days of history, and the dataset that has them and the nights after them.
    pub(crate) histories: Vec<(u32, Parameters)>,
    /// Cutoff of the run over the history.
    pub(crate) history_ends: NaiveDate,
    /// Nights that are measured.
    pub(crate) nights: u32,
}

/// One size of the bench `rss`: what it is called, its dataset, and the cutoff.
#[derive(Debug, Clone)]
pub(crate) struct RssSize {
    /// About how many rows.
    pub(crate) name: &'static str,
    /// Its dataset.
    pub(crate) parameters: Parameters,
    /// The cutoff of the run.
    pub(crate) cutoff: NaiveDate,
}

/// The histories tell the same story, from different days on: the nights have the same events and rows.
pub(crate) fn nightly(preset: Preset) -> Nightly {
    let history_ends = HISTORY_ENDS.unwrap_or_default();
    let (stakers, nights, days): (_, _, &[u32]) = match preset {
        Preset::Quick => (200, 2, &[20, 40]),
        Preset::Full | Preset::Small | Preset::Medium | Preset::Mainnet => (5000, 7, &[30, 240]),
    };
    let longest = days.iter().copied().max().unwrap_or_default();
    let before = |days| history_ends - Days::new(u64::from(days));
    let of = |days: u32| Parameters {
        name: format!("nightly-{stakers}-stakers-{days}-days"),
        calendar_start: before(longest),
        first_day: before(days),
        last_day: history_ends + Days::new(u64::from(nights)),
        stakers,
        operators: 50,
        avss: 8,
        strategies: 6,
        story: Story::Steady,
    };
    Nightly { histories: days.iter().map(|&days| (days, of(days))).collect(), history_ends, nights }
}

/// About ten rows a day for each staker.
pub(crate) fn rss(preset: Preset) -> Vec<RssSize> {
    let sizes: &[(&'static str, i32, u64)] = match preset {
        Preset::Quick => &[("10k", 200, 5), ("20k", 200, 10)],
        Preset::Full | Preset::Small | Preset::Medium | Preset::Mainnet => {
            &[("100k", 1000, 10), ("1M", 3300, 31), ("10M", 10_000, 103)]
        }
    };
    sizes
        .iter()
        .map(|&(name, stakers, days)| {
            let cutoff = HISTORY_ENDS.unwrap_or_default();
            let first_day = cutoff - Days::new(days);
            RssSize {
                name,
                cutoff,
                parameters: Parameters {
                    name: format!("rss-{stakers}-stakers-{days}-days"),
                    calendar_start: first_day,
                    first_day,
                    last_day: cutoff,
                    stakers,
                    operators: 50,
                    avss: 8,
                    strategies: 6,
                    story: Story::Steady,
                },
            }
        })
        .collect()
}

/// The bench `history`.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// Days of history, the longest first, and the dataset that has them and the nights after them.
    pub(crate) histories: Vec<(u32, Parameters)>,
    /// Cutoff of the first run, or of the last one of a backfill.
    pub(crate) history_ends: NaiveDate,
    /// Nights that are measured.
    pub(crate) nights: u32,
    /// The history is a backfill; otherwise a first run, beside the yardsticks.
    pub(crate) is_backfilled: bool,
}

/// As with `nightly`, shorter histories are the end of the longest one.
pub(crate) fn history(preset: Preset) -> History {
    let history_ends = HISTORY_ENDS.unwrap_or_default();
    let (nights, days): (u32, &[u32]) = match preset {
        Preset::Quick => (2, &[20, 10]),
        Preset::Small => (5, &[60, 30]),
        Preset::Mainnet => (5, &[850]),
        Preset::Medium | Preset::Full => (5, &[90, 30]),
    };
    let longest = days.iter().copied().max().unwrap_or_default();
    let (stakers, operators, avss, strategies) = match preset {
        Preset::Quick => (200, 10, 4, 4),
        Preset::Small => (1000, 20, 5, 6),
        Preset::Mainnet => (200_000, 1500, 45, 60),
        Preset::Medium | Preset::Full => (20_000, 150, 15, 12),
    };
    let before = |days| history_ends - Days::new(u64::from(days));
    // The night after those that are compared brings the late submission: its week is in the longest history alone.
    let late_day = history_ends + Days::new(u64::from(nights));
    let shape = match preset {
        Preset::Mainnet => Shape {
            avs: 12,
            all_earners: 2,
            all_stakers: 1,
            od: 30,
            od_set: 30,
            unique_stake: 20,
            total_stake: 20,
            retroactive_programmes: true,
            late_day,
            late_days: 80,
        },
        Preset::Quick | Preset::Small | Preset::Medium | Preset::Full => Shape {
            avs: 12,
            all_earners: 2,
            all_stakers: 1,
            od: 15,
            od_set: 10,
            unique_stake: 10,
            total_stake: 10,
            retroactive_programmes: false,
            late_day,
            late_days: i32::try_from(longest.min(90) - 10).unwrap_or_default(),
        },
    };
    let of = |days: u32| Parameters {
        name: format!("history-{}-{days}-days", preset.name()),
        calendar_start: before(longest),
        first_day: before(days),
        // The run that pays it needs a block of the day after.
        last_day: late_day + Days::new(1),
        stakers,
        operators,
        avss,
        strategies,
        story: Story::History(shape.clone()),
    };
    let histories = days.iter().map(|&days| (days, of(days))).collect();
    History { histories, history_ends, nights, is_backfilled: preset == Preset::Mainnet }
}

/// The datasets of a bench.
pub(crate) fn datasets(bench: Bench, preset: Preset) -> Vec<Parameters> {
    match bench {
        Bench::Nightly => nightly(preset).histories.into_iter().map(|(_, parameters)| parameters).collect(),
        Bench::Rss => rss(preset).into_iter().map(|size| size.parameters).collect(),
        Bench::History => history(preset).histories.into_iter().map(|(_, parameters)| parameters).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_are_the_same_after_every_history() {
        let all =
            [nightly(Preset::Quick).histories, nightly(Preset::Full).histories, history(Preset::Medium).histories];
        for histories in all {
            let of = |parameters: &Parameters| (parameters.calendar_start, parameters.last_day, parameters.stakers);
            assert!(histories.iter().all(|(_, parameters)| of(parameters) == of(&histories[0].1)));
        }
    }
}
