//! Partitions ahead, old partitions dropped, and what that means for runs, undo, checks and verify.

use pipeline::{
    Against, CutoffArgument, MAX_AHEAD_MONTHS, Partition, PartitionState, RunError, RunRequest, Silent, UndoTarget,
    VerifyRequest, check_invariants, drop_partitions, drop_plan, ensure_partitions, partitions, undo, verify,
};
use test_support::runtime;
use tokio_postgres::Client;

use case_runner::Case;
use reward_rules::{Day, Mode};

use crate::support::{Installation, case_named, catalog, completed, day, texts};

/// A case with rows of June to September 2024, among them rows of July that only the last run writes.
fn eras() -> Case {
    case_named("float-eras")
}

/// Its first partition.
const FIRST_MONTH: &str = "gold_rows_2024_06";

async fn listed(installation: &Installation) -> Vec<Partition> {
    partitions(&installation.client, &installation.schemas).await.unwrap()
}

async fn named(installation: &Installation, name: &str) -> Option<Partition> {
    listed(installation).await.into_iter().find(|partition| partition.name == name)
}

fn names(partitions: &[Partition]) -> Vec<&str> {
    partitions.iter().map(|partition| partition.name.as_str()).collect()
}

async fn violations(installation: &mut Installation) -> Vec<(&'static str, usize)> {
    let reports = check_invariants(&mut installation.client, &installation.schemas, &Silent).await.unwrap();
    reports.iter().map(|report| (report.invariant, report.violations)).filter(|(_, count)| *count > 0).collect()
}

/// All cutoffs of the case but the last `left`, run.
async fn run_but(left: usize) -> Installation {
    let case = eras();
    let mut installation = Installation::of(&case).await;
    for &cutoff in &case.cutoffs[..case.cutoffs.len() - left] {
        installation.complete(cutoff).await;
    }
    installation
}

/// June and July go.
const BEFORE: &str = "2024-08-01";

#[test]
fn a_run_makes_partitions_ahead_and_ensure_makes_more_without_blocking_readers() {
    runtime().block_on(async {
        let case = eras();
        let mut installation = Installation::of(&case).await;
        let cutoff = case.cutoffs[0];
        let request = RunRequest { ahead_months: 1, ..installation.request(cutoff) };
        completed(installation.try_request(&request).await.unwrap());
        let after_run = listed(&installation).await;
        let month = |months| {
            let date = cutoff.date().checked_add_months(chrono_months(months)).unwrap();
            format!("gold_rows_{}", date.format("%Y_%m"))
        };
        assert_eq!(after_run.last().unwrap().name, month(1));

        // A reader that has looked at gold is in nobody's way.
        let reader = installation.connect().await;
        reader.batch_execute("BEGIN; SELECT count(*) FROM paydirt.gold_table").await.unwrap();
        let made = ensure_partitions(&mut installation.client, &installation.schemas, MAX_AHEAD_MONTHS).await.unwrap();
        assert!(made.contains(&month(2)) && !made.contains(&month(1)), "{made:?}");
        reader.batch_execute("SELECT count(*) FROM paydirt.gold_table; COMMIT").await.unwrap();
        let again = ensure_partitions(&mut installation.client, &installation.schemas, MAX_AHEAD_MONTHS).await.unwrap();
        assert!(again.is_empty(), "{again:?}");
        let detach = format!("ALTER TABLE paydirt.gold_rows DETACH PARTITION paydirt.{}", month(2));
        installation.execute(&detach).await;
        let error = ensure_partitions(&mut installation.client, &installation.schemas, 3).await.unwrap_err();
        assert!(matches!(error, RunError::LeftoverPartition(_)) && said(&error).contains(&month(2)), "{error}");
        installation.execute(&format!("DROP TABLE paydirt.{}", month(2))).await;
        let Installation { client, schemas, .. } = &mut installation;
        assert_eq!(ensure_partitions(client, schemas, 3).await.unwrap(), [month(2)]);
        assert!(listed(&installation).await.iter().all(|partition| partition.state == PartitionState::Attached));
    });
}

fn chrono_months(months: u32) -> chrono::Months {
    chrono::Months::new(months)
}

#[test]
fn the_list_has_days_rows_bytes_and_the_runs_that_wrote() {
    runtime().block_on(async {
        let installation = run_but(0).await;
        for partition in listed(&installation).await {
            let name = &partition.name;
            let of = format!("SELECT DISTINCT run_id::text FROM paydirt.{name} ORDER BY 1");
            let mut runs: Vec<i64> =
                texts(&installation.client, &of).await.iter().map(|run| run.parse().unwrap()).collect();
            runs.sort_unstable();
            assert_eq!(partition.runs, runs, "{name}");
            let count = texts(&installation.client, &format!("SELECT count(*)::text FROM paydirt.{name}")).await;
            // Analyzed when it has grown by half; never loaded, never analyzed.
            match partition.estimated_rows {
                Some(rows) => {
                    assert!(rows * 3 >= count[0].parse::<i64>().unwrap() * 2, "{name}: {rows} of {}", count[0])
                }
                None => assert_eq!(count[0], "0", "{name}"),
            }
            assert!(partition.bytes > 0);
            assert!(partition.first_day.ends_with("-01") && partition.first_day < partition.last_day);
        }
    });
}

#[test]
fn what_submissions_and_runs_need_is_not_dropped() {
    runtime().block_on(async {
        let case = eras();
        let mut installation = run_but(1).await;
        let before = day("2030-01-01");
        let stored = installation.stored().await;
        let Installation { client, schemas, .. } = &mut installation;
        for error in [
            drop_plan(client, schemas, before).await.unwrap_err(),
            drop_partitions(client, schemas, before).await.unwrap_err(),
        ] {
            let RunError::PartitionUnpaid { reward_hash, .. } = &error else { panic!("{error}") };
            assert!(error.to_string().contains("still needed") && error.to_string().contains(reward_hash), "{error}");
        }
        let after = installation.stored().await;
        let but_lease =
            |stored: &[String]| stored.iter().filter(|line| !line.starts_with("lease")).cloned().collect::<Vec<_>>();
        assert_eq!(but_lease(&after), but_lease(&stored), "refused as a whole");

        // Everything that can be paid is, but one submission goes on.
        installation.everything_is_over().await;
        let newest = case.cutoffs[case.cutoffs.len() - 2];
        let forever = "DELETE FROM paydirt.quarantine q USING paydirt.watermarks w, reward_submissions s \
            WHERE q.reward_hash = w.reward_hash AND s.reward_hash = w.reward_hash AND w.reward_hash = ( \
            SELECT min(m.reward_hash) FROM paydirt.watermarks m JOIN reward_submissions u USING (reward_hash))";
        installation.execute(forever).await;
        installation
            .execute(&format!(
                "UPDATE reward_submissions SET end_timestamp = date '{newest}' + interval '400 days'; \
                 UPDATE paydirt.watermarks SET last_snapshot = date '{newest}' + 399"
            ))
            .await;
        let error = drop_plan(&mut installation.client, &installation.schemas, before).await.unwrap_err();
        assert!(matches!(error, RunError::PartitionGoingOn { .. }), "{error}");

        // A run that did not finish.
        installation.everything_is_over().await;
        let Installation { client, schemas, .. } = &mut installation;
        assert!(drop_plan(client, schemas, before).await.is_ok());
        installation
            .execute(
                "INSERT INTO paydirt.runs (chain, cutoff, status, engine, source, version) \
                 SELECT chain, '2027-01-01', 'processing', engine, source, version FROM paydirt.runs LIMIT 1; \
                 INSERT INTO paydirt.units (run_id, unit, first_snapshot, last_snapshot) \
                 SELECT max(id), 1, '2024-06-18', '2024-06-20' FROM paydirt.runs",
            )
            .await;
        let error = drop_plan(&mut installation.client, &installation.schemas, before).await.unwrap_err();
        assert!(matches!(error, RunError::PartitionOfUnfinishedRun { .. }), "{error}");
    });
}

/// An operator-directed submission of six days that end so many days before a date.
fn directed(date: Day, days_before: i32) -> String {
    let end = Day(date.0 - days_before);
    format!(
        "DELETE FROM operator_directed_reward_submissions; \
         INSERT INTO operator_directed_reward_submissions (avs, reward_hash, token, operator, operator_index, amount, strategy, \
             strategy_index, multiplier, start_timestamp, end_timestamp, duration, block_number, transaction_hash, log_index) \
         SELECT b.hash, '{HASH}', b.hash, b.hash, 0, 6000, b.hash, 0, 1, '{}', '{end}', 518400, b.number, b.hash, 0 \
         FROM blocks b ORDER BY b.number LIMIT 1",
        Day(end.0 - 6)
    )
}

const HASH: &str = "0xdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";

#[test]
fn strict_needs_nothing_of_what_it_has_paid_once_and_the_last_day_of_what_waits() {
    runtime().block_on(async {
        let case = case_named("stake-weighted");
        let (last, before) = (*case.cutoffs.last().unwrap(), day("2030-01-01"));
        for mode in Mode::ALL {
            let mut installation = Installation::of(&case).await;
            let request = RunRequest { mode, past_newest_block: true, ..installation.request(last) };
            completed(installation.try_request(&request).await.unwrap());
            installation.everything_is_over().await;
            installation.execute(&directed(last, 5)).await;
            let Installation { client, schemas, .. } = &mut installation;
            let unpaid = drop_plan(client, schemas, before).await;
            assert!(matches!(unpaid, Err(RunError::PartitionUnpaid { .. })), "{mode}: {unpaid:?}");

            // Paid, with no row on the last days: compatible comes back to refund them, strict never does.
            let half_way = Day(last.0 - 8);
            let paid = format!("INSERT INTO paydirt.watermarks (reward_hash, last_snapshot) VALUES ('{HASH}', '{half_way}')");
            client.batch_execute(&paid).await.unwrap();
            let paid = drop_plan(client, schemas, before).await;
            match mode {
                Mode::Compatible => assert!(matches!(paid, Err(RunError::PartitionUnpaid { .. })), "{paid:?}"),
                Mode::Strict => assert!(paid.is_ok(), "{paid:?}"),
            }

            // It ends on the day of the newest cutoff: a strict run of that cutoff has not paid it, the next one will.
            let ends = format!(
                "DELETE FROM paydirt.watermarks WHERE reward_hash = '{HASH}'; DELETE FROM blocks WHERE block_time >= date '{last}' + 1"
            );
            client.batch_execute(&ends).await.unwrap();
            client.batch_execute(&directed(last, 0)).await.unwrap();
            let waits = drop_plan(client, schemas, before).await;
            let needed = matches!(waits, Err(RunError::PartitionUnpaid { .. } | RunError::PartitionGoingOn { .. }));
            assert!(needed, "{mode}: {waits:?}");
        }
    });
}

#[test]
fn after_a_drop_watermarks_and_other_rows_stay_checks_hold_and_verify_leaves_the_days_out() {
    runtime().block_on(async {
        let case = eras();
        let mut installation = run_but(0).await;
        let before = day(BEFORE);
        let kept = "SELECT g::text FROM paydirt.gold_table g WHERE g.snapshot >= '2024-08-01' ORDER BY 1";
        let (rows, watermarks) = (texts(&installation.client, kept).await, watermarks(&installation.client).await);
        let quarantine = texts(&installation.client, "SELECT q::text FROM paydirt.quarantine q").await;
        installation.everything_is_over().await;
        let planned = drop_plan(&mut installation.client, &installation.schemas, before).await.unwrap();
        assert!(names(&planned).contains(&FIRST_MONTH), "{planned:?}");
        let counted: i64 = texts(&installation.client, &format!("SELECT count(*)::text FROM paydirt.{FIRST_MONTH}"))
            .await[0]
            .parse()
            .unwrap();
        let dropped = drop_partitions(&mut installation.client, &installation.schemas, before).await.unwrap();
        assert_eq!(dropped.len(), planned.len());
        let first = dropped.iter().find(|partition| partition.name == FIRST_MONTH).unwrap();
        assert!(counted > 0 && first.gold_rows == counted);
        assert!(named(&installation, FIRST_MONTH).await.is_none());
        assert!(quarantine.is_empty());
        installation.execute("TRUNCATE paydirt.quarantine").await;

        assert_eq!(texts(&installation.client, kept).await, rows);
        assert_eq!(self::watermarks(&installation.client).await, watermarks);
        assert_eq!(violations(&mut installation).await, []);
        // Not so vaguely that nothing is noticed any more.
        for (tamper, noticed) in [
            ("DELETE FROM paydirt.gold_rows WHERE snapshot = (SELECT max(snapshot) FROM paydirt.gold_rows)", true),
            ("DELETE FROM paydirt.gold_rows WHERE snapshot = '2024-08-05'", true),
            ("UPDATE paydirt.watermarks SET last_snapshot = last_snapshot - 1", true),
            ("DELETE FROM paydirt.dropped_partitions", true),
            ("SELECT 1", false),
        ] {
            installation
                .execute(
                    "CREATE TABLE public.saved AS TABLE paydirt.gold_rows; \
                CREATE TABLE public.marks AS TABLE paydirt.watermarks; \
                CREATE TABLE public.drops AS TABLE paydirt.dropped_partitions",
                )
                .await;
            installation.execute(tamper).await;
            assert_eq!(!violations(&mut installation).await.is_empty(), noticed, "{tamper}");
            installation
                .execute(
                    "TRUNCATE paydirt.gold_rows, paydirt.watermarks, paydirt.dropped_partitions; \
                INSERT INTO paydirt.gold_rows TABLE public.saved; INSERT INTO paydirt.watermarks TABLE public.marks; \
                INSERT INTO paydirt.dropped_partitions TABLE public.drops; \
                DROP TABLE public.saved, public.marks, public.drops",
                )
                .await;
        }

        let request = VerifyRequest {
            chain: case.chain,
            cutoff: CutoffArgument::Date(*case.cutoffs.last().unwrap()),
            from: Some(case.cutoffs[0]),
            against: Against::Sql,
        };
        let report = verify(&mut installation.client, &installation.schemas, &request, &Silent).await.unwrap();
        assert!(report.equal);
        let gold = report.comparisons.iter().filter(|comparison| comparison.part == "gold");
        let days: Vec<&String> =
            gold.flat_map(|comparison| &comparison.checks).filter_map(|check| check.snapshot.as_ref()).collect();
        assert!(!days.is_empty() && days.iter().all(|day| day.as_str() >= BEFORE), "{days:?}");
    });
}

async fn watermarks(client: &Client) -> Vec<String> {
    texts(client, "SELECT w::text FROM paydirt.watermarks w ORDER BY 1").await
}

#[test]
fn a_run_after_a_drop_pays_the_same_and_undone_runs_can_be_run_again() {
    runtime().block_on(async {
        let case = eras();
        let last = *case.cutoffs.last().unwrap();
        let undisturbed = run_but(0).await;
        let gold = undisturbed.gold().await;
        let in_month = |line: &String| line.split(',').nth(2).unwrap() < BEFORE;

        let mut installation = run_but(1).await;
        installation.everything_is_over().await;
        drop_partitions(&mut installation.client, &installation.schemas, day(BEFORE)).await.unwrap();
        installation.execute("TRUNCATE paydirt.quarantine").await;
        installation.complete(last).await;
        let july = named(&installation, "gold_rows_2024_07").await.unwrap();
        assert_eq!(july.runs, [9], "made again for what nobody had paid before; the rows of others stay dropped");
        let of_last: Vec<String> = gold.iter().filter(|line| line.starts_with(&last.to_string())).cloned().collect();
        let ours = installation.gold().await;
        let ours_of_last: Vec<String> =
            ours.iter().filter(|line| line.starts_with(&last.to_string())).cloned().collect();
        assert_eq!(ours_of_last, of_last);
        let later: Vec<&String> = gold.iter().filter(|line| !in_month(line)).collect();
        assert_eq!(ours.iter().filter(|line| !in_month(line)).collect::<Vec<_>>(), later);

        // Some runs undone: their days are written again, the days of others in the month stay dropped.
        let half = case.cutoffs[1];
        let target = UndoTarget::FromCutoff(half);
        undo(&mut installation.client, &installation.schemas, None, target, &Silent).await.unwrap();
        assert_eq!(violations(&mut installation).await, []);
        for &cutoff in case.cutoffs.iter().filter(|cutoff| **cutoff >= half) {
            installation.complete(cutoff).await;
        }
        let again = installation.gold().await;
        let first = case.cutoffs[0].to_string();
        let expected: Vec<&String> = gold.iter().filter(|line| !(line.starts_with(&first) && in_month(line))).collect();
        assert_eq!(again.iter().collect::<Vec<_>>(), expected);
        let noted = "SELECT first_snapshot::text FROM paydirt.dropped_partitions WHERE first_snapshot = '2024-06-01'";
        assert_eq!(texts(&installation.client, noted).await.len(), 1, "run 1 still has windows there");

        // All runs undone: nothing is left out any more, and gold is whole again.
        let target = UndoTarget::FromCutoff(case.cutoffs[0]);
        undo(&mut installation.client, &installation.schemas, None, target, &Silent).await.unwrap();
        assert!(texts(&installation.client, "SELECT d::text FROM paydirt.dropped_partitions d").await.is_empty());
        for &cutoff in &case.cutoffs {
            installation.complete(cutoff).await;
        }
        assert!(installation.gold().await == gold);
    });
}

/// Runs a statement until it is cancelled: it waits for somebody.
async fn cancelled(client: &Client, statement: &str) {
    client.batch_execute("SET statement_timeout = 300").await.unwrap();
    client.batch_execute(statement).await.unwrap_err();
    client.batch_execute("RESET statement_timeout").await.unwrap();
}

#[test]
fn a_drop_that_was_interrupted_anywhere_is_seen_said_and_finished() {
    runtime().block_on(async {
        let case = eras();
        let month = format!("paydirt.{FIRST_MONTH}");
        let pending = format!("ALTER TABLE paydirt.gold_rows DETACH PARTITION {month} CONCURRENTLY");
        let begun = "INSERT INTO paydirt.dropped_partitions (first_snapshot, last_snapshot, begun_at) \
            VALUES ('2024-06-01', '2024-06-30', now())";
        for (point, state) in [
            ("noted", PartitionState::Attached),
            ("waiting", PartitionState::DetachPending),
            ("detached", PartitionState::Detached),
        ] {
            let mut installation = run_but(0).await;
            installation.execute(begun).await;
            installation.execute(include_str!("../../../../sql/queries/balances/forget.sql")).await;
            if state == PartitionState::DetachPending {
                let reader = installation.connect().await;
                reader.batch_execute("BEGIN; SELECT count(*) FROM paydirt.gold_rows").await.unwrap();
                cancelled(&installation.client, &pending).await;
                reader.batch_execute("COMMIT").await.unwrap();
            } else if state == PartitionState::Detached {
                installation.execute(&pending).await;
            }
            assert_eq!(named(&installation, FIRST_MONTH).await.unwrap().state, state, "{point}");
            assert_eq!(violations(&mut installation).await, [], "{point}");

            if state != PartitionState::Attached {
                // Whoever needs the month is told, and writes nothing into the left-over.
                undo(
                    &mut installation.client,
                    &installation.schemas,
                    None,
                    UndoTarget::FromCutoff(case.cutoffs[0]),
                    &Silent,
                )
                .await
                .unwrap();
                let error = installation.try_run(case.cutoffs[0]).await.unwrap_err();
                assert!(
                    said(&error).contains("paydirt partitions drop --before 2024-07-01"),
                    "{point}: {}",
                    said(&error)
                );
                installation.execute("DELETE FROM paydirt.units; DELETE FROM paydirt.runs").await;
            } else {
                installation.everything_is_over().await;
            }
            // What was begun is finished although these days are not before the date, unless nothing had happened yet.
            let dropped =
                drop_partitions(&mut installation.client, &installation.schemas, day("2020-01-01")).await.unwrap();
            assert_eq!(dropped.len(), usize::from(state != PartitionState::Attached), "{point}");
            let noted = texts(&installation.client, "SELECT d::text FROM paydirt.dropped_partitions d").await;
            match state {
                PartitionState::Attached => {
                    assert!(noted.is_empty(), "{point}: {noted:?}");
                    assert_eq!(violations(&mut installation).await, []);
                }
                PartitionState::DetachPending | PartitionState::Detached => {
                    assert!(named(&installation, FIRST_MONTH).await.is_none());
                    assert_eq!(noted.len(), 1);
                    installation.complete(case.cutoffs[0]).await;
                    assert_eq!(named(&installation, FIRST_MONTH).await.unwrap().state, PartitionState::Attached);
                }
            }
        }
    });
}

/// An error with its causes.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[test]
fn a_table_detached_by_hand_goes_only_if_its_days_do() {
    runtime().block_on(async {
        let mut installation = run_but(0).await;
        installation.everything_is_over().await;
        installation.execute(&format!("ALTER TABLE paydirt.gold_rows DETACH PARTITION paydirt.{FIRST_MONTH}")).await;
        let Installation { client, schemas, .. } = &mut installation;
        assert!(drop_plan(client, schemas, day("2024-06-30")).await.unwrap().is_empty());
        let ensured = ensure_partitions(client, schemas, 0).await;
        assert!(ensured.is_ok(), "nobody needs that month: {ensured:?}");
        let dropped = drop_partitions(client, schemas, day(BEFORE)).await.unwrap();
        assert!(dropped.iter().any(|partition| partition.name == FIRST_MONTH && partition.gold_rows > 0));
        assert_eq!(violations(&mut installation).await, []);
    });
}

#[test]
fn a_drop_waits_for_readers_blocks_none_and_keeps_runs_out() {
    runtime().block_on(async {
        let mut installation = run_but(0).await;
        installation.everything_is_over().await;
        let reader = installation.connect().await;
        reader.batch_execute("BEGIN; SELECT count(*) FROM paydirt.gold_table").await.unwrap();
        let mut other = installation.connect().await;
        let watcher = installation.connect().await;
        let (schemas, before) = (installation.schemas.clone(), day(BEFORE));
        let dropping = async { drop_partitions(&mut installation.client, &schemas, before).await };
        let meanwhile = async {
            let waits = "SELECT count(*)::text FROM pg_locks WHERE NOT granted AND locktype = 'virtualxid'";
            while texts(&watcher, waits).await == ["0"] {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert!(texts(&watcher, "SELECT count(*)::text FROM paydirt.gold_table").await[0] != "0");
            let error = ensure_partitions(&mut other, &schemas, 3).await.unwrap_err();
            let RunError::InProgress { holder: Some(holder), .. } = error else { panic!("{error}") };
            assert_eq!(holder.doing, "partitions drop");
            reader.batch_execute("SELECT count(*) FROM paydirt.gold_table; COMMIT").await.unwrap();
        };
        let (dropped, ()) = tokio::join!(dropping, meanwhile);
        assert!(!dropped.unwrap().is_empty());
        assert!(!catalog(&installation.client).await.iter().any(|line| line.contains(FIRST_MONTH)));
    });
}
