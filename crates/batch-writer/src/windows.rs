//! Which (reward, snapshots) a run wrote.

use std::collections::BTreeMap;

use reward_rules::{ActiveDays, Day, Id};

/// Per reward hash: first and last snapshot with rows, and how many rows.
///
/// Rows of one (reward, snapshot) come from one run only, so this traces every row of `gold_table` to its run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    pub(crate) by_hash: BTreeMap<Id, (ActiveDays, u64)>,
}

impl Windows {
    /// Notes rows of a (reward, snapshot); no rows leave no trace, as in the reference (Q1).
    pub fn add(&mut self, reward_hash: Id, snapshot: Day, rows: u64) {
        if rows == 0 {
            return;
        }
        self.by_hash
            .entry(reward_hash)
            .and_modify(|(days, count)| {
                days.first = days.first.min(snapshot);
                days.last = days.last.max(snapshot);
                *count += rows;
            })
            .or_insert((ActiveDays { first: snapshot, last: snapshot }, rows));
    }

    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.by_hash.values().map(|(_, rows)| rows).sum()
    }

    /// Rewards that got rows.
    #[must_use]
    pub fn rewards(&self) -> usize {
        self.by_hash.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_rows_do_not_move_a_window() {
        let mut windows = Windows::default();
        windows.add(Id(1), Day(10), 2);
        windows.add(Id(1), Day(12), 1);
        windows.add(Id(1), Day(15), 0);
        assert_eq!(windows.by_hash[&Id(1)], (ActiveDays { first: Day(10), last: Day(12) }, 3));
    }
}
