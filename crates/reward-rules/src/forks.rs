//! Fork dates as data, and the tests the rules make with them (spec/00 §4).

use crate::{Chain, Day};

/// A rule change of the rewards calculation.
///
/// Brazos, Red and Pecos only bound what the indexer ingests; they are listed so that the table is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// Until it, payouts are float8 cast with 15 digits.
    Amazon,
    /// Until it (and not before Amazon), payouts are float8 cast through its shortest text.
    Nile,
    /// Until it, excluded addresses earn nothing from `all_earners`.
    Panama,
    /// Until it, operators get 10 %; from it splits count. Gate of v2.
    Arno,
    /// Until it, the fallback split is 1000 bips; from it the default split.
    Trinity,
    /// From it, operator-set operators count for `all_earners`. Gate of v2.1.
    Mississippi,
    /// No rule of the calculation.
    Brazos,
    /// From it, the staker part of an operator-set reward without registered strategy is refunded.
    Colorado,
    /// No rule of the calculation.
    Red,
    /// No rule of the calculation.
    Pecos,
    /// Gate of v2.2.
    Sabine,
}

impl Fork {
    /// Every fork, in the order of spec/00 §4.
    pub const ALL: [Self; 11] = [
        Self::Amazon,
        Self::Nile,
        Self::Panama,
        Self::Arno,
        Self::Trinity,
        Self::Mississippi,
        Self::Brazos,
        Self::Colorado,
        Self::Red,
        Self::Pecos,
        Self::Sabine,
    ];
}

/// `–` in the table of spec/00 §4: active since the Unix epoch.
const ALWAYS: &str = "1970-01-01";

/// The first day any fork table says something about; a cutoff must lie after it.
const COVERED_FROM: &str = ALWAYS;

/// One row per chain, one column per fork, in the order of [`Fork::ALL`] (spec/00 §4).
#[rustfmt::skip]
const FORK_DATES: [(Chain, [&str; 11]); 6] = [
    //                     Amazon        Nile          Panama        Arno          Trinity       Mississippi   Brazos        Colorado      Red           Pecos         Sabine
    (Chain::Mainnet,      ["2024-08-02", "2024-08-12", "2024-10-01", "2025-01-21", "2025-01-21", "2025-04-17", "2025-04-17", "2025-04-17", ALWAYS,       "2025-05-14", "2026-03-12"]),
    (Chain::Holesky,      [ALWAYS,       "2024-08-13", "2024-10-01", "2024-12-13", "2025-01-09", "2025-02-10", "2025-03-06", "2025-03-11", "2025-03-18", "2025-05-14", ALWAYS]),
    (Chain::Preprod,      [ALWAYS,       "2024-08-14", "2024-10-01", "2024-12-11", "2025-01-09", "2025-02-05", "2025-03-06", "2025-03-11", "2025-03-18", "2025-05-14", ALWAYS]),
    (Chain::Sepolia,      [ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       "2025-05-14", "2026-02-09"]),
    (Chain::Hoodi,        [ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       "2026-02-09"]),
    (Chain::PreprodHoodi, [ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       ALWAYS,       "2026-01-12"]),
];

/// The fork dates of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkDates {
    dates: [Day; Fork::ALL.len()],
    covered_from: Day,
}

impl ForkDates {
    /// The dates of a chain (spec/00 §4).
    ///
    /// # Panics
    /// Never: the table has a row per chain and only valid dates, which a test checks.
    #[must_use]
    pub fn of(chain: Chain) -> Self {
        let (_, row) =
            FORK_DATES.iter().find(|(name, _)| *name == chain).expect("the fork table has a row for every chain");
        Self {
            dates: row.map(|text| text.parse().expect("the fork table has valid dates")),
            covered_from: COVERED_FROM.parse().expect("a valid date"),
        }
    }

    /// The date a fork takes effect.
    #[must_use]
    pub fn date(&self, fork: Fork) -> Day {
        self.dates[fork as usize]
    }

    /// Whether the table says which rules hold for a cutoff; others are refused, not guessed (design D10).
    #[must_use]
    pub fn covers(&self, cutoff: Day) -> bool {
        cutoff > self.covered_from
    }

    /// The first cutoff that [`covers`](Self::covers) accepts.
    #[must_use]
    pub fn first_covered(&self) -> Day {
        self.covered_from.next()
    }

    /// `pre(f)` of spec/03 §0: the old rule holds only while **both** dates are before the fork (Q18).
    #[must_use]
    pub fn pre(&self, fork: Fork, snapshot: Day, submission: Day) -> bool {
        let date = self.date(fork);
        snapshot < date && submission < date
    }

    /// Which groups of steps a run with this cutoff computes (spec/00 §3).
    #[must_use]
    pub fn gates(&self, cutoff: Day) -> Gates {
        Gates {
            v2: cutoff >= self.date(Fork::Arno),
            v2_1: cutoff >= self.date(Fork::Mississippi),
            v2_2: cutoff >= self.date(Fork::Sabine),
        }
    }
}

/// The gates of a run: which groups of steps are computed (spec/00 §3). Steps 1–6, 22 and 23 always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gates {
    /// Steps 7–10: operator-directed rewards, from Arno.
    pub v2: bool,
    /// Steps 11–14: operator-directed rewards of operator sets, from Mississippi.
    pub v2_1: bool,
    /// Steps 15–21: unique and total stake rewards, from Sabine.
    pub v2_2: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn every_chain_has_every_date() {
        for chain in Chain::ALL {
            let forks = ForkDates::of(chain);
            for fork in Fork::ALL {
                assert!(forks.date(fork) >= Day(0), "{chain} {fork:?}");
            }
        }
    }

    #[test]
    fn a_row_leaves_the_old_rule_as_soon_as_either_date_reaches_the_fork() {
        let forks = ForkDates::of(Chain::Mainnet);
        let (before, at) = (day("2024-08-11"), day("2024-08-12"));
        assert!(forks.pre(Fork::Nile, before, before));
        assert!(!forks.pre(Fork::Nile, at, before));
        assert!(!forks.pre(Fork::Nile, before, at));
    }

    #[test]
    fn gates_open_on_the_fork_date_itself() {
        let forks = ForkDates::of(Chain::Mainnet);
        assert_eq!(forks.gates(day("2025-01-20")), Gates { v2: false, v2_1: false, v2_2: false });
        assert_eq!(forks.gates(day("2025-01-21")), Gates { v2: true, v2_1: false, v2_2: false });
        assert_eq!(forks.gates(day("2025-04-17")), Gates { v2: true, v2_1: true, v2_2: false });
        assert_eq!(forks.gates(day("2026-03-12")), Gates { v2: true, v2_1: true, v2_2: true });
    }

    #[test]
    fn dates_before_the_table_are_not_covered() {
        let forks = ForkDates::of(Chain::Hoodi);
        assert!(!forks.covers(day("1970-01-01")));
        assert!(forks.covers(forks.first_covered()));
    }
}
