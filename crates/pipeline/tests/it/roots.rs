//! Roots of what is stored: against sums over the text views, step by step, and against posted ones.

use std::collections::{BTreeMap, BTreeSet};

use case_runner::Case;
use claim_tree::{Distribution, Pair};
use pipeline::{
    Budget, CumulativeAmount, Root, RootError, SnapshotArgument, Verdict, check_posted_roots, cumulative_amounts,
    posted_index, root,
};
use reward_rules::Day;
use test_support::runtime;
use tokio_postgres::Client;

use crate::support::{Installation, case_named, day, operator_sets, texts};

const TABLES: [&str; 5] = [
    "reward_submissions",
    "operator_directed_reward_submissions",
    "operator_directed_operator_set_reward_submissions",
    "unique_stake_reward_submissions",
    "total_stake_reward_submissions",
];

/// A case with its first cutoffs run.
async fn ran(case: &Case, cutoffs: usize) -> Installation {
    let mut installation = Installation::of(case).await;
    for &cutoff in &case.cutoffs[..cutoffs] {
        installation.complete(cutoff).await;
    }
    installation
}

async fn of(installation: &mut Installation, snapshot: Day) -> Result<Root, RootError> {
    root(&mut installation.client, &installation.schemas, SnapshotArgument::Date(snapshot), &Budget::default()).await
}

/// spec/05 §1 from the views, word for word: submissions by their text, rows one by one.
async fn plain(client: &Client, snapshot: Day) -> BTreeMap<(String, String), (u128, String)> {
    let mut included = BTreeSet::new();
    for table in TABLES {
        let query = format!(
            "SELECT s.reward_hash FROM public.{table} s JOIN public.blocks b ON b.number = s.block_number \
             WHERE b.block_time <= timestamp '{} 00:00:00'",
            snapshot.next()
        );
        included.extend(texts(client, &query).await);
    }
    let mut sums: BTreeMap<(String, String), (u128, String)> = BTreeMap::new();
    let rows = "SELECT earner, token, reward_hash, snapshot::text, amount::text FROM paydirt.gold_table";
    for row in client.query(rows, &[]).await.unwrap() {
        let text = |index: usize| row.get::<_, String>(index);
        if text(3) <= snapshot.to_string() && included.contains(&text(2)) {
            let (sum, last) = sums.entry((text(0), text(1))).or_default();
            *sum += text(4).parse::<u128>().unwrap();
            *last = text(3).max(std::mem::take(last));
        }
    }
    sums
}

fn plain_root(sums: &BTreeMap<(String, String), (u128, String)>) -> String {
    let pairs = sums.iter().map(|((earner, token), (sum, _))| Pair {
        earner: earner.parse().unwrap(),
        token: token.parse().unwrap(),
        cumulative: sum.to_string().parse().unwrap(),
    });
    Distribution::build(pairs).unwrap().root().to_string()
}

#[test]
fn every_snapshot_that_is_computed_has_the_root_of_the_rows_up_to_it() {
    runtime().block_on(async {
        for name in ["operator-sets", "stake-weighted", "float-eras"] {
            let case = case_named(name);
            let mut installation = ran(&case, case.cutoffs.len()).await;
            let last = *case.cutoffs.last().unwrap();
            let mut distinct = BTreeSet::new();
            let mut posted = String::new();
            for snapshot in (last.0 - 40..last.0).map(Day) {
                let expected = plain(&installation.client, snapshot).await;
                if expected.is_empty() {
                    let refused = of(&mut installation, snapshot).await.unwrap_err();
                    assert!(matches!(refused, RootError::NoAmounts { .. }), "{refused}");
                    continue;
                }
                let mut amounts = BTreeMap::new();
                let argument = SnapshotArgument::Date(snapshot);
                let Installation { client, schemas, .. } = &mut installation;
                cumulative_amounts(client, schemas, argument, &Budget::default(), |_, CumulativeAmount { pair, snapshot }| {
                    let key = (format!("{:#x}", pair.earner), format!("{:#x}", pair.token));
                    let amount = (pair.cumulative.to_string().parse().unwrap(), snapshot.to_string());
                    assert!(amounts.insert(key, amount).is_none());
                    Ok::<(), RootError>(())
                })
                .await
                .unwrap();
                assert_eq!(amounts, expected, "{name} {snapshot}");
                let root = of(&mut installation, snapshot).await.unwrap();
                assert_eq!(root.root().to_string(), plain_root(&expected), "{name} {snapshot}");
                assert_eq!(root.total.to_string(), expected.values().map(|(sum, _)| sum).sum::<u128>().to_string());
                distinct.insert(root.root());
                posted.push_str(&format!(
                    "INSERT INTO submitted_distribution_roots VALUES ('{}', {}, '{snapshot} 00:00:00', '', now(), '', 0, 0);",
                    root.root(),
                    snapshot.0
                ));
            }
            assert!(distinct.len() > 3, "{name}: {} roots", distinct.len());

            // The same roots, from what amounts grew by since the snapshot before.
            installation.execute(&posted).await;
            let compared = check_posted_roots(&mut installation.client, &installation.schemas, &Budget::default()).await.unwrap();
            assert_eq!(compared.len(), posted.matches(';').count());
            assert!(compared.iter().all(|posted| posted.verdict == Verdict::Equal), "{name}: {compared:?}");
        }
    });
}

#[test]
fn latest_is_the_day_before_the_newest_complete_cutoff() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = ran(&case, 3).await;
        let expected = case.cutoffs[2].previous();
        let latest =
            root(&mut installation.client, &installation.schemas, SnapshotArgument::Latest, &Budget::default())
                .await
                .unwrap();
        assert_eq!(latest.snapshot, expected);
        assert_eq!(latest.root(), of(&mut installation, expected).await.unwrap().root());

        // The cutoff day itself has rows already, and is not over.
        let refused = of(&mut installation, case.cutoffs[2]).await.unwrap_err();
        assert!(matches!(refused, RootError::NotComputed { newest: Some(newest), .. } if newest == case.cutoffs[2]));
        assert!(refused.to_string().contains(&format!("paydirt run --cutoff {}", case.cutoffs[2].next())), "{refused}");
        let refused = of(&mut installation, day("2099-01-01")).await.unwrap_err();
        assert!(matches!(refused, RootError::Future { .. }), "{refused}");

        let mut empty = Installation::migrated().await;
        let refused =
            root(&mut empty.client, &empty.schemas, SnapshotArgument::Latest, &Budget::default()).await.unwrap_err();
        assert!(matches!(refused, RootError::NoRuns), "{refused}");
        let refused = of(&mut empty, expected).await.unwrap_err();
        assert!(matches!(refused, RootError::NotComputed { newest: None, .. }), "{refused}");
    });
}

#[test]
fn rows_of_a_run_that_is_not_complete_count_for_no_root() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = ran(&case, 2).await;
        let snapshot = case.cutoffs[0].previous();
        let before = of(&mut installation, snapshot).await.unwrap().root();
        // A row of an earlier day, as a retroactive submission leaves, by a run that failed.
        installation
            .execute(
                "INSERT INTO paydirt.runs (chain, cutoff, status, engine, source, version) \
                 VALUES ('mainnet', '2025-04-19', 'failed', 'native', 'events', '0'); \
                 INSERT INTO paydirt.gold_rows (snapshot, earner, reward, run_id, amount) \
                 SELECT g.snapshot, g.earner, g.reward, (SELECT max(r.id) FROM paydirt.runs r), 7 FROM paydirt.gold_rows g \
                 WHERE g.snapshot < '2025-04-17' LIMIT 1",
            )
            .await;
        let rows = "SELECT count(*)::text FROM paydirt.gold_rows WHERE run_id = (SELECT max(id) FROM paydirt.runs)";
        assert_eq!(texts(&installation.client, rows).await, ["1"]);
        assert_eq!(of(&mut installation, snapshot).await.unwrap().root(), before);
        installation.execute("UPDATE paydirt.runs SET status = 'processing' WHERE status = 'failed'").await;
        installation.execute("UPDATE paydirt.runs SET status = 'complete'").await;
        assert_ne!(of(&mut installation, snapshot).await.unwrap().root(), before);
    });
}

#[test]
fn dropped_days_stand_in_the_way_of_later_roots_only() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = ran(&case, case.cutoffs.len()).await;
        let snapshot = case.cutoffs[0].previous();
        let before = of(&mut installation, snapshot).await.unwrap().root();
        let month = "INSERT INTO paydirt.dropped_partitions (first_snapshot, last_snapshot, gold_rows, begun_at)";
        let forget = "DELETE FROM paydirt.dropped_partitions";
        installation.execute(&format!("{month} VALUES ('2025-03-01', '2025-03-31', 0, NULL)")).await;
        assert_eq!(of(&mut installation, snapshot).await.unwrap().root(), before, "nothing was in it");
        installation.execute(&format!("{forget}; {month} VALUES ('2025-05-01', '2025-05-31', 9, NULL)")).await;
        assert_eq!(of(&mut installation, snapshot).await.unwrap().root(), before, "it was later");
        for values in ["'2025-03-01', '2025-03-31', 9, NULL", "'2025-04-01', '2025-04-30', 0, now()"] {
            installation.execute(&format!("{forget}; {month} VALUES ({values})")).await;
            let refused = of(&mut installation, snapshot).await.unwrap_err();
            assert!(matches!(refused, RootError::Dropped { .. }), "{refused}");
        }
    });
}

#[test]
fn a_value_that_no_leaf_can_have_is_named() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = ran(&case, 2).await;
        let snapshot = case.cutoffs[1].previous();
        // Amounts are those of rows then.
        installation.execute(include_str!("../../../../sql/queries/balances/forget.sql")).await;
        for (breaking, mending, said) in [
            (
                "UPDATE paydirt.gold_rows SET amount = amount - 1e60",
                "UPDATE paydirt.gold_rows SET amount = amount + 1e60",
                "amount '-",
            ),
            (
                "UPDATE paydirt.gold_rows SET amount = amount + 1e78",
                "UPDATE paydirt.gold_rows SET amount = amount - 1e78",
                "amount '",
            ),
            (
                "UPDATE paydirt.gold_rows SET amount = amount + 0.5",
                "UPDATE paydirt.gold_rows SET amount = amount - 0.5",
                ".5' cannot be in a tree",
            ),
            (
                "UPDATE paydirt.gold_earners SET address = replace(address, '0x', '0X')",
                "UPDATE paydirt.gold_earners SET address = replace(address, '0X', '0x')",
                "earner '0X",
            ),
        ] {
            let before = of(&mut installation, snapshot).await.unwrap().root();
            installation.execute(breaking).await;
            let refused = of(&mut installation, snapshot).await.unwrap_err();
            assert!(matches!(refused, RootError::NoLeaf { .. }) && refused.to_string().contains(said), "{refused}");
            installation.execute(mending).await;
            assert_eq!(of(&mut installation, snapshot).await.unwrap().root(), before);
        }
    });
}

#[test]
fn posted_roots_are_equal_different_or_not_computable() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = ran(&case, 4).await;
        let ours = of(&mut installation, case.cutoffs[1].previous()).await.unwrap();
        let (newest, right) = (case.cutoffs[3], ours.root());
        let wrong = "0x".to_owned() + &"ab".repeat(32);
        installation
            .execute(&format!(
                "INSERT INTO submitted_distribution_roots VALUES \
                 ('{right}', 3, '{0} 00:00:00', '', now(), '', 0, 3), ('{right}', 2, '{0} 23:59:59', '', now(), '', 0, 2), \
                 ('{wrong}', 1, '{0} 00:00:00', '', now(), '', 0, 1), ('{wrong}', 4, '{newest} 00:00:00', '', now(), '', 0, 4), \
                 ('{wrong}', 0, '2020-01-01', '', now(), '', 0, 0), ('0x12', 5, '{0} 00:00:00', '', now(), '', 0, 5); \
                 INSERT INTO disabled_distribution_roots VALUES (3, 0, '', 9)",
                ours.snapshot
            ))
            .await;
        let Installation { client, schemas, .. } = &mut installation;
        let compared = check_posted_roots(client, schemas, &Budget::default()).await.unwrap();
        let results: Vec<String> = compared
            .iter()
            .map(|posted| match &posted.verdict {
                Verdict::Equal => format!("{} equal {}", posted.root_index, posted.disabled),
                Verdict::Different { ours } => format!("{} different {ours}", posted.root_index),
                Verdict::NotComputable { reason } => format!("{} {reason}", posted.root_index),
            })
            .collect();
        assert!(results[0].starts_with("0 nothing was paid up to snapshot 2020-01-01"), "{results:?}");
        assert_eq!(results[1..4], [format!("1 different {right}"), "2 equal false".into(), "3 equal true".into()]);
        assert!(results[4].starts_with(&format!("4 snapshot {newest} has not been computed")), "{results:?}");
        assert!(results[5].contains("is not a root"), "{results:?}");

        assert_eq!(posted_index(client, schemas, ours.snapshot, right).await.unwrap(), Some(2), "3 is disabled");
        assert_eq!(posted_index(client, schemas, newest, right).await.unwrap(), None);

        installation.execute("DROP TABLE disabled_distribution_roots").await;
        let Installation { client, schemas, .. } = &mut installation;
        assert_eq!(posted_index(client, schemas, ours.snapshot, right).await.unwrap(), Some(3));
        installation.execute("DROP TABLE submitted_distribution_roots").await;
        let Installation { client, schemas, .. } = &mut installation;
        assert_eq!(posted_index(client, schemas, ours.snapshot, right).await.unwrap(), None);
        let refused = check_posted_roots(client, schemas, &Budget::default()).await.unwrap_err();
        assert!(matches!(refused, RootError::NoPostedRoots { .. }), "{refused}");
    });
}
