//! Units in parallel: results do not depend on who computes them.

use std::num::NonZeroUsize;
use std::time::Duration;

use pipeline::{
    BatchLimits, Budget, RunError, RunOutcome, RunRequest, Sessions, Silent, Stop, WorkRequest, run, unit_statuses,
    work,
};
use test_support::runtime;

use crate::support::{Installation, completed, operator_sets, texts};

pub(crate) fn sessions(installation: &Installation) -> Sessions {
    Sessions::new(installation.database.config(), "test worker")
}

/// A run of the last cutoff at once, in units of about a day, each with a commit of its own.
fn in_small_units(installation: &Installation, workers: usize) -> RunRequest {
    let cutoff = *operator_sets().cutoffs.last().unwrap();
    RunRequest {
        workers: NonZeroUsize::new(workers).unwrap(),
        sessions: Some(sessions(installation)),
        pairs_per_unit: 1,
        batch: BatchLimits { rows: 1, bytes: 1, time: Duration::ZERO },
        ..installation.request(cutoff)
    }
}

async fn content(installation: &Installation) -> Vec<String> {
    let mut content = installation.gold().await;
    content.extend(texts(&installation.client, "SELECT w::text FROM paydirt.watermarks w ORDER BY 1").await);
    content.extend(texts(&installation.client, "SELECT w::text FROM paydirt.gold_windows w ORDER BY 1").await);
    content.extend(
        texts(&installation.client, "SELECT concat_ws(' ', unit, gold_rows, paid) FROM paydirt.units ORDER BY unit")
            .await,
    );
    content
}

/// What a single worker comes to.
async fn done_alone() -> Vec<String> {
    let mut alone = Installation::of(&operator_sets()).await;
    let request = in_small_units(&alone, 1);
    completed(alone.try_request(&request).await.unwrap());
    content(&alone).await
}

#[test]
fn any_number_of_workers_gives_the_same() {
    runtime().block_on(async {
        let mut expected = Vec::new();
        for workers in [1, 2, 5] {
            let mut installation = Installation::of(&operator_sets()).await;
            let request = in_small_units(&installation, workers);
            let summary = completed(installation.try_request(&request).await.unwrap());
            assert!(summary.gold_rows > 0);
            installation.assert_newest_root().await;
            let units = unit_statuses(&installation.client, &installation.schemas, summary.run_id).await.unwrap();
            assert!(
                units.len() > 10 && units.iter().all(|unit| unit.status == "done" && unit.retries == 0),
                "{units:?}"
            );
            assert!(units.iter().all(|unit| unit.worker.is_some() && unit.lock_wait_seconds.is_some()), "{units:?}");
            let content = content(&installation).await;
            if expected.is_empty() {
                expected = content;
            } else {
                assert!(content == expected, "{workers} workers");
            }
        }
    });
}

#[test]
fn another_process_helps_and_a_run_ends_without_it() {
    runtime().block_on(async {
        let alone = done_alone().await;
        let mut installation = Installation::of(&operator_sets()).await;
        // The first session takes its time, so that the helper has its part.
        installation
            .execute(
                "CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF current_setting('application_name') = 'test' THEN PERFORM pg_sleep(0.1); END IF; RETURN NEW; END $$; \
                 CREATE TRIGGER dawdle BEFORE UPDATE ON paydirt.units FOR EACH ROW EXECUTE FUNCTION public.dawdle()",
            )
            .await;
        let request = in_small_units(&installation, 1);
        let helping = WorkRequest {
            sessions: sessions(&installation),
            memory: Budget::default(),
            wait: Duration::from_secs(20),
            stop: Stop::default(),
        };
        let (mut helper, schemas) = (installation.connect().await, installation.schemas.clone());
        let running = async {
            let outcome = run(&mut installation.client, &schemas, &request, &Silent).await;
            helping.stop.request();
            outcome
        };
        let (outcome, helped) = tokio::join!(running, work(&mut helper, &schemas, &helping, &Silent));
        completed(outcome.unwrap());
        let helped = helped.unwrap();
        assert!(helped > 0, "the helper had its part");
        assert!(content(&installation).await == alone, "{helped} units done by the helper");
        let none = WorkRequest { wait: Duration::ZERO, stop: Stop::default(), ..helping };
        assert_eq!(work(&mut helper, &schemas, &none, &Silent).await.unwrap(), 0, "nothing is left");
    });
}

#[test]
fn a_worker_waits_for_a_unit_that_somebody_else_has_and_takes_it_when_they_die() {
    runtime().block_on(async {
        let alone = done_alone().await;
        let mut installation = Installation::of(&operator_sets()).await;
        let request = RunRequest { stop: Stop::default(), ..in_small_units(&installation, 1) };
        // A run that is planned and stops before its first unit.
        request.stop.request();
        let error = installation.try_request(&request).await.unwrap_err();
        assert!(matches!(error, RunError::Interrupted { left, .. } if left > 10), "{error}");
        let other = installation.connect().await;
        other.batch_execute("BEGIN; SELECT FROM paydirt.units WHERE unit = 3 FOR UPDATE").await.unwrap();
        let request = in_small_units(&installation, 1);
        let watching = installation.connect().await;
        let dies = async {
            let left = "SELECT count(*)::text FROM paydirt.units WHERE status = 'pending'";
            while texts(&watching, left).await != ["1"] {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            // Now only the unit of the other session is left.
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(texts(&watching, left).await, ["1"]);
            drop(other);
        };
        let (outcome, ()) = tokio::join!(installation.try_request(&request), dies);
        assert!(matches!(outcome.unwrap(), RunOutcome::Completed(_)));
        assert!(content(&installation).await == alone);
    });
}

#[test]
fn a_unit_whose_session_is_ended_is_tried_again_and_says_so() {
    runtime().block_on(async {
        let alone = done_alone().await;
        let mut installation = Installation::of(&operator_sets()).await;
        // The second worker's session is ended in the middle of its first unit; until then the first worker stays in its own.
        installation
            .execute(
                "CREATE FUNCTION public.shoot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF (SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()) = 'test worker' \
                 THEN IF nextval('public.shots') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; \
                 ELSE FOR waited IN 1..500 LOOP EXIT WHEN (SELECT is_called FROM public.shots); PERFORM pg_sleep(0.02); END LOOP; \
                 END IF; RETURN NEW; END $$; CREATE SEQUENCE public.shots; \
                 CREATE TRIGGER shoot BEFORE UPDATE ON paydirt.units FOR EACH ROW EXECUTE FUNCTION public.shoot()",
            )
            .await;
        let request = in_small_units(&installation, 2);
        completed(installation.try_request(&request).await.unwrap());
        assert!(content(&installation).await == alone);
        let shots = texts(&installation.client, "SELECT is_called::text FROM public.shots").await;
        let retried =
            "SELECT count(*)::text FROM paydirt.units WHERE retries > 0 AND error LIKE '%terminating connection%'";
        let retried = texts(&installation.client, retried).await;
        assert_eq!(shots, ["true"], "the second worker had a unit");
        // Another worker may have taken the unit before the retry could be noted.
        assert!(["0", "1"].contains(&retried[0].as_str()), "{retried:?}");
    });
}
