//! Balances: whatever runs have included in them, the newest root is that of all rows (I11).

use pipeline::{
    BackfillRequest, Budget, CutoffArgument, Engine, ReadFrom, RootError, RunRequest, Silent, SnapshotArgument,
    UndoTarget, backfill, check_invariants, migrate_down, migrate_up, root, root_from_rows, undo,
};
use reward_rules::Day;
use test_support::runtime;

use crate::support::{Installation, case_named, completed, operator_sets, texts};

const ALL: u64 = u64::MAX;

/// Runs a cutoff that leaves up to so many rows to readers.
async fn run_leaving(installation: &mut Installation, cutoff: Day, balance_rows: u64) {
    let request = RunRequest { balance_rows: Some(balance_rows), ..installation.request(cutoff) };
    completed(installation.try_request(&request).await.unwrap());
    holds(installation, ReadFrom::Balances).await;
}

/// The newest root is the same both ways, and the first way is the expected one; the invariants hold.
async fn holds(installation: &mut Installation, expected: ReadFrom) {
    let Installation { client, schemas, .. } = installation;
    let newest = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap();
    assert_eq!(newest.read_from, expected);
    let of_rows = root_from_rows(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap();
    assert_eq!((newest.root(), newest.total), (of_rows.root(), of_rows.total));
    let pairs: Vec<_> = newest.distribution.pairs().collect();
    assert_eq!(pairs, of_rows.distribution.pairs().collect::<Vec<_>>());
    let reports = check_invariants(client, schemas, &Silent).await.unwrap();
    assert!(reports.iter().all(|report| report.violations == 0), "{reports:?}");
}

/// What the check says is wrong.
async fn violations(installation: &mut Installation) -> Vec<String> {
    let reports = check_invariants(&mut installation.client, &installation.schemas, &Silent).await.unwrap();
    let violated = reports.into_iter().filter(|report| report.violations > 0);
    violated.map(|report| format!("{}: {} {}", report.invariant, report.first[0].key, report.first[0].detail)).collect()
}

async fn count(installation: &Installation, table: &str) -> usize {
    texts(&installation.client, &format!("SELECT count(*)::text FROM paydirt.{table}")).await[0].parse().unwrap()
}

#[test]
fn runs_that_are_and_are_not_in_the_balances_add_up_and_are_undone_exactly() {
    runtime().block_on(async {
        for (name, leave) in [("operator-sets", 0), ("stake-weighted", 1000), ("float-eras", ALL)] {
            let case = case_named(name);
            let mut installation = Installation::of(&case).await;
            for &cutoff in &case.cutoffs {
                run_leaving(&mut installation, cutoff, leave).await;
            }
            let balanced = count(&installation, "gold_balanced_runs").await;
            match leave {
                0 => assert_eq!(balanced, case.cutoffs.len()),
                ALL => assert_eq!((balanced, count(&installation, "gold_balances").await), (0, 0)),
                _ => assert!(0 < balanced && balanced < case.cutoffs.len(), "{name}: {balanced}"),
            }
            // Back, run by run, and forwards leaving other runs out.
            for &cutoff in case.cutoffs.iter().skip(1).rev() {
                let Installation { client, schemas, .. } = &mut installation;
                undo(client, schemas, None, UndoTarget::FromCutoff(cutoff), &Silent).await.unwrap();
                holds(&mut installation, ReadFrom::Balances).await;
            }
            for (index, &cutoff) in case.cutoffs.iter().enumerate().skip(1) {
                run_leaving(&mut installation, cutoff, [0, ALL][index % 2]).await;
            }
        }
    });
}

/// Rows of the balances, and how many pairs they are of.
async fn size(installation: &Installation) -> (usize, usize) {
    let pairs = "SELECT count(*)::text FROM (SELECT FROM paydirt.gold_balances GROUP BY earner, token) b";
    let pairs = texts(&installation.client, pairs).await[0].parse().unwrap();
    (count(installation, "gold_balances").await, pairs)
}

#[test]
fn rows_that_the_other_engine_wrote_are_appended_and_replaced_by_their_sums_now_and_then() {
    runtime().block_on(async {
        let case = case_named("float-eras");
        let mut installation = Installation::of(&case).await;
        let mut replaced = 0;
        for &cutoff in &case.cutoffs {
            let (before, _) = size(&installation).await;
            let of_cutoff = installation.request(cutoff);
            let request = RunRequest { engine: Engine::Sql, balance_rows: Some(0), ..of_cutoff };
            completed(installation.try_request(&request).await.unwrap());
            holds(&mut installation, ReadFrom::Balances).await;
            let (rows, pairs) = size(&installation).await;
            assert!(rows <= 3 * pairs, "{rows} rows of {pairs} pairs");
            replaced += usize::from(before > pairs && rows == pairs);
        }
        assert!(replaced > 0);
    });
}

#[test]
fn balances_are_replaced_when_reading_them_is_more_than_writing_them() {
    runtime().block_on(async {
        let case = case_named("float-eras");
        let mut installation = Installation::of(&case).await;
        let (mut left, mut replaced) = (0, 0);
        for &cutoff in &case.cutoffs {
            let request = RunRequest { balance_rows: None, ..installation.request(cutoff) };
            completed(installation.try_request(&request).await.unwrap());
            holds(&mut installation, ReadFrom::Balances).await;
            let (rows, pairs) = size(&installation).await;
            assert_eq!(rows, pairs, "each is one row: nothing is appended");
            let pending = "SELECT count(*)::text FROM paydirt.gold_rows \
                           WHERE run_id NOT IN (SELECT run_id FROM paydirt.gold_balanced_runs)";
            let pending: usize = texts(&installation.client, pending).await[0].parse().unwrap();
            assert!(rows + pending <= 6 * pairs || pairs == 0, "{rows} and {pending} rows of {pairs} pairs");
            if pending > 0 { left += 1 } else { replaced += 1 }
        }
        assert!(left > 0 && replaced > 0, "{left} {replaced}");
    });
}

#[test]
fn a_pair_without_any_row_left_is_gone_and_one_that_sums_to_0_stays() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation.complete(case.cutoffs[0]).await;
        let earner = "(SELECT min(g.earner) FROM paydirt.gold_rows g)";
        let rewards = format!("SELECT count(*)::text FROM paydirt.gold_rows g WHERE g.earner = {earner}");
        assert_ne!(texts(&installation.client, &rewards).await, ["0"]);
        // As if the run had paid it nothing, in rows.
        installation
            .execute(&format!(
                "UPDATE paydirt.gold_rows SET amount = 0 WHERE earner = {earner}; \
                 UPDATE paydirt.gold_balances SET amount = 0 WHERE earner = {earner}"
            ))
            .await;
        holds(&mut installation, ReadFrom::Balances).await;
        let Installation { client, schemas, .. } = &mut installation;
        let with = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap().distribution;
        // As if it had been undone: what it had is taken away again.
        installation
            .execute(&format!(
                "INSERT INTO paydirt.gold_balances SELECT b.earner, b.token, -b.gold_rows, -b.amount \
                 FROM paydirt.gold_balances b WHERE b.earner = {earner}; \
                 UPDATE paydirt.gold_balances_size SET appended = (SELECT count(*) FROM paydirt.gold_balances) - compacted; \
                 DELETE FROM paydirt.gold_rows WHERE earner = {earner}"
            ))
            .await;
        let Installation { client, schemas, .. } = &mut installation;
        let without = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap().distribution;
        assert_eq!(without.earners().len() + 1, with.earners().len());
        let of_rows = root_from_rows(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap();
        assert_eq!(without.root(), of_rows.root());
    });
}

#[test]
fn a_backfill_a_retry_and_an_older_snapshot() {
    runtime().block_on(async {
        let case = operator_sets();
        let (from, to) = (case.cutoffs[0], *case.cutoffs.last().unwrap());
        let mut installation = Installation::of(&case).await;
        let run = RunRequest { balance_rows: Some(ALL), ..installation.request(to) };
        let request = BackfillRequest { run, from, every: 2 };
        backfill(&mut installation.client, &installation.schemas, &request, &Silent).await.unwrap();
        assert_eq!(count(&installation, "gold_balanced_runs").await, 0);
        holds(&mut installation, ReadFrom::Balances).await;

        // A cutoff that is complete already includes what is left over, as it builds the indexes that are.
        let last = texts(&installation.client, "SELECT max(cutoff)::text FROM paydirt.runs").await[0].parse().unwrap();
        installation.try_run(last).await.unwrap();
        assert_eq!(count(&installation, "gold_balanced_runs").await, count(&installation, "runs").await);
        holds(&mut installation, ReadFrom::Balances).await;

        let older = SnapshotArgument::Date(last.previous().previous());
        let Installation { client, schemas, .. } = &mut installation;
        let root_of_older = root(client, schemas, older, &Budget::default()).await.unwrap();
        assert_eq!(root_of_older.read_from, ReadFrom::Rows);
        assert_eq!(
            root_of_older.root(),
            root_from_rows(client, schemas, older, &Budget::default()).await.unwrap().root()
        );
    });
}

#[test]
fn a_submission_that_has_left_the_source_counts_neither_way() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation.complete(case.cutoffs[0]).await;
        installation.complete(case.cutoffs[1]).await;
        holds(&mut installation, ReadFrom::Balances).await;
        let Installation { client, schemas, .. } = &mut installation;
        let before = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap().root();
        let paid = "(SELECT min(r.reward_hash) FROM paydirt.gold_windows r)";
        for table in [
            "reward_submissions",
            "operator_directed_reward_submissions",
            "operator_directed_operator_set_reward_submissions",
            "unique_stake_reward_submissions",
            "total_stake_reward_submissions",
        ] {
            installation.execute(&format!("DELETE FROM public.{table} WHERE reward_hash = {paid}")).await;
        }
        holds(&mut installation, ReadFrom::Rows).await;
        let Installation { client, schemas, .. } = &mut installation;
        assert_ne!(root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap().root(), before);
    });
}

#[test]
fn rows_from_before_the_migration_are_included_by_the_next_run() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        for &cutoff in &case.cutoffs[..3] {
            installation.complete(cutoff).await;
        }
        let gold = installation.gold().await;
        let Installation { client, schemas, .. } = &mut installation;
        migrate_down(client, schemas, 10).await.unwrap();
        let undone = texts(client, "SELECT gold_rows::text FROM paydirt.remove_run(3)").await;
        assert_ne!(undone, ["0"], "the older remove_run() is back");
        migrate_up(client, schemas).await.unwrap();
        holds(&mut installation, ReadFrom::Balances).await;
        assert_eq!(count(&installation, "gold_balances").await, 0);
        installation.complete(case.cutoffs[2]).await;
        assert_eq!(count(&installation, "gold_balanced_runs").await, 3);
        holds(&mut installation, ReadFrom::Balances).await;
        assert_eq!(installation.gold().await, gold);
    });
}

#[test]
fn the_check_finds_what_does_not_add_up() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation.complete(case.cutoffs[0]).await;
        let some = "(earner, token) = (SELECT earner, token FROM paydirt.gold_balances ORDER BY 1, 2 LIMIT 1)";
        let mend = format!("UPDATE paydirt.gold_balances SET amount = amount - 1 WHERE {some}");
        for (breaking, mending, said) in [
            (
                format!("UPDATE paydirt.gold_balances SET amount = amount + 1 WHERE {some}"),
                mend.as_str(),
                "balances: earner 0x",
            ),
            (
                "INSERT INTO paydirt.gold_balances VALUES (-1, -1, 1, 0)".to_owned(),
                "DELETE FROM paydirt.gold_balances WHERE earner = -1",
                "balances: earner -1 token -1 balance 0 of 1 rows, gold 0 of 0 rows",
            ),
            (
                "DELETE FROM paydirt.gold_balanced_runs".to_owned(),
                "INSERT INTO paydirt.gold_balanced_runs SELECT id FROM paydirt.runs",
                "gold 0 of 0 rows",
            ),
            (
                "UPDATE paydirt.gold_balances_size SET appended = appended + 1".to_owned(),
                "UPDATE paydirt.gold_balances_size SET appended = appended - 1",
                "balances: gold_balances_size says ",
            ),
        ] {
            holds(&mut installation, ReadFrom::Balances).await;
            installation.execute(&breaking).await;
            let violated = violations(&mut installation).await;
            assert!(violated.len() == 1 && violated[0].contains(said), "{breaking}: {violated:?}");
            installation.execute(mending).await;
        }
        holds(&mut installation, ReadFrom::Balances).await;
    });
}

#[test]
fn a_drop_empties_the_balances_and_undoing_everything_fills_them_again() {
    runtime().block_on(async {
        let case = case_named("float-eras");
        let mut installation = Installation::of(&case).await;
        for &cutoff in &case.cutoffs {
            installation.complete(cutoff).await;
        }
        assert_ne!(count(&installation, "gold_balances").await, 0);
        installation.everything_is_over().await;
        let before = "2024-08-01".parse().unwrap();
        let Installation { client, schemas, .. } = &mut installation;
        let dropped = pipeline::drop_partitions(client, schemas, before).await.unwrap();
        assert!(dropped.iter().any(|partition| partition.gold_rows > 0), "{dropped:?}");
        let refused = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap_err();
        assert!(matches!(refused, RootError::Dropped { .. }), "{refused}");
        assert_eq!(count(&installation, "gold_balances").await, 0);
        assert_eq!(violations(&mut installation).await, Vec::<String>::new());
        let last = CutoffArgument::Date(*case.cutoffs.last().unwrap());
        let request = RunRequest { cutoff: last, ..installation.request(case.cutoffs[0]) };
        installation.try_request(&request).await.unwrap();
        assert_eq!(count(&installation, "gold_balanced_runs").await, 0, "they would be of no use");

        let Installation { client, schemas, .. } = &mut installation;
        undo(client, schemas, None, UndoTarget::FromCutoff(case.cutoffs[0]), &Silent).await.unwrap();
        installation.execute("DELETE FROM paydirt.quarantine").await;
        for &cutoff in &case.cutoffs {
            run_leaving(&mut installation, cutoff, 0).await;
        }
        assert_eq!(count(&installation, "gold_balanced_runs").await, case.cutoffs.len());
    });
}
