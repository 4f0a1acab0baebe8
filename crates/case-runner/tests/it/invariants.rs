//! The numbered invariants of DESIGN.md (`sql/checks`), on random datasets.

use pipeline::{Schemas, Silent, Source, check_invariants};
use test_support::runtime;

use crate::support::{complete, random};

const SEEDS: std::ops::Range<u64> = 1..9;

#[test]
fn i1_i3_i4_i5_hold_after_every_run_of_random_datasets() {
    runtime().block_on(async {
        let mut rows = 0;
        for seed in SEEDS {
            let (_database, mut client, case) = random(seed).await;
            for &cutoff in &case.cutoffs {
                rows += complete(&mut client, &case, cutoff, Source::Events).await.gold_rows;
                let reports = check_invariants(&mut client, &Schemas::default(), &Silent).await.unwrap();
                let violated: Vec<_> = reports.iter().filter(|report| report.violations > 0).collect();
                assert!(violated.is_empty(), "seed {seed} after {cutoff}: {violated:?}");
            }
        }
        assert!(rows > 1000, "the datasets have something to pay: {rows}");
    });
}
