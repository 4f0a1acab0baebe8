//! `verify` and `check`: what is stored is right, and a row that is not is named.

use case_runner::{Case, silver_relations};
use comparison::{Check, Difference};
use pipeline::{
    Against, CutoffArgument, RunError, Schemas, Silent, Source, VerifyReport, VerifyRequest, check_invariants, verify,
};
use reward_rules::Day;
use test_support::{TestDatabase, runtime};
use tokio_postgres::Client;

use crate::support::{complete, import, migrated, own_case, stored, texts};

/// A case with all its cutoffs run.
async fn ran(name: &str) -> (TestDatabase, Client, Case) {
    let case = own_case(name);
    let (database, mut client) = migrated().await;
    import(&mut client, &case.path).await;
    for &cutoff in &case.cutoffs {
        complete(&mut client, &case, cutoff, Source::Events).await;
    }
    (database, client, case)
}

async fn verified(
    client: &mut Client,
    case: &Case,
    cutoff: Day,
    from: Option<Day>,
    against: Against,
) -> Result<VerifyReport, RunError> {
    let request = VerifyRequest { chain: case.chain, cutoff: CutoffArgument::Date(cutoff), from, against };
    verify(client, &Schemas::default(), &request, &Silent).await
}

fn differing(report: &VerifyReport) -> Vec<&Check> {
    assert_eq!(report.equal, report.comparisons.iter().flat_map(|part| &part.checks).all(|check| check.differing == 0));
    report.comparisons.iter().flat_map(|part| &part.checks).filter(|check| check.differing > 0).collect()
}

/// Everything stored, the schemas, and the temp tables: verifying changes none of it.
async fn everything(client: &Client) -> Vec<String> {
    let mut everything = stored(client).await;
    everything.extend(texts(client, "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'paydirt%'").await);
    everything.extend(texts(client, "SELECT relname::text FROM pg_class WHERE relpersistence = 't'").await);
    everything
}

#[test]
fn every_stored_run_is_what_both_engines_compute_and_verifying_changes_nothing() {
    runtime().block_on(async {
        for name in ["operator-sets", "stake-weighted"] {
            let (_database, mut client, case) = ran(name).await;
            let before = everything(&client).await;
            let last = *case.cutoffs.last().unwrap();
            let report = verified(&mut client, &case, last, Some(case.cutoffs[0]), Against::Sql).await.unwrap();
            assert_eq!(differing(&report), Vec::<&Check>::new(), "{name}");
            assert_eq!(report.comparisons.len(), 3 * case.cutoffs.len(), "silver, steps and gold of every run");
            let gold: usize = report
                .comparisons
                .iter()
                .filter(|part| part.part == "gold")
                .flat_map(|part| &part.checks)
                .map(|check| check.computed_rows)
                .sum();
            let rows = texts(&client, "SELECT count(*)::text FROM paydirt.gold_table").await;
            assert_eq!(gold.to_string(), rows[0], "{name}: every stored row was looked at");
            let silver = &report.comparisons[report.comparisons.len() - 3];
            assert_eq!(
                (silver.part, silver.computed),
                ("silver", "stored"),
                "the newest run's silver is the stored one"
            );
            assert!(silver.checks.iter().map(|check| check.computed_rows).sum::<usize>() > 100);
            assert_eq!(everything(&client).await, before, "{name}");
        }
    });
}

#[test]
fn one_tampered_amount_is_named_exactly() {
    runtime().block_on(async {
        let (_database, mut client, case) = ran("stake-weighted").await;
        let key = "SELECT concat_ws(',', earner, snapshot, reward_hash, token) FROM paydirt.gold_table \
            WHERE amount > 5 ORDER BY md5(earner || snapshot || reward_hash) LIMIT 1";
        let key = texts(&client, key).await.remove(0);
        let tamper = format!(
            "UPDATE paydirt.gold_rows g SET amount = amount - 1 FROM paydirt.gold_earners e, paydirt.gold_rewards r \
             WHERE e.id = g.earner AND r.id = g.reward AND concat_ws(',', address, snapshot, reward_hash, token) = '{key}'"
        );
        client.batch_execute(&tamper).await.unwrap();
        let last = *case.cutoffs.last().unwrap();
        let report = verified(&mut client, &case, last, Some(case.cutoffs[0]), Against::Sql).await.unwrap();
        let [check] = differing(&report)[..] else { panic!("{report:?}") };
        assert_eq!((check.what.as_str(), check.differing), ("gold_table", 2), "one row, on both sides");
        let [Difference { expected: Some(expected), computed: Some(computed), .. }] = &check.differences[..] else {
            panic!("{check:?}")
        };
        assert_eq!(expected[..4].join(","), key);
        assert_eq!(computed[..4].join(","), key);
        assert_eq!(expected[4].parse::<i128>().unwrap() - 1, computed[4].parse::<i128>().unwrap());
    });
}

#[test]
fn tampered_silver_and_rows_of_no_work_are_found() {
    runtime().block_on(async {
        let (_database, mut client, case) = ran("stake-weighted").await;
        let last = *case.cutoffs.last().unwrap();
        client
            .batch_execute(
                "UPDATE paydirt.staker_share_ranges SET shares = shares + 1 WHERE ctid = \
                 (SELECT ctid FROM paydirt.staker_share_ranges ORDER BY valid_from, staker, strategy LIMIT 1)",
            )
            .await
            .unwrap();
        // A day before all others, in the window of the last run.
        let extra = "WITH w AS (SELECT * FROM paydirt.gold_windows ORDER BY run_id DESC, reward_hash LIMIT 1), \
                e AS (INSERT INTO paydirt.gold_earners (address) VALUES ('0xnobody') RETURNING id), \
                r AS (INSERT INTO paydirt.gold_rewards (reward_hash, token) SELECT reward_hash, '0xt' FROM w RETURNING id) \
            INSERT INTO paydirt.gold_rows (snapshot, earner, reward, run_id, amount) \
            SELECT w.first_snapshot, e.id, r.id, w.run_id, 1 FROM w, e, r";
        client.batch_execute(extra).await.unwrap();
        let report = verified(&mut client, &case, last, None, Against::Sql).await.unwrap();
        let found = differing(&report);
        assert!(found.iter().any(|check| check.what == "staker_share_snapshots"), "{found:?}");
        let gold: Vec<_> = found.iter().filter(|check| check.what == "gold_table").collect();
        let [check] = &gold[..] else { panic!("{found:?}") };
        assert_eq!(check.differences[0].computed.as_ref().unwrap()[0], "0xnobody");
        assert!(found.iter().all(|check| !check.what.starts_with("0")), "the engines agree: {found:?}");
    });
}

#[test]
fn a_cutoff_still_to_come_compares_the_engines_and_a_covered_one_is_refused() {
    runtime().block_on(async {
        let case = own_case("operator-sets");
        let (_database, mut client) = migrated().await;
        import(&mut client, &case.path).await;
        complete(&mut client, &case, case.cutoffs[1], Source::Events).await;
        let report = verified(&mut client, &case, case.cutoffs[2], None, Against::Sql).await.unwrap();
        assert!(report.equal && report.comparisons.len() == 2 && report.comparisons[0].run_id.is_none());
        assert!(report.comparisons[1].checks.iter().any(|check| check.expected_rows > 0), "{report:?}");
        let error = verified(&mut client, &case, case.cutoffs[0], None, Against::Sql).await.unwrap_err();
        assert!(matches!(error, RunError::NothingToVerify { done_by, .. } if done_by == case.cutoffs[1]), "{error}");
    });
}

/// Copies paydirt's daily relations into the source schema, as an indexer that keeps them.
async fn keep_daily_tables(client: &Client) {
    for relation in silver_relations().iter().filter(|relation| relation.daily) {
        let name = relation.name;
        let copy = format!("CREATE TABLE public.{name} AS SELECT * FROM paydirt.{name}");
        client.batch_execute(&copy).await.unwrap();
    }
}

#[test]
fn silver_is_compared_with_an_indexers_daily_tables() {
    runtime().block_on(async {
        let (_database, mut client, case) = ran("stake-weighted").await;
        let last = *case.cutoffs.last().unwrap();
        let missing = verified(&mut client, &case, last, None, Against::Snapshots).await.unwrap_err();
        assert!(matches!(missing, RunError::NoDailyTables { .. }), "{missing}");
        keep_daily_tables(&client).await;
        let before = everything(&client).await;
        for cutoff in &case.cutoffs {
            let report = verified(&mut client, &case, *cutoff, None, Against::Snapshots).await.unwrap();
            assert!(report.equal, "{cutoff}: {:?}", differing(&report));
            let rows: usize = report.comparisons[0].checks.iter().map(|check| check.expected_rows).sum();
            assert!(rows > 100, "{cutoff}: {rows}");
        }
        let rows = |query: &'static str| texts(&client, query);
        let day = rows("SELECT max(snapshot)::text FROM public.staker_share_snapshots").await.remove(0);
        let tamper = format!(
            "UPDATE public.staker_share_snapshots SET shares = shares + 7 WHERE ctid = \
             (SELECT ctid FROM public.staker_share_snapshots WHERE snapshot = '{day}' LIMIT 1); \
             DELETE FROM public.operator_allocation_snapshots WHERE ctid = \
             (SELECT ctid FROM public.operator_allocation_snapshots ORDER BY snapshot LIMIT 1)"
        );
        assert_eq!(everything(&client).await, before);
        client.batch_execute(&tamper).await.unwrap();
        let report = verified(&mut client, &case, last, None, Against::Snapshots).await.unwrap();
        let found: Vec<(&str, usize)> =
            differing(&report).iter().map(|check| (check.what.as_str(), check.differing)).collect();
        assert_eq!(found, [("staker_share_snapshots", 2), ("operator_allocation_snapshots", 1)]);
        assert_eq!(differing(&report)[0].snapshot, Some(day.clone()));
        let from = Some(day.parse().unwrap());
        let report = verified(&mut client, &case, last, from, Against::Snapshots).await.unwrap();
        assert_eq!(differing(&report).len(), 1, "--from leaves the earlier day out");
    });
}

#[test]
fn gold_is_compared_with_a_references_gold_table() {
    runtime().block_on(async {
        let (_database, mut client, case) = ran("operator-sets").await;
        let last = *case.cutoffs.last().unwrap();
        let missing = verified(&mut client, &case, last, None, Against::Gold).await.unwrap_err();
        assert!(matches!(missing, RunError::NoGoldTable { .. }), "{missing}");
        client.batch_execute("CREATE TABLE public.gold_table AS SELECT * FROM paydirt.gold_table").await.unwrap();
        let before = everything(&client).await;
        let report = verified(&mut client, &case, last, None, Against::Gold).await.unwrap();
        assert!(report.equal, "with paydirt's own cutoffs: {:?}", differing(&report));
        assert_eq!(everything(&client).await, before);

        let tamper = "UPDATE public.gold_table SET amount = amount + 3 WHERE ctid = \
            (SELECT ctid FROM public.gold_table ORDER BY snapshot DESC LIMIT 1)";
        client.batch_execute(tamper).await.unwrap();
        let report = verified(&mut client, &case, last, None, Against::Gold).await.unwrap();
        let [check] = differing(&report)[..] else { panic!("{report:?}") };
        assert_eq!(check.differing, 2);
    });
}

#[test]
fn the_references_cutoffs_count_not_ours_and_what_came_after_the_cutoff_does_not() {
    runtime().block_on(async {
        // A reference that ran every second cutoff pays other days at other times.
        let case = own_case("stake-weighted");
        let (_reference_database, mut reference) = migrated().await;
        import(&mut reference, &case.path).await;
        let last = *case.cutoffs.last().unwrap();
        let cutoffs: Vec<Day> = case.cutoffs.iter().rev().step_by(2).rev().copied().collect();
        for &cutoff in &cutoffs {
            complete(&mut reference, &case, cutoff, Source::Events).await;
        }
        // As a reference's tables beside our own installation, which ran every cutoff.
        reference
            .batch_execute(
                "CREATE TABLE public.gold_table AS SELECT * FROM paydirt.gold_table; \
                 CREATE TABLE public.generated_rewards_snapshots AS \
                 SELECT id, snapshot_date, status FROM paydirt.generated_rewards_snapshots; \
                 DROP SCHEMA paydirt CASCADE",
            )
            .await
            .unwrap();
        pipeline::migrate_up(&mut reference, &Schemas::default()).await.unwrap();
        for &cutoff in &case.cutoffs {
            complete(&mut reference, &case, cutoff, Source::Events).await;
        }
        let differ = "SELECT count(*)::text FROM (TABLE public.gold_table EXCEPT ALL TABLE paydirt.gold_table) d";
        let differ = texts(&reference, differ).await.remove(0);
        let report = verified(&mut reference, &case, last, None, Against::Gold).await.unwrap();
        assert!(report.equal, "{:?}", differing(&report));
        reference.batch_execute("DROP TABLE public.generated_rewards_snapshots").await.unwrap();
        let ours = verified(&mut reference, &case, last, None, Against::Gold).await.unwrap();
        assert_eq!(ours.equal, differ == "0", "with our own cutoffs {differ} rows differ");

        // Submissions that came after an earlier cutoff have rows for earlier days: they are not compared at that one.
        reference
            .batch_execute("TRUNCATE public.gold_table; INSERT INTO public.gold_table SELECT * FROM paydirt.gold_table")
            .await
            .unwrap();
        for &cutoff in &case.cutoffs {
            let report = verified(&mut reference, &case, cutoff, None, Against::Gold).await.unwrap();
            assert!(report.equal, "{cutoff}: {:?}", differing(&report));
        }
    });
}

#[test]
fn a_submission_that_came_late_and_was_set_aside_does_not_spoil_earlier_runs() {
    runtime().block_on(async {
        let (_database, mut client, case) = ran("operator-sets").await;
        let last = *case.cutoffs.last().unwrap();
        let late = "INSERT INTO reward_submissions (avs, reward_hash, token, amount, strategy, strategy_index, multiplier, \
            start_timestamp, end_timestamp, duration, reward_type, block_number, transaction_hash, log_index) \
            SELECT avs, '0x' || repeat('ab', 32), token, amount, strategy, strategy_index, multiplier, start_timestamp, \
            start_timestamp + interval '1 hour', 3600, reward_type, block_number, '0x' || repeat('cd', 32), 0 \
            FROM reward_submissions ORDER BY block_number, strategy_index LIMIT 1";
        assert_eq!(client.execute(late, &[]).await.unwrap(), 1);
        let error = verified(&mut client, &case, last, None, Against::Sql).await.unwrap_err();
        assert!(matches!(error, RunError::BadInput(_)), "the bad row is named: {error}");
        let set_aside = "INSERT INTO paydirt.quarantine (reward_hash, source_table, reason, cutoff) \
            VALUES ('0x' || repeat('ab', 32), 'reward_submissions', 'too short', '2030-01-01')";
        client.batch_execute(set_aside).await.unwrap();
        let report = verified(&mut client, &case, last, Some(case.cutoffs[0]), Against::Sql).await.unwrap();
        assert!(report.equal, "{:?}", differing(&report));
        let error = verified(&mut client, &case, case.cutoffs[0], Some(last), Against::Gold).await.unwrap_err();
        assert!(matches!(error, RunError::FromAfterCutoff { .. }), "{error}");
    });
}

/// A way to damage what is stored, and the invariants that notice.
const DAMAGES: [(&str, &[&str]); 16] = [
    ("UPDATE gold_balances SET amount = amount + 1 WHERE ctid = (SELECT min(ctid) FROM gold_balances)", &["balances"]),
    ("DELETE FROM gold_balanced_runs WHERE run_id = (SELECT max(run_id) FROM gold_balanced_runs)", &["balances"]),
    (
        "UPDATE watermarks SET last_snapshot = last_snapshot + 1 WHERE ctid = (SELECT min(ctid) FROM watermarks)",
        &["watermark"],
    ),
    ("DELETE FROM watermarks WHERE ctid = (SELECT min(ctid) FROM watermarks)", &["watermark"]),
    (
        "INSERT INTO gold_rows (SELECT snapshot, earner, reward, run_id, 0 FROM gold_rows ORDER BY amount, 1, 2, 3 LIMIT 1)",
        &["gold_duplicate", "window_rows"],
    ),
    (
        "UPDATE gold_rows SET amount = -1 WHERE (snapshot, earner, reward) = \
         (SELECT snapshot, earner, reward FROM gold_rows ORDER BY amount, 1, 2, 3 LIMIT 1)",
        &["gold_negative", "balances"],
    ),
    (
        "UPDATE gold_rows SET amount = amount * 1000000 WHERE (snapshot, earner, reward) = \
         (SELECT snapshot, earner, reward FROM gold_rows ORDER BY amount DESC, 1, 2, 3 LIMIT 1)",
        &["overpaid_day"],
    ),
    (
        "UPDATE gold_rows SET run_id = 99 WHERE (snapshot, earner, reward) = \
         (SELECT snapshot, earner, reward FROM gold_rows ORDER BY amount DESC, 1, 2, 3 LIMIT 1)",
        &["gold_without_run", "window_rows"],
    ),
    (
        "UPDATE gold_rows SET earner = 0 WHERE (snapshot, earner, reward) = \
         (SELECT snapshot, earner, reward FROM gold_rows ORDER BY 1, 2, 3 LIMIT 1)",
        &["gold_dictionary"],
    ),
    (
        "UPDATE gold_rows SET reward = 0 WHERE (snapshot, earner, reward) = \
         (SELECT snapshot, earner, reward FROM gold_rows ORDER BY 1, 2, 3 LIMIT 1)",
        &["gold_dictionary", "window_rows"],
    ),
    (
        "INSERT INTO staker_share_ranges (SELECT staker, strategy, shares + 1, valid_from + 1, valid_to FROM \
         staker_share_ranges WHERE coalesce(valid_to, 'infinity') > valid_from + 1 ORDER BY 1, 2, 4 LIMIT 1)",
        &["ranges_overlap"],
    ),
    (
        "UPDATE gold_windows SET first_snapshot = first_snapshot + 1, last_snapshot = last_snapshot + 1 \
         WHERE ctid = (SELECT ctid FROM gold_windows ORDER BY run_id DESC, reward_hash LIMIT 1)",
        &["gold_without_run", "window_rows"],
    ),
    (
        "UPDATE gold_windows SET gold_rows = gold_rows + 1 WHERE ctid = (SELECT min(ctid) FROM gold_windows)",
        &["run_rows", "window_rows"],
    ),
    ("UPDATE runs SET gold_rows = gold_rows + 1 WHERE id = (SELECT max(id) FROM runs)", &["run_rows"]),
    ("UPDATE units SET status = 'pending' WHERE run_id = (SELECT max(id) FROM runs) AND unit = 1", &["run_rows"]),
    ("UPDATE silver_state SET cutoff = cutoff - 1", &["silver_cutoff"]),
];

/// The tables that are damaged, in an order in which they can be filled.
const DAMAGED: [&str; 10] = [
    "runs",
    "units",
    "gold_windows",
    "watermarks",
    "silver_state",
    "staker_share_ranges",
    "gold_rows",
    "gold_balanced_runs",
    "gold_balances",
    "gold_balances_size",
];

#[test]
fn every_damage_is_noticed_by_the_invariants_it_breaks() {
    runtime().block_on(async {
        let (_database, mut client, _) = ran("stake-weighted").await;
        let schemas = Schemas::default();
        for table in DAMAGED {
            client.batch_execute(&format!("CREATE TABLE public.{table} AS TABLE paydirt.{table}")).await.unwrap();
        }
        for (damage, expected) in DAMAGES {
            schemas.own_first(&client).await.unwrap();
            assert_eq!(client.execute(damage, &[]).await.unwrap(), 1, "{damage}");
            let reports = check_invariants(&mut client, &schemas, &Silent).await.unwrap();
            let violated: Vec<&str> = reports.iter().filter(|r| r.violations > 0).map(|r| r.invariant).collect();
            for name in expected {
                assert!(violated.contains(name), "{damage}: {violated:?}");
            }
            client.batch_execute("TRUNCATE paydirt.gold_rows, paydirt.silver_state, paydirt.watermarks, paydirt.gold_balances, paydirt.gold_balances_size").await.unwrap();
            client.batch_execute("TRUNCATE paydirt.staker_share_ranges, paydirt.runs CASCADE").await.unwrap();
            for table in DAMAGED {
                let restore =
                    format!("INSERT INTO paydirt.{table} OVERRIDING SYSTEM VALUE SELECT * FROM public.{table}");
                client.batch_execute(&restore).await.unwrap();
            }
            let reports = check_invariants(&mut client, &schemas, &Silent).await.unwrap();
            assert!(reports.iter().all(|report| report.violations == 0), "undamaged again: {reports:?}");
        }
    });
}
