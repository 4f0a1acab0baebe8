//! Silver after many runs is silver of one run.

use case_runner::Case;
use dataset_generator::{Params, generate};
use test_support::runtime;

use crate::support::{Installation, day, operator_sets};

/// Random datasets small enough to run every night of.
const SEEDS: usize = 4;

#[test]
fn silver_after_every_night_equals_silver_of_a_single_run_at_the_end() {
    runtime().block_on(async {
        let drawn = (1000..).map(Params::draw);
        let small = drawn.filter(|params| params.stakers <= 25 && params.days <= 60 && params.cutoffs.len() >= 5);
        for params in small.take(SEEDS) {
            let folder = tempfile::tempdir().unwrap();
            generate(&params).write(folder.path()).unwrap();
            let case = Case::read(folder.path()).unwrap();
            let mut nightly = Installation::of(&case).await;
            for &cutoff in &case.cutoffs {
                nightly.complete(cutoff).await;
            }
            let mut once = Installation::of(&case).await;
            once.complete(*case.cutoffs.last().unwrap()).await;
            nightly.assert_same_silver(&once, &format!("seed {}", params.seed)).await;
        }
    });
}

/// Corrections of days long before the first run's cutoff: a new delta, a changed one, one that is gone, and a sample.
const CORRECT: &str = "\
    INSERT INTO staker_share_deltas SELECT staker, strategy, 777, 0, '0xnew', 0, block_time, block_date, block_number \
        FROM staker_share_deltas ORDER BY block_time, log_index, staker LIMIT 1; \
    UPDATE operator_share_deltas SET shares = shares + 12345 WHERE ctid = \
        (SELECT ctid FROM operator_share_deltas ORDER BY block_time, log_index, operator LIMIT 1); \
    DELETE FROM staker_share_deltas WHERE ctid = \
        (SELECT ctid FROM staker_share_deltas WHERE shares > 0 AND transaction_hash <> '0xnew' \
         ORDER BY block_time DESC, log_index LIMIT 1 OFFSET 5); \
    DELETE FROM operator_restaked_strategies WHERE block_number = \
        (SELECT min(block_number) FROM operator_restaked_strategies); \
    UPDATE operator_allocations SET magnitude = magnitude + 1 WHERE ctid = \
        (SELECT ctid FROM operator_allocations ORDER BY block_number, log_index LIMIT 1)";

#[test]
fn a_corrected_history_corrects_all_of_silver_and_leaves_paid_gold_alone() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut corrected = Installation::of(&case).await;
        let (first, second) = (day("2025-04-23"), day("2025-04-28"));
        corrected.complete(first).await;
        let (paid, silver) = (corrected.gold().await, corrected.silver().await);
        corrected.execute(CORRECT).await;
        corrected.complete(second).await;

        let mut fresh = Installation::of(&case).await;
        fresh.execute(CORRECT).await;
        fresh.complete(second).await;
        corrected.assert_same_silver(&fresh, "corrected").await;

        let gold = corrected.gold().await;
        assert_eq!(gold[..paid.len()], paid, "rows of the first run, which sort first, stay");
        assert!(gold.len() > paid.len());
        // The corrections are of days the first run had derived already.
        let days_of_first = |rows: &[String]| -> Vec<String> {
            rows.iter().filter(|row| row.contains(",2025-04-1")).cloned().collect()
        };
        let name = "staker_share_snapshots";
        let rows = |silver: &[(&str, Vec<String>)]| {
            days_of_first(&silver.iter().find(|(relation, _)| *relation == name).unwrap().1)
        };
        assert_ne!(rows(&silver), rows(&corrected.silver().await), "the corrections change what was derived before");
    });
}
