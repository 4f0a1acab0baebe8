//! Manifests: the same rows give the same one, however they were computed, and what differs is found.

use std::num::NonZeroUsize;

use pipeline::{
    BackfillRequest, Budget, Engine, ManifestCheck, ManifestReport, Parting, RunRequest, Silent, UndoTarget, backfill,
    check_manifest, manifests, undo,
};
use test_support::runtime;

use crate::support::{Installation, operator_sets};

/// The first difference.
fn bisect(a: &ManifestReport, b: &ManifestReport) -> Option<Parting> {
    pipeline::bisect(a, b).parting
}

async fn report(installation: &Installation) -> ManifestReport {
    manifests(&installation.client, &installation.schemas, None).await.unwrap()
}

/// Digests of all runs.
fn digests(report: &ManifestReport) -> Vec<&str> {
    report.runs.iter().map(|run| run.digest.as_deref().unwrap()).collect()
}

async fn nights(runs: usize) -> Installation {
    let mut installation = Installation::of(&operator_sets()).await;
    for &cutoff in &operator_sets().cutoffs[..runs] {
        installation.complete(cutoff).await;
    }
    installation
}

#[test]
fn a_backfill_several_workers_and_the_other_engine_have_the_manifests_of_single_runs() {
    runtime().block_on(async {
        let case = operator_sets();
        let (from, to) = (case.cutoffs[0], case.cutoffs[0].next().next().next());
        let mut single = Installation::of(&case).await;
        let mut cutoff = from;
        while cutoff <= to {
            single.complete(cutoff).await;
            cutoff = cutoff.next();
        }
        let expected = report(&single).await;
        assert_eq!(expected.runs.len(), 4);
        assert!(expected.runs.iter().any(|run| run.manifest.as_ref().unwrap().gold_rows > 0));

        let mut filled = Installation::of(&case).await;
        let request = BackfillRequest { run: filled.request(to), from, every: 1 };
        backfill(&mut filled.client, &filled.schemas, &request, &Silent).await.unwrap();
        assert_eq!(digests(&report(&filled).await), digests(&expected), "a backfill");
        assert_eq!(bisect(&expected, &report(&filled).await), None);

        for what in ["two workers and small units", "the other engine"] {
            let mut other = Installation::of(&case).await;
            let mut cutoff = from;
            while cutoff <= to {
                let request = other.request(cutoff);
                let request = if what == "the other engine" {
                    RunRequest { engine: Engine::Sql, ..request }
                } else {
                    let sessions = Some(crate::workers::sessions(&other));
                    RunRequest { workers: NonZeroUsize::new(2).unwrap(), pairs_per_unit: 1, sessions, ..request }
                };
                other.try_request(&request).await.unwrap();
                cutoff = cutoff.next();
            }
            assert_eq!(digests(&report(&other).await), digests(&expected), "{what}");
        }
    });
}

#[test]
fn a_manifest_goes_with_its_run_and_comes_back_the_same() {
    runtime().block_on(async {
        let mut installation = nights(3).await;
        let before = report(&installation).await;
        let target = UndoTarget::FromCutoff(operator_sets().cutoffs[1]);
        undo(&mut installation.client, &installation.schemas, None, target, &Silent).await.unwrap();
        assert_eq!(digests(&report(&installation).await), digests(&before)[..1]);
        for &cutoff in &operator_sets().cutoffs[1..3] {
            installation.complete(cutoff).await;
        }
        assert_eq!(digests(&report(&installation).await), digests(&before));
    });
}

#[test]
fn rows_that_changed_after_their_run_are_found() {
    runtime().block_on(async {
        let mut installation = nights(2).await;
        let check = async |installation: &mut Installation| {
            check_manifest(&mut installation.client, &installation.schemas, None, &Budget::default()).await.unwrap()
        };
        let nothing = ManifestCheck { days: Vec::new(), root: None, dropped: Vec::new() };
        assert_eq!(check(&mut installation).await, nothing);
        let one = "ctid = (SELECT ctid FROM paydirt.gold_rows WHERE run_id = (SELECT max(id) FROM paydirt.runs) \
                   ORDER BY snapshot, reward, earner LIMIT 1)";
        let table = "(SELECT tableoid::regclass::text FROM paydirt.gold_rows WHERE run_id = (SELECT max(id) FROM \
                     paydirt.runs) ORDER BY snapshot, reward, earner LIMIT 1)";
        let change = format!(
            "DO $$ BEGIN EXECUTE format('UPDATE %s SET amount = amount + 1 WHERE {}', {table}); END $$",
            one.replace('\'', "''")
        );
        installation.execute(&change).await;
        let differing = check(&mut installation).await;
        let [(Some(noted), Some(stored))] = &differing.days[..] else { panic!("{differing:?}") };
        assert_eq!((&noted.day, noted.rows), (&stored.day, stored.rows), "as many rows of the same day");
        assert_ne!(noted.content, stored.content);
    });
}

#[test]
fn two_deployments_part_where_their_events_do() {
    runtime().block_on(async {
        let cutoffs = operator_sets().cutoffs;
        let a = report(&nights(3).await).await;
        assert_eq!(bisect(&a, &a), None);

        // An event of the second night has another amount in B.
        let mut b = nights(1).await;
        let day = format!("block_time >= '{}' AND block_time < '{}'", cutoffs[0], cutoffs[1]);
        b.execute(&format!(
            "UPDATE staker_share_deltas SET shares = shares + 1 WHERE ctid = \
             (SELECT ctid FROM staker_share_deltas WHERE {day} ORDER BY block_time, log_index, staker LIMIT 1)"
        ))
        .await;
        let of = format!("SELECT min(block_time)::date::text FROM staker_share_deltas WHERE {day}");
        let day = crate::support::texts(&b.client, &of).await.remove(0);
        for &cutoff in &cutoffs[1..3] {
            b.complete(cutoff).await;
        }
        let b = report(&b).await;
        let parting = bisect(&a, &b).unwrap();
        assert_eq!(parting.step, "staker_share_ranges");
        assert_eq!(parting.cutoff, cutoffs[1].to_string());
        assert_eq!(parting.day.as_deref(), Some(day.as_str()), "{parting}");

        // A cutoff is missing in C.
        let c = report(&nights(2).await).await;
        let parting = bisect(&a, &c).unwrap();
        assert_eq!((parting.step.as_str(), parting.cutoff), ("runs", cutoffs[2].to_string()));
        assert_eq!(bisect(&c, &a).unwrap().what, "there is no such run in A");

        // The same events and plan, and other rows.
        let mut d = a.clone();
        let manifest = d.runs[2].manifest.as_mut().unwrap();
        manifest.days.last_mut().unwrap().content = "1".to_owned();
        let last = manifest.days.last().unwrap().day.clone();
        let parting = bisect(&a, &d).unwrap();
        assert_eq!((parting.step.as_str(), parting.day), ("gold", Some(last)));

        // Another plan, other rules.
        let mut e = a.clone();
        e.runs[1].manifest.as_mut().unwrap().plan = None;
        assert_eq!(bisect(&a, &e).unwrap().step, "plan");
        e.runs[1].manifest.as_mut().unwrap().rules = "2".to_owned();
        assert_eq!(bisect(&a, &e).unwrap().step, "rules");
    });
}
