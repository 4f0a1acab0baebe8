//! Making a dataset smaller while it stays valid.

use crate::calendar::midnight;
use crate::cell::{Address, Cell, Hash, Row};
use crate::dataset::Dataset;
use crate::schema::SUBMISSION_TABLES;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

impl Dataset {
    /// Keeps the rows of one table for which `keep` holds.
    pub fn retain_rows(&mut self, table: &str, keep: impl FnMut(&Row) -> bool) {
        if let Some(rows) = self.tables.get_mut(table) {
            rows.retain(keep);
        }
    }

    /// Keeps whole submissions.
    pub fn retain_submissions(&mut self, mut keep: impl FnMut(Hash) -> bool) {
        for table in SUBMISSION_TABLES {
            self.retain_rows(table.name, |row| row.hash("reward_hash").is_none_or(&mut keep));
        }
    }

    /// Keeps everything of some stakers: shares, delegations and what they delegated.
    pub fn retain_stakers(&mut self, keep: impl FnMut(Address) -> bool) {
        self.retain_addresses("staker", keep);
    }

    /// Keeps everything of some operators. Operator indices may have gaps afterwards.
    pub fn retain_operators(&mut self, keep: impl FnMut(Address) -> bool) {
        self.retain_addresses("operator", keep);
    }

    /// Keeps everything of some avss.
    pub fn retain_avss(&mut self, keep: impl FnMut(Address) -> bool) {
        self.retain_addresses("avs", keep);
    }

    /// Keeps everything of some strategies. Strategy indices may have gaps afterwards.
    pub fn retain_strategies(&mut self, keep: impl FnMut(Address) -> bool) {
        self.retain_addresses("strategy", keep);
    }

    /// Keeps rows by an address in a column; tables without the column stay as they are.
    fn retain_addresses(&mut self, column: &str, mut keep: impl FnMut(Address) -> bool) {
        for rows in self.tables.values_mut() {
            rows.retain(|row| row.address(column).is_none_or(&mut keep));
        }
    }

    /// The distinct addresses in a column (`staker`, `operator`, `avs`, `strategy`) of all tables.
    pub fn addresses(&self, column: &str) -> BTreeSet<Address> {
        self.tables.values().flatten().filter_map(|row| row.address(column)).collect()
    }

    /// The distinct submissions.
    pub fn submissions(&self) -> BTreeSet<Hash> {
        let tables = SUBMISSION_TABLES.iter().flat_map(|table| self.rows(table.name));
        tables.filter_map(|row| row.hash("reward_hash")).collect()
    }

    /// Keeps some cutoffs.
    pub fn retain_cutoffs(&mut self, keep: impl FnMut(&NaiveDate) -> bool) {
        self.params.cutoffs.retain(keep);
    }

    /// Keeps the first `n` cutoffs, and drops what lies after the last of them.
    pub fn truncate_cutoffs(&mut self, n: usize) {
        self.params.cutoffs.truncate(n);
        self.drop_after_last_cutoff();
    }

    /// Drops the blocks after the first at or after the last cutoff, with their events.
    pub fn drop_after_last_cutoff(&mut self) {
        let limit = midnight(self.params.last_cutoff());
        let newest = self.rows("blocks").iter().find(|row| row.time("block_time").is_some_and(|time| time >= limit));
        let Some(newest) = newest.and_then(|row| row.integer("number")) else {
            return;
        };
        for rows in self.tables.values_mut() {
            rows.retain(|row| {
                let number = row.integer("block_number").or_else(|| row.integer("number"));
                number.is_none_or(|number| number <= newest)
            });
        }
    }

    /// The days with events other than submissions.
    pub fn event_days(&self) -> BTreeSet<NaiveDate> {
        let day_of_block = self.day_of_block();
        let rows = self.tables.iter().filter(|(name, _)| is_event(name)).flat_map(|(_, rows)| rows);
        rows.filter_map(|row| day_of_block.get(&row.integer("block_number")?).copied()).collect()
    }

    /// Keeps the events other than submissions of some days; all blocks stay.
    pub fn retain_event_days(&mut self, mut keep: impl FnMut(NaiveDate) -> bool) {
        let day_of_block = self.day_of_block();
        for (_, rows) in self.tables.iter_mut().filter(|(name, _)| is_event(name)) {
            rows.retain(|row| {
                let day = row.integer("block_number").and_then(|block| day_of_block.get(&block));
                day.is_none_or(|day| keep(*day))
            });
        }
    }

    fn day_of_block(&self) -> BTreeMap<i128, NaiveDate> {
        let blocks = self.rows("blocks").iter();
        blocks.filter_map(|row| Some((row.integer("number")?, row.time("block_time")?.date()))).collect()
    }

    /// Drops the blocks that no event refers to, but for the newest. (Parent hashes are not mended.)
    pub fn drop_unused_blocks(&mut self) {
        let mut used = BTreeSet::new();
        for row in self.tables.values().flatten() {
            used.extend(row.integer("block_number"));
            used.extend(row.integer("effective_block"));
        }
        used.extend(self.rows("blocks").last().and_then(|row| row.integer("number")));
        self.retain_rows("blocks", |row| match row.get("number") {
            Some(Cell::Integer(number)) => used.contains(number),
            _ => true,
        });
    }
}

/// Whether a table has events other than submissions.
fn is_event(table: &str) -> bool {
    !["blocks", "excluded_addresses"].contains(&table)
        && SUBMISSION_TABLES.iter().all(|submissions| submissions.name != table)
}
