//! The hard invariants of the input tables, over many seeds.

use crate::{datasets, int, text};
use chrono::{NaiveDateTime, NaiveTime};
use dataset_generator::{Cell, Dataset, SUBMISSION_TABLES, TABLES};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn hold_over_many_seeds() {
    for dataset in datasets() {
        check(&dataset);
    }
}

/// Panics where a dataset breaks an invariant.
pub(crate) fn check(dataset: &Dataset) {
    let seed = dataset.params.seed;
    let blocks = blocks(dataset);
    let last = dataset.params.last_cutoff().and_time(NaiveTime::MIN);
    assert!(blocks.values().next_back().is_some_and(|time| *time >= last), "seed {seed}: newest block");
    let cutoffs = &dataset.params.cutoffs;
    assert!(!cutoffs.is_empty() && cutoffs.is_sorted_by(|a, b| a < b), "seed {seed}: cutoffs");
    assert!(cutoffs[0] > dataset.params.first_day, "seed {seed}: cutoffs");
    for table in TABLES {
        let mut keys = BTreeSet::new();
        let mut logs: BTreeMap<(i128, i128), String> = BTreeMap::new();
        for row in dataset.rows(table.name) {
            let place = || format!("seed {seed}, {}: {row:?}", table.name);
            let key: Vec<String> = table.unique.iter().map(|column| text(row, column).to_lowercase()).collect();
            assert!(keys.insert(key), "{} occurs twice", place());
            if let Some(number) = row.integer("block_number") {
                let time = blocks.get(&number);
                assert!(time.is_some(), "no block of {}", place());
                if let Some(stated) = row.time("block_time") {
                    assert_eq!(Some(&stated), time, "{}", place());
                }
                if table.position("block_date").is_some() {
                    assert_eq!(Some(text(row, "block_date")), time.map(|time| time.date().to_string()));
                }
                if let Some(index) = row.integer("log_index") {
                    let transaction = text(row, "transaction_hash");
                    let other = logs.insert((number, index), transaction.clone());
                    assert!(other.is_none_or(|other| other == transaction), "{}", place());
                }
            }
            for (cell, column) in row.cells().iter().zip(table.columns) {
                let shown = cell.to_string();
                match cell {
                    Cell::Address(_) => assert!(is_hex(&shown, 40, false), "{} {column}", place()),
                    Cell::MixedCase(..) => assert!(is_hex(&shown, 40, true), "{} {column}", place()),
                    Cell::Hash(_) => assert!(is_hex(&shown, 64, false), "{} {column}", place()),
                    _ => {}
                }
            }
            if let Some(activated) = row.time("activated_at") {
                assert!(blocks.get(&int(row, "block_number")).is_some_and(|time| *time <= activated), "{}", place());
            }
            if table.name == "operator_allocations" {
                assert!(int(row, "effective_block") >= int(row, "block_number"), "{}", place());
                assert!((0..=10_i128.pow(18)).contains(&int(row, "magnitude")), "{}", place());
            }
            if table.name == "operator_max_magnitudes" {
                assert!((1..=10_i128.pow(18)).contains(&int(row, "max_magnitude")), "{}", place());
            }
        }
    }
    submissions(dataset);
    delegations(dataset);
}

fn blocks(dataset: &Dataset) -> BTreeMap<i128, NaiveDateTime> {
    let rows = dataset.rows("blocks").iter();
    let blocks: BTreeMap<i128, NaiveDateTime> =
        rows.map(|row| (int(row, "number"), row.time("block_time").expect("time"))).collect();
    assert!(blocks.values().is_sorted(), "seed {}: block times", dataset.params.seed);
    blocks
}

fn is_hex(text: &str, digits: usize, capitals: bool) -> bool {
    text.strip_prefix("0x").is_some_and(|hex| {
        hex.len() == digits
            && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f') || capitals && byte.is_ascii_hexdigit())
    })
}

fn submissions(dataset: &Dataset) {
    let mut of = BTreeMap::new();
    let mut shared = BTreeMap::new();
    let mut amounts = BTreeMap::new();
    for table in SUBMISSION_TABLES {
        let mut indices: BTreeMap<_, BTreeSet<(i128, i128)>> = BTreeMap::new();
        for row in dataset.rows(table.name) {
            let place = || format!("seed {}, {}: {row:?}", dataset.params.seed, table.name);
            let hash = row.hash("reward_hash").expect("hash");
            assert_eq!(*of.entry(hash).or_insert(table.name), table.name, "{}", place());
            let columns = ["avs", "operator_set_id", "token", "start_timestamp", "end_timestamp", "duration"];
            let mut facts: Vec<String> = columns.iter().map(|column| text(row, column)).collect();
            facts.extend(["reward_type", "block_number", "log_index"].iter().map(|column| text(row, column)));
            assert_eq!(*shared.entry(hash).or_insert_with(|| facts.clone()), facts, "{}", place());
            let amount = int(row, "amount");
            assert!((1..10_i128.pow(38)).contains(&amount), "{}", place());
            assert_eq!(*amounts.entry((hash, text(row, "operator"))).or_insert(amount), amount, "{}", place());
            assert!(int(row, "multiplier") >= 0, "{}", place());
            let duration = int(row, "duration");
            assert!(duration > 0 && duration % 86_400 == 0, "{}", place());
            let (start, end) = (row.time("start_timestamp").expect("time"), row.time("end_timestamp").expect("time"));
            assert_eq!(i128::from((end - start).num_seconds()), duration, "{}", place());
            let operator = row.integer("operator_index").unwrap_or(0);
            assert!(indices.entry(hash).or_default().insert((operator, int(row, "strategy_index"))), "{}", place());
        }
        for set in indices.values() {
            let (operators, strategies) =
                set.iter().fold((0, 0), |(o, s), (operator, strategy)| (o.max(*operator), s.max(*strategy)));
            assert_eq!(set.len() as i128, (operators + 1) * (strategies + 1), "seed {}", dataset.params.seed);
        }
    }
}

fn delegations(dataset: &Dataset) {
    let mut operator_of = BTreeMap::new();
    for row in dataset.rows("staker_delegation_changes") {
        let (staker, operator) = (row.address("staker"), row.address("operator"));
        let before = if row.flag("delegated") == Some(true) {
            operator_of.insert(staker, operator).is_none()
        } else {
            operator_of.remove(&staker) == Some(operator)
        };
        assert!(before, "seed {}: {row:?}", dataset.params.seed);
    }
}
