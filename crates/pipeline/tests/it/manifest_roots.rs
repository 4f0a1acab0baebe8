//! The root of a run is kept with its manifest, and is what `paydirt root` gave right after the run.

use std::num::NonZeroUsize;

use pipeline::{
    BackfillRequest, BatchLimits, Budget, Engine, Event, ManifestError, Observer, ReadFrom, RootError, RunError,
    RunRequest, Silent, SnapshotArgument, Stop, StoreRoot, UndoTarget, backfill, check_manifest, manifests, root,
    root_from_rows, run, stored_root, undo,
};
use reward_rules::Day;
use test_support::runtime;

use crate::support::{Installation, case_named, completed, operator_sets, texts};

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
        assert_eq!(kept(&other).await, expected, "a backfill by the other engine");
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

/// The installation's paydirt schema does something when a run becomes complete.
async fn when_complete(installation: &Installation, cutoff: Day, statement: &str) {
    installation
        .execute(&format!(
            "CREATE OR REPLACE FUNCTION paydirt.when_complete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF NEW.status = 'complete' AND NEW.cutoff = '{cutoff}' THEN {statement}; END IF; RETURN NULL; END $$; \
             CREATE OR REPLACE TRIGGER when_complete AFTER UPDATE ON paydirt.runs \
             FOR EACH ROW EXECUTE FUNCTION paydirt.when_complete()"
        ))
        .await;
}

#[test]
fn a_submission_that_leaves_the_source_while_a_run_pays_it_does_not_count_for_its_root() {
    runtime().block_on(async {
        let case = case_named("stake-weighted");
        let mut untouched = Installation::of(&case).await;
        let with_it = nights(&mut untouched, &case.cutoffs[..1], |request| request).await;
        let paid = "SELECT min(w.reward_hash) FROM paydirt.gold_windows w";
        let hash = texts(&untouched.client, paid).await.remove(0);
        let gone: Vec<String> = [
            "reward_submissions",
            "operator_directed_reward_submissions",
            "operator_directed_operator_set_reward_submissions",
            "unique_stake_reward_submissions",
            "total_stake_reward_submissions",
        ]
        .iter()
        .map(|table| format!("DELETE FROM public.{table} WHERE reward_hash = '{hash}'"))
        .collect();
        let mut installation = Installation::of(&case).await;
        when_complete(&installation, case.cutoffs[0], &gone.join("; ")).await;
        // As it is right after the run.
        let without_it = nights(&mut installation, &case.cutoffs[..1], |request| request).await;
        assert_ne!(with_it, without_it);
        assert_eq!(kept(&installation).await, without_it);
    });
}

#[test]
fn a_run_that_fails_at_its_end_costs_no_reader_a_scan_and_a_root_that_is_missing_is_made_up_for() {
    runtime().block_on(async {
        let case = operator_sets();
        let cutoffs = &case.cutoffs[..2];
        let expected = nights(&mut Installation::of(&case).await, cutoffs, |request| request).await;
        let mut installation = Installation::of(&case).await;
        nights(&mut installation, &cutoffs[..1], |request| request).await;
        // It pays a submission that does not count for the run before.
        when_complete(&installation, cutoffs[1], "RAISE 'not today'").await;
        let error = installation.try_run(cutoffs[1]).await.unwrap_err();
        assert!(error.to_string().contains("complete"), "{error}");
        let Installation { client, schemas, .. } = &mut installation;
        let before = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap();
        assert_eq!((before.read_from, Some(before.root().to_string())), (ReadFrom::Balances, expected[0].clone()));
        installation.execute("DROP TRIGGER when_complete ON paydirt.runs").await;
        installation.complete(cutoffs[1]).await;
        assert_eq!(kept(&installation).await, expected);

        // As if it had been interrupted right after its last commit.
        for again in ["run", "backfill"] {
            installation.execute("UPDATE paydirt.manifests SET root = NULL WHERE run_id = (SELECT max(run_id) FROM paydirt.manifests)").await;
            let run = installation.request(cutoffs[1]);
            if again == "run" {
                installation.try_request(&run).await.unwrap();
            } else {
                let request = BackfillRequest { run, from: cutoffs[1], every: 1 };
                backfill(&mut installation.client, &installation.schemas, &request, &Silent).await.unwrap();
            }
            assert_eq!(kept(&installation).await, expected, "{again}");
        }
    });
}
