//! Examining, shrinking and saving datasets.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use case_runner::{CaseOptions, run_case};
use dataset_generator::{Dataset, Params, generate};
use differential::{examine, minimise, save, shrink};
use pipeline::Engine;
use test_support::{TestServer, runtime};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[test]
fn minimise_finds_the_items_that_matter() {
    runtime().block_on(async {
        for needed in [vec![], vec![7], vec![0, 99], vec![3, 50, 51], (0..100).collect::<Vec<_>>()] {
            let needed: BTreeSet<i32> = needed.into_iter().collect();
            let mut tried = 0;
            let kept = minimise((0..100).collect(), soon(), |kept: &BTreeSet<i32>| {
                tried += 1;
                let holds = needed.is_subset(kept);
                async move { Ok::<_, Infallible>(holds) }
            })
            .await
            .unwrap();
            assert_eq!(kept, needed);
            assert!(tried <= 250, "{needed:?}: {tried}");
        }
    });
}

#[test]
fn minimise_ends_in_time_with_what_it_has() {
    runtime().block_on(async {
        let kept = minimise((0..10).collect::<BTreeSet<_>>(), Instant::now(), |_: &BTreeSet<i32>| async {
            panic!("there is no time to try anything") as Result<bool, Infallible>
        });
        assert_eq!(kept.await.unwrap().len(), 10);
    });
}

/// Stands for a difference that shows after the second cutoff and needs one submission and two stakers.
fn needs(dataset: &Dataset, original: &Dataset) -> bool {
    let mut until_then = original.clone();
    until_then.truncate_cutoffs(2);
    let stakers: Vec<_> = until_then.addresses("staker").into_iter().collect();
    let left = dataset.addresses("staker");
    let submission = *until_then.submissions().iter().next().unwrap();
    dataset.submissions().contains(&submission)
        && left.contains(&stakers[0])
        && left.contains(&stakers[2])
        && dataset.params.cutoffs.contains(&original.params.cutoffs[1])
}

#[test]
fn a_dataset_is_shrunk_to_what_the_difference_needs_and_stays_valid() {
    runtime().block_on(async {
        let original = generate(&Params::draw(5));
        assert!(original.params.cutoffs.len() >= 2 && original.addresses("staker").len() > 3);
        let shrunk = shrink(&original, 2, soon(), |candidate| {
            let holds = needs(&candidate, &original);
            async move { Ok::<_, Infallible>(holds) }
        })
        .await
        .unwrap();
        let small = shrunk.dataset;
        assert!(shrunk.finished && needs(&small, &original));
        assert_eq!(small.submissions().len(), 1);
        assert_eq!(small.addresses("staker").len(), 2);
        assert_eq!(small.params.cutoffs, [original.params.cutoffs[1]]);
        assert!(small.row_count() < original.row_count() / 5, "{} of {}", small.row_count(), original.row_count());

        // What is left can still be imported and run, and both engines agree on it.
        let server = TestServer::shared().config();
        let examined = examine(&server, &small).await.unwrap();
        assert!(examined.finding.is_none(), "{}", examined.finding.unwrap());
    });
}

#[test]
fn both_engines_agree_on_a_dataset_with_rows_in_every_kind_of_relation() {
    runtime().block_on(async {
        let server = TestServer::shared().config();
        let examined = examine(&server, &generate(&Params::demo(1))).await.unwrap();
        assert!(examined.finding.is_none(), "{}", examined.finding.unwrap());
        assert!(examined.rows > 10_000 && examined.gold_rows > 3_000, "{examined:?}");
    });
}

#[test]
fn a_saved_dataset_is_a_case_that_passes_with_both_engines_and_fails_when_tampered() {
    runtime().block_on(async {
        let server = TestServer::shared().config();
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("seed");
        let mut dataset = generate(&Params::draw(3));
        dataset.truncate_cutoffs(2);
        save(&server, &dataset, &case).await.unwrap();
        for engine in [Engine::Native, Engine::Sql] {
            let report = run_case(&server, &case, CaseOptions { keep: false, engine }).await.unwrap();
            assert!(report.passed() && report.checks.len() > 20, "{report:?}");
        }
        let toml = case.join("case.toml");
        let text = std::fs::read_to_string(&toml).unwrap();
        std::fs::write(&toml, text.replace("sha256 = \"", "sha256 = \"0")).unwrap();
        let options = CaseOptions { keep: false, engine: Engine::Native };
        assert!(!run_case(&server, &case, options).await.unwrap().passed());
    });
}

#[test]
fn a_dataset_that_neither_engine_can_compute_is_a_finding() {
    runtime().block_on(async {
        let mut dataset = generate(&Params::draw(3));
        // A dataset without blocks cannot be run at all.
        dataset.retain_rows("blocks", |_| false);
        let server = TestServer::shared().config();
        let finding = examine(&server, &dataset).await.unwrap().finding.unwrap();
        assert!(finding.failure.as_ref().unwrap().contains("is empty"), "{finding}");
    });
}
