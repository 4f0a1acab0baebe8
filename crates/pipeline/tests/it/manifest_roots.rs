//! The root of a run is kept with its manifest, and is what `paydirt root` gave right after the run.

use std::num::NonZeroUsize;

use pipeline::{
    BackfillRequest, BatchLimits, Budget, Engine, Event, ManifestError, Observer, RootError, RunError, RunRequest,
    Silent, SnapshotArgument, Stop, StoreRoot, UndoTarget, backfill, check_manifest, manifests, root, root_from_rows,
    run, stored_root, undo,
};
use reward_rules::Day;
use test_support::runtime;

use crate::support::{Installation, case_named, completed, operator_sets};

/// Roots of all runs as they are stored, oldest first.
async fn kept(installation: &Installation) -> Vec<Option<String>> {
    let report = manifests(&installation.client, &installation.schemas, None).await.unwrap();
    report.runs.into_iter().map(|run| run.root).collect()
}

/// Roots of all runs, stored or computed now, by the order of runs.
async fn asked(installation: &mut Installation) -> Vec<Option<String>> {
    let report = manifests(&installation.client, &installation.schemas, None).await.unwrap();
    let mut roots = Vec::new();
    for run in report.runs {
        let Installation { client, schemas, .. } = installation;
        roots.push(match stored_root(client, schemas, run.run, &Budget::default()).await {
            Ok(root) => Some(root),
            Err(ManifestError::Root(RootError::NoAmounts { .. })) => None,
            Err(error) => panic!("{error}"),
        });
    }
    roots
}

/// Runs cutoffs one by one; what `paydirt root` says after each.
async fn nights(
    installation: &mut Installation,
    cutoffs: &[Day],
    of: impl Fn(RunRequest) -> RunRequest,
) -> Vec<Option<String>> {
    let mut roots = Vec::new();
    for &cutoff in cutoffs {
        let request = of(installation.request(cutoff));
        let summary = completed(installation.try_request(&request).await.unwrap());
        let Installation { client, schemas, .. } = installation;
        let snapshot = SnapshotArgument::Date(cutoff.previous());
        let now = match root(client, schemas, snapshot, &Budget::default()).await {
            Ok(root) => Some(root.root().to_string()),
            Err(RootError::NoAmounts { .. }) => None,
            Err(error) => panic!("{error}"),
        };
        if request.root != StoreRoot::Later {
            assert_eq!(summary.root, now, "{cutoff}");
        }
        roots.push(now);
    }
    roots
}

#[test]
fn every_run_of_the_cases_keeps_the_root_it_had() {
    runtime().block_on(async {
        for name in ["operator-sets", "stake-weighted", "float-eras"] {
            let case = case_named(name);
            let mut installation = Installation::of(&case).await;
            let after_each = nights(&mut installation, &case.cutoffs, |request| request).await;
            assert!(after_each.iter().flatten().count() > 3, "{name}");
            assert_eq!(kept(&installation).await, after_each, "{name}");

            // Whoever asks later gets what it was, also for runs that later ones have paid old days after.
            installation.execute("UPDATE paydirt.manifests SET root = NULL").await;
            assert_eq!(kept(&installation).await.iter().flatten().count(), 0);
            assert_eq!(asked(&mut installation).await, after_each, "{name}");
            assert_eq!(kept(&installation).await, after_each, "{name}: stored by who asked");
        }
    });
}

#[test]
fn undone_and_run_again_with_workers_by_the_other_engine_or_as_a_backfill_it_is_the_same() {
    runtime().block_on(async {
        let case = operator_sets();
        // One a day, as a backfill does.
        let cutoffs: Vec<Day> = (0..4).map(|days| Day(case.cutoffs[0].0 + days)).collect();
        let mut single = Installation::of(&case).await;
        let expected = nights(&mut single, &cutoffs, |request| request).await;
        assert!(expected.iter().flatten().count() > 1);

        let target = UndoTarget::FromCutoff(cutoffs[1]);
        undo(&mut single.client, &single.schemas, None, target, &Silent).await.unwrap();
        assert_eq!(kept(&single).await, expected[..1]);
        let again =
            nights(&mut single, &cutoffs[1..], |request| RunRequest { root: StoreRoot::Later, ..request }).await;
        assert_eq!(again, expected[1..]);
        assert_eq!(kept(&single).await[1..], [None, None, None]);
        assert_eq!(asked(&mut single).await, expected);

        let mut other = Installation::of(&case).await;
        nights(&mut other, &cutoffs, |request| RunRequest { engine: Engine::Sql, ..request }).await;
        assert_eq!(kept(&other).await, expected, "the other engine");

        let mut workers = Installation::of(&case).await;
        let sessions = Some(crate::workers::sessions(&workers));
        let two = NonZeroUsize::new(2).unwrap();
        nights(&mut workers, &cutoffs, |request| RunRequest {
            workers: two,
            pairs_per_unit: 1,
            sessions: sessions.clone(),
            ..request
        })
        .await;
        assert_eq!(kept(&workers).await, expected, "workers");

        let mut filled = Installation::of(&case).await;
        let request = BackfillRequest { run: filled.request(cutoffs[3]), from: cutoffs[0], every: 1 };
        backfill(&mut filled.client, &filled.schemas, &request, &Silent).await.unwrap();
        assert_eq!(kept(&filled).await, expected, "a backfill");

        let mut together = Installation::of(&case).await;
        let sessions = Some(crate::workers::sessions(&together));
        let run = RunRequest { workers: two, pairs_per_unit: 1, sessions, ..together.request(cutoffs[3]) };
        let request = BackfillRequest { run, ..request };
        backfill(&mut together.client, &together.schemas, &request, &Silent).await.unwrap();
        assert_eq!(kept(&together).await, expected, "a backfill with workers");

        let mut other = Installation::of(&case).await;
        let run = RunRequest { engine: Engine::Sql, ..other.request(cutoffs[3]) };
        let request = BackfillRequest { run, ..request };
        backfill(&mut other.client, &other.schemas, &request, &Silent).await.unwrap();
        let kept = kept(&other).await;
        assert_eq!(kept, [None, None, None, expected[3].clone()], "it has the sums of its last run only");
        assert_eq!(asked(&mut other).await, expected);
    });
}

#[test]
fn a_root_is_stored_later_if_that_is_asked_for() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        let later = |request| RunRequest { root: StoreRoot::Later, ..request };
        let first = nights(&mut installation, &case.cutoffs[..1], later).await;
        let second = nights(&mut installation, &case.cutoffs[1..2], |request| request).await;
        let third = nights(&mut installation, &case.cutoffs[2..3], later).await;
        assert_eq!(kept(&installation).await, [None, second[0].clone(), None]);
        assert_eq!(asked(&mut installation).await, [first, second, third].concat());
    });
}

/// Asks a run to stop when it has committed a unit.
struct AfterOneUnit(Stop);

impl Observer for AfterOneUnit {
    fn event(&self, event: Event) {
        if matches!(event, Event::UnitCommitted { .. }) {
            self.0.request();
        }
    }
}

#[test]
fn a_run_that_was_interrupted_a_small_memory_and_further_sessions_make_no_difference() {
    runtime().block_on(async {
        let case = operator_sets();
        let cutoffs = &case.cutoffs[..3];
        let expected = nights(&mut Installation::of(&case).await, cutoffs, |request| request).await;

        assert!(expected[0].is_some());

        let mut installation = Installation::of(&case).await;
        let stop = Stop::default();
        let request = RunRequest {
            pairs_per_unit: 1,
            batch: BatchLimits { rows: 1, ..BatchLimits::DEFAULT },
            stop: stop.clone(),
            ..installation.request(cutoffs[0])
        };
        let Installation { client, schemas, .. } = &mut installation;
        let error = run(client, schemas, &request, &AfterOneUnit(stop)).await.unwrap_err();
        assert!(matches!(error, RunError::Interrupted { .. }), "{error}");
        // Its first rows were not added up by the process that completes it.
        assert_eq!(nights(&mut installation, cutoffs, |request| request).await, expected);

        let mut small = Installation::of(&case).await;
        let least = |request| RunRequest { memory: Budget::new(1 << 20), ..request };
        assert_eq!(nights(&mut small, cutoffs, least).await, expected);

        let mut further = Installation::of(&case).await;
        let sessions = Some(crate::workers::sessions(&further));
        let beside = |request| RunRequest { sessions: sessions.clone(), balance_rows: None, ..request };
        assert_eq!(nights(&mut further, cutoffs, beside).await, expected);
    });
}

#[test]
fn gold_that_was_changed_has_another_root_than_the_one_that_is_kept() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        nights(&mut installation, &case.cutoffs[..2], |request| request).await;
        let Installation { client, schemas, .. } = &mut installation;
        let check = check_manifest(client, schemas, None, &Budget::default()).await.unwrap();
        assert!(check.days.is_empty() && check.root.is_none(), "{check:?}");
        // In a row of the first run: the days of the second are untouched, and so are the balances.
        installation
            .execute(
                "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE (snapshot, earner, reward) = \
                 (SELECT snapshot, earner, reward FROM paydirt.gold_rows ORDER BY run_id, 1, 2, 3 LIMIT 1)",
            )
            .await;
        let Installation { client, schemas, .. } = &mut installation;
        let check = check_manifest(client, schemas, None, &Budget::default()).await.unwrap();
        assert!(check.days.is_empty(), "{check:?}");
        let (noted, now) = check.root.unwrap();
        let latest = root_from_rows(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap();
        assert_eq!((Some(noted), now), (kept(&installation).await[1].clone(), latest.root().to_string()));
    });
}
