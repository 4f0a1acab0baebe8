//! Determinism, invariants and statistics of generated datasets.

mod coverage;
mod determinism;
mod invariants;
mod phenomena;
mod shrinking;
mod state;

use dataset_generator::{Cell, Dataset, Params, Row, generate};

/// Seeds the invariants and statistics are checked over.
const SEEDS: u64 = 200;

/// The datasets of all seeds, one at a time.
fn datasets() -> impl Iterator<Item = Dataset> {
    (0..SEEDS).map(|seed| generate(&Params::draw(seed)))
}

/// How many datasets show each of some things: the shares asked for, in thousandths, against those found.
fn assert_shares(wanted: &[(&str, u64)], shown: impl Fn(&Dataset) -> Vec<&'static str>) {
    let mut counts = std::collections::BTreeMap::<&str, u64>::new();
    for dataset in datasets() {
        let things: std::collections::BTreeSet<_> = shown(&dataset).into_iter().collect();
        for thing in things {
            assert!(wanted.iter().any(|(name, _)| *name == thing), "{thing} is not asked for");
            *counts.entry(thing).or_default() += 1;
        }
    }
    let mut rare = Vec::new();
    for (name, share) in wanted {
        let found = counts.get(name).copied().unwrap_or(0) * 1000 / SEEDS;
        println!("{found:>5} of {share:>4} permille {name}");
        if found < *share {
            rare.push(format!("{name}: {found} < {share}"));
        }
    }
    assert!(rare.is_empty(), "{rare:#?}");
}

fn text(row: &Row, column: &str) -> String {
    row.get(column).map_or_else(String::new, Cell::to_string)
}

fn int(row: &Row, column: &str) -> i128 {
    row.integer(column).expect(column)
}
