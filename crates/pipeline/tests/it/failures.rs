//! Runs that fail, are killed, or meet another run.

use std::time::Duration;

use pipeline::{
    BatchLimits, Event, RunError, RunOutcome, Schemas, Silent, check_invariants, migrate_up, run, run_statuses,
};
use reward_rules::Day;
use test_support::runtime;
use tokio_postgres::Client;

use crate::support::{Installation, Log, completed, day, operator_sets, schemas, texts};

const FIRST: &str = "2025-04-18";
const SECOND: &str = "2025-04-26";

/// A commit after every unit.
const A_UNIT: BatchLimits = BatchLimits { rows: 1, bytes: 1, time: Duration::ZERO };

/// Gold's rows of days up to this one are taken, then the server refuses.
const REFUSE_LATE_ROWS: &str = "\
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE EXCEPTION 'the disk is full of cats'; END $$; \
    CREATE TRIGGER refuse BEFORE INSERT ON paydirt.gold_rows FOR EACH ROW WHEN (NEW.snapshot >= '2025-04-24') \
        EXECUTE FUNCTION public.refuse()";
const ALLOW: &str = "DROP FUNCTION public.refuse CASCADE";

/// An installation with one complete run, and the gold of an undisturbed one with two.
async fn disturbed() -> (Installation, Vec<String>) {
    let case = operator_sets();
    let mut undisturbed = Installation::of(&case).await;
    undisturbed.complete(day(FIRST)).await;
    let rows = undisturbed.complete(day(SECOND)).await.gold_rows;
    assert!(rows > 0, "the second run has something to pay");
    let gold = undisturbed.gold().await;
    let mut installation = Installation::of(&case).await;
    installation.complete(day(FIRST)).await;
    (installation, gold)
}

/// Runs the second cutoff in units of one day, and fails or is killed.
async fn interrupted(installation: &mut Installation) -> RunError {
    let mut request = installation.request(day(SECOND));
    request.pairs_per_unit = 1;
    request.batch = A_UNIT;
    installation.try_request(&request).await.unwrap_err()
}

/// What the units of the newest run have done: done, and in all.
async fn units(installation: &Installation) -> (usize, usize) {
    let units = texts(
        &installation.client,
        "SELECT status FROM paydirt.units WHERE run_id = (SELECT max(id) FROM paydirt.runs) ORDER BY unit",
    )
    .await;
    (units.iter().filter(|status| *status == "done").count(), units.len())
}

/// The first event of the run that comes after one that did not finish.
async fn first_event_of(installation: &mut Installation, cutoff: Day) -> Event {
    let log = Log::default();
    let mut request = installation.request(cutoff);
    request.pairs_per_unit = 1;
    completed(run(&mut installation.client, &installation.schemas, &request, &log).await.unwrap());
    let invariants = check_invariants(&mut installation.client, &installation.schemas, &Silent).await.unwrap();
    assert!(invariants.iter().all(|invariant| invariant.violations == 0), "{invariants:?}");
    installation.assert_newest_root().await;
    log.events().into_iter().find(|event| matches!(event, Event::Purged { .. } | Event::Resumed { .. })).unwrap()
}

#[test]
fn a_run_that_fails_shows_nothing_and_the_next_call_goes_on_where_it_stopped() {
    runtime().block_on(async {
        let (mut installation, expected) = disturbed().await;
        let before = installation.gold().await;
        installation.execute(REFUSE_LATE_ROWS).await;
        let mut left = 0;
        for _ in 0..2 {
            let error = interrupted(&mut installation).await;
            let RunError::InUnit { source, .. } = &error else { panic!("{error}") };
            assert!(matches!(**source, RunError::Write { .. }), "{source}");
            let statuses = run_statuses(&installation.client, &installation.schemas).await.unwrap();
            assert_eq!(statuses.iter().map(|run| run.status.as_str()).collect::<Vec<_>>(), ["complete", "failed"]);
            assert_eq!(statuses[1].cutoff, SECOND);
            assert_eq!(statuses[1].gold_rows, None);
            let message = statuses[1].error.as_ref().unwrap();
            assert!(message.contains("the disk is full of cats"), "{message}");
            let (done, all) = units(&installation).await;
            assert!(0 < done && done < all, "some units are done: {done} of {all}");
            left = all - done;
            assert_eq!(installation.gold().await, before, "nobody sees them");
            let invariants = check_invariants(&mut installation.client, &installation.schemas, &Silent).await.unwrap();
            assert!(invariants.iter().all(|invariant| invariant.violations == 0), "{invariants:?}");
        }
        installation.execute(ALLOW).await;
        let event = first_event_of(&mut installation, day(SECOND)).await;
        assert!(matches!(event, Event::Resumed { units, .. } if units == left), "{event:?}, {left} were left");
        assert_eq!(installation.gold().await, expected);
        let statuses = run_statuses(&installation.client, &installation.schemas).await.unwrap();
        assert!(statuses.iter().all(|run| run.status == "complete" && run.error.is_none()), "{statuses:?}");
    });
}

#[test]
fn a_run_whose_source_has_changed_since_it_was_planned_starts_anew() {
    runtime().block_on(async {
        let (mut installation, _) = disturbed().await;
        installation.execute(REFUSE_LATE_ROWS).await;
        interrupted(&mut installation).await;
        installation.execute(ALLOW).await;
        let correction = "UPDATE operator_directed_reward_submissions SET amount = amount + 1000";
        installation.execute(correction).await;
        let event = first_event_of(&mut installation, day(SECOND)).await;
        assert!(matches!(event, Event::Purged { rows, .. } if rows > 0), "{event:?}");

        let (mut undisturbed, _) = disturbed().await;
        undisturbed.execute(correction).await;
        undisturbed.complete(day(SECOND)).await;
        assert_eq!(installation.gold().await, undisturbed.gold().await);
    });
}

#[test]
fn statuses_change_only_in_legal_ways() {
    runtime().block_on(async {
        let (installation, _) = disturbed().await;
        for illegal in ["processing", "failed"] {
            let statement = format!("UPDATE paydirt.runs SET status = '{illegal}'");
            let error = installation.client.batch_execute(&statement).await.unwrap_err();
            assert!(format!("{error:?}").contains("cannot become"), "{error:?}");
        }
    });
}

#[test]
fn a_failed_run_does_not_stand_in_the_way_of_an_earlier_cutoff() {
    runtime().block_on(async {
        let (mut installation, _) = disturbed().await;
        installation.execute(REFUSE_LATE_ROWS).await;
        interrupted(&mut installation).await;
        installation.execute(ALLOW).await;
        let event = first_event_of(&mut installation, day("2025-04-23")).await;
        assert!(matches!(&event, Event::Purged { cutoff, rows, .. } if cutoff == SECOND && *rows > 0), "{event:?}");
        installation.complete(day(SECOND)).await;
    });
}

#[test]
fn a_plan_after_a_failed_run_is_that_of_its_repetition() {
    runtime().block_on(async {
        let (mut installation, _) = disturbed().await;
        let request = installation.request(day(SECOND));
        let Installation { client, schemas, chain, .. } = &mut installation;
        let before =
            pipeline::plan_run(client, schemas, *chain, reward_rules::Mode::Compatible, request.cutoff).await.unwrap();
        installation.execute(REFUSE_LATE_ROWS).await;
        installation.try_run(day(SECOND)).await.unwrap_err();
        installation.execute(ALLOW).await;
        let stored = installation.stored().await;
        let Installation { client, schemas, chain, .. } = &mut installation;
        let after =
            pipeline::plan_run(client, schemas, *chain, reward_rules::Mode::Compatible, request.cutoff).await.unwrap();
        assert_eq!(after, before);
        assert_eq!(installation.stored().await, stored, "a plan purges nothing");
        assert_eq!(installation.complete(day(SECOND)).await.plan, before);
    });
}

/// Waits until a session waits for a lock on a relation: it is in the middle of a run then.
async fn somebody_waits(client: &Client) -> i32 {
    let waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'relation' \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    loop {
        if let Some(row) = client.query_opt(waiting, &[]).await.unwrap() {
            return row.get("pid");
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[test]
fn of_two_runs_at_once_one_is_refused_and_another_schema_is_not_in_the_way() {
    runtime().block_on(async {
        let (mut first, expected) = disturbed().await;
        let mut second = first.connect().await;
        let blocker = first.connect().await;
        let other = schemas("other", "public");
        migrate_up(&mut second, &other).await.unwrap();
        let request = first.request(day(SECOND));

        blocker.batch_execute("BEGIN; LOCK TABLE paydirt.watermarks").await.unwrap();
        let ours = Schemas::default();
        let meanwhile = async {
            somebody_waits(&blocker).await;
            let statuses = run_statuses(&second, &ours).await.unwrap();
            assert_eq!(statuses.last().unwrap().status, "processing", "the run is seen while it lasts");
            let error = run(&mut second, &ours, &request, &Silent).await.unwrap_err();
            let RunError::InProgress { schema, holder: Some(holder) } = &error else { panic!("{error}") };
            assert_eq!((schema.as_str(), holder.doing.as_str()), ("paydirt", "run"));
            assert_eq!(holder.pid, i32::try_from(std::process::id()).unwrap());
            assert!(error.to_string().contains(&format!("by process {} on ", holder.pid)), "{error}");
            completed(run(&mut second, &other, &request, &Silent).await.unwrap());
            blocker.batch_execute("COMMIT").await.unwrap();
        };
        let (outcome, ()) = tokio::join!(run(&mut first.client, &first.schemas, &request, &Silent), meanwhile);
        completed(outcome.unwrap());
        assert_eq!(first.gold().await, expected);

        let outcome = run(&mut second, &ours, &request, &Silent).await.unwrap();
        assert!(matches!(outcome, RunOutcome::AlreadyComplete { .. }), "the lock was given back: {outcome:?}");
    });
}

/// Kills the session of a run as soon as it waits for a lock somebody has taken.
async fn killed_at(lock: &str) -> (Installation, Vec<String>, Vec<String>) {
    let (mut installation, expected) = disturbed().await;
    let before = installation.gold().await;
    let blocker = installation.connect().await;
    blocker.batch_execute(&format!("BEGIN; {lock}")).await.unwrap();
    let mut request = installation.request(day(SECOND));
    request.pairs_per_unit = 1;
    let kill = async {
        let pid = somebody_waits(&blocker).await;
        blocker.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    };
    let (outcome, ()) = tokio::join!(run(&mut installation.client, &installation.schemas, &request, &Silent), kill);
    outcome.unwrap_err();
    blocker.batch_execute("COMMIT").await.unwrap();
    installation.client = installation.connect().await;
    let statuses = run_statuses(&installation.client, &installation.schemas).await.unwrap();
    assert_eq!(statuses.last().unwrap().status, "processing", "nobody could write that it failed");
    (installation, before, expected)
}

#[test]
fn a_run_whose_session_is_killed_shows_nothing_and_the_next_call_completes_it() {
    runtime().block_on(async {
        // While it plans: there is nothing to go on with.
        let (mut installation, before, expected) = killed_at("LOCK TABLE paydirt.gold_windows").await;
        assert_eq!(installation.gold().await, before);
        let event = first_event_of(&mut installation, day(SECOND)).await;
        assert!(matches!(&event, Event::Purged { status, rows: 0, .. } if status == "processing"), "{event:?}");
        assert_eq!(installation.gold().await, expected);

        // While a unit streams.
        let (mut installation, before, expected) = killed_at("LOCK TABLE paydirt.gold_rows IN SHARE MODE").await;
        assert_eq!(installation.gold().await, before);
        let event = first_event_of(&mut installation, day(SECOND)).await;
        assert!(matches!(event, Event::Resumed { units, .. } if units > 1), "{event:?}");
        assert_eq!(installation.gold().await, expected);
    });
}

#[test]
fn neither_runs_nor_failures_leave_temporary_tables_or_locks_in_the_session() {
    runtime().block_on(async {
        let (mut installation, _) = disturbed().await;
        let left = "SELECT relname::text FROM pg_class WHERE relpersistence = 't' \
            UNION ALL SELECT mode FROM pg_locks WHERE locktype = 'advisory' \
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        assert_eq!(texts(&installation.client, left).await, Vec::<String>::new(), "run");
        installation.execute(REFUSE_LATE_ROWS).await;
        installation.try_run(day(SECOND)).await.unwrap_err();
        assert_eq!(texts(&installation.client, left).await, Vec::<String>::new(), "failure");
        installation.try_run(day("1970-01-01")).await.unwrap_err();
        assert_eq!(texts(&installation.client, left).await, Vec::<String>::new(), "refusal");
    });
}
