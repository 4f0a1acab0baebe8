//! Rows that were checked are not checked again, unless they or what was set aside have changed.

use pipeline::{BackfillRequest, Event, RunError, RunRequest, Silent, UndoTarget, backfill, run, undo};
use reward_rules::Day;
use test_support::runtime;

use crate::support::{Installation, Log, operator_sets, texts};

/// The keys that a run is refused for.
async fn refused(installation: &mut Installation, cutoff: usize) -> Vec<String> {
    match installation.try_run(operator_sets().cutoffs[cutoff]).await {
        Err(RunError::BadInput(findings)) => findings.into_iter().map(|finding| finding.key).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_new_row_is_checked_and_an_old_one_that_has_changed_is_checked_again() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let cutoffs = operator_sets().cutoffs;
        installation.complete(cutoffs[0]).await;
        let new = format!("block_time >= '{}' AND block_time < '{}'", cutoffs[0], cutoffs[1]);
        let old = format!("block_time < '{}'", cutoffs[0]);
        for which in [new, old] {
            let row =
                format!("ctid = (SELECT ctid FROM staker_share_deltas WHERE {which} ORDER BY block_time LIMIT 1)");
            let staker =
                texts(&installation.client, &format!("SELECT staker FROM staker_share_deltas WHERE {row}")).await;
            let change = format!(
                "UPDATE staker_share_deltas SET staker = upper(staker) WHERE {row} RETURNING staker || transaction_hash"
            );
            let changed = texts(&installation.client, &change).await;
            assert_eq!(changed.len(), 1, "{which}");
            assert_eq!(refused(&mut installation, 1).await, [staker[0].to_uppercase()], "{which}");
            let back = "UPDATE staker_share_deltas SET staker = lower(staker) WHERE staker <> lower(staker)";
            installation.execute(back).await;
        }
        installation.complete(cutoffs[1]).await;
    });
}

/// From which day on the run with this cutoff checked rows.
async fn checked_since(installation: &mut Installation, cutoff: Day) -> Option<Day> {
    let log = Log::default();
    let request = installation.request(cutoff);
    run(&mut installation.client, &installation.schemas, &request, &log).await.unwrap();
    let since = |event: Event| if let Event::Validated { since, .. } = event { Some(since) } else { None };
    log.events().into_iter().find_map(since).unwrap()
}

/// An allocation of the last block before a day, in effect in the block after the first one of another day, which is not there.
fn pending(cutoff: Day, effective_from: Day) -> String {
    format!(
        "INSERT INTO operator_allocations (operator, strategy, magnitude, effective_block, operator_set_id, avs, \
         block_number, transaction_hash, log_index) \
         SELECT a.operator, '0x' || repeat('e', 40), 5, 1 + ({}), a.operator_set_id, a.avs, \
         (SELECT max(number) FROM blocks WHERE block_time < '{cutoff}'), a.transaction_hash, 999 \
         FROM operator_allocations a ORDER BY a.block_number LIMIT 1",
        first_block(effective_from)
    )
}

/// The first block of a day that the next number does not follow.
fn first_block(day: Day) -> String {
    format!(
        "SELECT min(b.number) FROM blocks b WHERE b.block_time >= '{day}' \
         AND NOT EXISTS (SELECT FROM blocks n WHERE n.number = b.number + 1)"
    )
}

#[test]
fn an_allocation_that_takes_effect_later_does_not_make_a_night_check_everything_and_counts_from_its_block_on() {
    runtime().block_on(async {
        let cutoffs = operator_sets().cutoffs;
        let arrives = format!(
            "INSERT INTO blocks (number, hash, block_time, parent_hash) \
             SELECT number + 1, '0xlate', block_time + interval '1 second', hash FROM blocks WHERE number = ({})",
            first_block(cutoffs[2])
        );
        let mut nightly = Installation::of(&operator_sets()).await;
        assert_eq!(checked_since(&mut nightly, cutoffs[0]).await, None);
        nightly.execute(&pending(cutoffs[1], cutoffs[2])).await;
        assert_eq!(checked_since(&mut nightly, cutoffs[1]).await, Some(cutoffs[0]));
        assert_eq!(checked_since(&mut nightly, cutoffs[2]).await, Some(cutoffs[1]));
        let ranges = "SELECT r::text FROM paydirt.operator_allocation_ranges r WHERE r.strategy LIKE '0xeeee%'";
        assert!(texts(&nightly.client, ranges).await.is_empty(), "not in effect yet");
        nightly.execute(&arrives).await;
        assert_eq!(checked_since(&mut nightly, cutoffs[3]).await, Some(cutoffs[2]));
        assert_eq!(texts(&nightly.client, ranges).await.len(), 1, "in effect");

        let mut once = Installation::of(&operator_sets()).await;
        once.execute(&pending(cutoffs[1], cutoffs[2])).await;
        once.execute(&arrives).await;
        once.complete(cutoffs[3]).await;
        nightly.assert_same_silver(&once, "an allocation that has taken effect").await;
    });
}

#[test]
fn an_allocation_nobody_knows_when_it_counts_makes_a_night_check_everything() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let cutoffs = operator_sets().cutoffs;
        assert_eq!(checked_since(&mut installation, cutoffs[0]).await, None);
        // In effect before it was made, in a block that is not there.
        installation.execute(&pending(cutoffs[1], cutoffs[2])).await;
        let odd = "UPDATE operator_allocations SET effective_block = (SELECT min(number) - 1 FROM blocks) WHERE log_index = 999";
        installation.execute(odd).await;
        assert_eq!(checked_since(&mut installation, cutoffs[1]).await, None);
        // Its own block is not there.
        let block = "SELECT min(block_number) FROM operator_allocations";
        installation.execute(&format!("DELETE FROM blocks WHERE number = ({block})")).await;
        assert!(matches!(installation.try_run(cutoffs[2]).await, Err(RunError::BadInput(_))));
    });
}

#[test]
fn the_row_version_of_an_allocation_counts_even_without_its_own_block() {
    runtime().block_on(async {
        let installation = Installation::of(&operator_sets()).await;
        // Made in a block that is not there, in effect in one that is.
        let first = "ctid = (SELECT ctid FROM operator_allocations ORDER BY block_number, log_index LIMIT 1)";
        installation
            .execute(&format!(
                "UPDATE operator_allocations SET effective_block = block_number, block_number = 1 WHERE {first}"
            ))
            .await;
        let statement = include_str!("../../../../sql/queries/marks/versions/of_effect.sql")
            .replace("{source}", "operator_allocations");
        let day = operator_sets().cutoffs[5].date();
        let mark = async || {
            let row = installation.client.query_one(&statement, &[&day, &day]).await.unwrap();
            let (rows, mark): (i64, i64) = (row.get("early_rows"), row.get("early_mark"));
            assert_eq!(row.get::<_, i64>("blockless"), 1);
            (rows, mark)
        };
        let before = mark().await;
        installation.execute("UPDATE operator_allocations SET magnitude = magnitude + 1 WHERE block_number = 1").await;
        let after = mark().await;
        assert_eq!(before.0, after.0);
        assert_ne!(before.1, after.1, "another version");
    });
}

#[test]
fn a_submission_that_counts_again_is_checked_again() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let cutoffs = operator_sets().cutoffs;
        let hash = texts(
            &installation.client,
            "UPDATE operator_directed_reward_submissions SET duration = 100 WHERE reward_hash = \
             (SELECT s.reward_hash FROM operator_directed_reward_submissions s ORDER BY s.block_number LIMIT 1) \
             RETURNING reward_hash",
        )
        .await[0]
            .clone();
        let log = Log::default();
        let request = RunRequest { quarantine: true, ..installation.request(cutoffs[4]) };
        run(&mut installation.client, &installation.schemas, &request, &log).await.unwrap();
        let set_aside = |event: &Event| matches!(event, Event::Quarantined { reward_hash, .. } if *reward_hash == hash);
        assert!(log.events().iter().any(set_aside));
        installation.complete(cutoffs[5]).await;
        installation.complete(cutoffs[6]).await;
        installation.execute("DELETE FROM paydirt.quarantine").await;
        assert_eq!(refused(&mut installation, 7).await, [hash]);
    });
}

/// Makes the latest submission that the last cutoff sees one that no rule is defined for; gives its hash.
async fn spoil_the_latest(installation: &Installation, before: Day) -> String {
    let spoil = format!(
        "UPDATE operator_directed_operator_set_reward_submissions SET duration = 100 WHERE reward_hash = (\
         SELECT s.reward_hash FROM operator_directed_operator_set_reward_submissions s \
         JOIN blocks b ON b.number = s.block_number WHERE b.block_time < '{before}' \
         ORDER BY b.block_time DESC, s.reward_hash LIMIT 1) RETURNING reward_hash"
    );
    texts(&installation.client, &spoil).await[0].clone()
}

#[test]
fn a_backfill_stops_where_single_runs_would_and_nothing_unchecked_is_trusted_afterwards() {
    runtime().block_on(async {
        let case = operator_sets();
        let (from, to) = (case.cutoffs[0], *case.cutoffs.last().unwrap());
        let mut single = Installation::of(&case).await;
        let mut filled = Installation::of(&case).await;
        for installation in [&single, &filled] {
            spoil_the_latest(installation, to).await;
        }
        let mut cutoff = from;
        while single.try_run(cutoff).await.is_ok() {
            assert!(cutoff < to, "the last cutoff is refused");
            cutoff = cutoff.next();
        }
        let request = BackfillRequest { run: filled.request(to), from, every: 1 };
        for _ in 0..2 {
            let error = backfill(&mut filled.client, &filled.schemas, &request, &Silent).await.unwrap_err();
            assert!(matches!(error, RunError::BadInput(_)), "{error}");
            let complete = "SELECT cutoff::text FROM paydirt.runs WHERE status = 'complete' ORDER BY 1";
            assert_eq!(texts(&filled.client, complete).await, texts(&single.client, complete).await);
            assert!(filled.gold().await == single.gold().await);
        }
        assert!(matches!(filled.try_run(to).await, Err(RunError::BadInput(_))), "a single run is refused, too");
    });
}

#[test]
fn what_an_undo_has_read_is_checked_by_the_next_run() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation.complete(case.cutoffs[5]).await;
        installation.complete(case.cutoffs[6]).await;
        let hash = spoil_the_latest(&installation, case.cutoffs[5]).await;
        let target = UndoTarget::FromCutoff(case.cutoffs[6]);
        undo(&mut installation.client, &installation.schemas, None, target, &Silent).await.unwrap();
        assert_eq!(refused(&mut installation, 6).await, [hash]);
    });
}

#[test]
fn tables_are_shared_out_by_their_sizes_partitioned_or_not() {
    runtime().block_on(async {
        let installation = Installation::of(&operator_sets()).await;
        installation
            .execute(
                "CREATE TABLE parted (block_number bigint) PARTITION BY RANGE (block_number); \
                 CREATE TABLE parted_1 PARTITION OF parted DEFAULT; \
                 INSERT INTO parted SELECT g FROM generate_series(1, 1000) g",
            )
            .await;
        let names = ["blocks", "parted"];
        let rows = installation
            .client
            .query(include_str!("../../../../sql/queries/marks/plain_tables.sql"), &[&names.as_slice()])
            .await
            .unwrap();
        let mut found: Vec<&str> = rows.iter().map(|row| row.get("name")).collect();
        found.sort_unstable();
        assert_eq!(found, names);
        for row in &rows {
            assert!(row.get::<_, i64>("bytes") >= 8192, "{}: a page at least", row.get::<_, String>("name"));
        }
    });
}

#[test]
fn submissions_may_be_a_view_and_are_checked_every_night_then() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let cutoffs = operator_sets().cutoffs;
        installation
            .execute(
                "ALTER TABLE operator_directed_reward_submissions RENAME TO kept; \
                 CREATE VIEW operator_directed_reward_submissions AS SELECT * FROM kept",
            )
            .await;
        assert_eq!(checked_since(&mut installation, cutoffs[0]).await, None);
        assert_eq!(checked_since(&mut installation, cutoffs[1]).await, None);
        let mut plain = Installation::of(&operator_sets()).await;
        plain.complete(cutoffs[0]).await;
        plain.complete(cutoffs[1]).await;
        assert!(installation.gold().await == plain.gold().await);
    });
}
