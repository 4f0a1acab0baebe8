//! The daily state of a dataset at its last cutoff, as far as the statistics need it.

use crate::int;
use chrono::{Days, NaiveDate, NaiveDateTime};
use dataset_generator::{Address, Dataset, Row, directory};
use std::collections::{BTreeMap, BTreeSet};

/// A table's rows with the times of their blocks.
pub(crate) fn timed<'a>(dataset: &'a Dataset, table: &str) -> Vec<(NaiveDateTime, &'a Row)> {
    let times: BTreeMap<i128, NaiveDateTime> =
        dataset.rows("blocks").iter().map(|row| (int(row, "number"), row.time("block_time").expect("time"))).collect();
    dataset.rows(table).iter().filter_map(|row| Some((*times.get(&int(row, "block_number"))?, row))).collect()
}

pub(crate) type Key = (Address, Address, i128);
type Series<K, V> = BTreeMap<K, BTreeMap<NaiveDate, V>>;

/// What holds on which day.
pub(crate) struct State {
    pub(crate) avs: BTreeSet<(Key, NaiveDate)>,
    pub(crate) sets: BTreeSet<(Key, NaiveDate)>,
    pub(crate) strategies: BTreeSet<(Key, NaiveDate)>,
    /// Samples that count: (operator, avs, strategy), day.
    pub(crate) restaked: BTreeSet<(Address, Address, Address, NaiveDate)>,
    /// Operators and strategies with a delegated staker that has shares.
    pub(crate) backed: BTreeSet<(NaiveDate, Address, Address)>,
    /// Strategies somebody has shares of.
    pub(crate) held: BTreeSet<(NaiveDate, Address)>,
    pub(crate) operator_shares: Series<(Address, Address), i128>,
    /// Magnitudes by operator, avs, set and strategy, by the day after they are effective.
    pub(crate) magnitudes: Series<(Key, Address), i128>,
}

/// The value on a day: the last one of an earlier day.
pub(crate) fn on<K: Ord, V: Copy>(series: &Series<K, V>, key: &K, day: NaiveDate) -> Option<V> {
    series.get(key)?.range(..day).next_back().map(|(_, value)| *value)
}

fn windows(dataset: &Dataset, table: &str, member: &str, flag: &str) -> BTreeSet<(Key, NaiveDate)> {
    let mut histories: BTreeMap<Key, Vec<(NaiveDate, bool)>> = BTreeMap::new();
    for (time, row) in timed(dataset, table) {
        let set = row.integer("operator_set_id").unwrap_or(0);
        let key = (row.address(member).expect(member), row.address("avs").expect("avs"), set);
        histories.entry(key).or_default().push((time.date(), row.flag(flag).expect(flag)));
    }
    let mut days = BTreeSet::new();
    for (key, history) in histories {
        for (at, (day, registered)) in history.iter().enumerate() {
            let end = history.get(at + 1).map_or(dataset.params.last_cutoff(), |next| next.0);
            if *registered {
                days.extend(day.iter_days().skip(1).take_while(|day| *day < end).map(|day| (key, day)));
            }
        }
    }
    days
}

fn sums(dataset: &Dataset, table: &str, member: &str) -> Series<(Address, Address), i128> {
    let mut total: BTreeMap<_, i128> = BTreeMap::new();
    let mut series: Series<_, i128> = BTreeMap::new();
    for (time, row) in timed(dataset, table) {
        let key = (row.address(member).expect(member), row.address("strategy").expect("strategy"));
        let sum = total.entry(key).or_default();
        *sum += int(row, "shares");
        series.entry(key).or_default().insert(time.date(), *sum);
    }
    series
}

impl State {
    pub(crate) fn of(dataset: &Dataset) -> Self {
        let shares = sums(dataset, "staker_share_deltas", "staker");
        let mut delegations: Series<Address, Option<Address>> = BTreeMap::new();
        for (time, row) in timed(dataset, "staker_delegation_changes") {
            let operator = row.address("operator").filter(|_| row.flag("delegated") == Some(true));
            delegations.entry(row.address("staker").expect("staker")).or_default().insert(time.date(), operator);
        }
        let mut backed = BTreeSet::new();
        let mut held = BTreeSet::new();
        for ((staker, strategy), series) in &shares {
            let Some((first, _)) = series.first_key_value() else { continue };
            for day in first.iter_days().skip(1).take_while(|day| *day < dataset.params.last_cutoff()) {
                if series.range(..day).next_back().is_some_and(|(_, sum)| *sum > 0) {
                    held.insert((day, *strategy));
                    if let Some(Some(operator)) = on(&delegations, staker, day) {
                        backed.insert((day, operator, *strategy));
                    }
                }
            }
        }
        let own = Some(directory(&dataset.params.chain));
        let samples = dataset.rows("operator_restaked_strategies").iter();
        let restaked = samples
            .filter(|row| row.address("avs_directory_address") == own)
            .filter_map(|row| {
                let day = row.time("block_time")?.date();
                Some((row.address("operator")?, row.address("avs")?, row.address("strategy")?, day))
            })
            .collect();
        let mut magnitudes: Series<_, i128> = BTreeMap::new();
        for (time, row) in timed(dataset, "operator_allocations") {
            let address = |column: &str| row.address(column).expect(column);
            let key = (address("operator"), address("avs"), int(row, "operator_set_id"));
            magnitudes.entry((key, address("strategy"))).or_default().insert(time.date(), int(row, "magnitude"));
        }
        let sets = "operator_set_operator_registrations";
        Self {
            avs: windows(dataset, "avs_operator_state_changes", "operator", "registered"),
            sets: windows(dataset, sets, "operator", "is_active"),
            strategies: windows(dataset, "operator_set_strategy_registrations", "strategy", "is_active"),
            restaked,
            backed,
            held,
            operator_shares: sums(dataset, "operator_share_deltas", "operator"),
            magnitudes,
        }
    }
}

/// The days before the last cutoff that a submission pays for, if it is seen by then.
pub(crate) fn paid_days(dataset: &Dataset, submitted: NaiveDateTime, row: &Row) -> Vec<NaiveDate> {
    let last = dataset.params.last_cutoff();
    let (start, end) = (row.time("start_timestamp").expect("time"), row.time("end_timestamp").expect("time"));
    if submitted.date() >= last {
        return Vec::new();
    }
    let first = start.date() + Days::new(1);
    first.iter_days().take_while(|day| *day < last && *day <= end.date()).collect()
}
