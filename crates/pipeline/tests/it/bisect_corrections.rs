//! `bisect` between deployments of which one got events or submissions late, and those whose table was changed.

use case_runner::Case;
use pipeline::{Budget, ManifestReport, Parting, manifests, run_steps};
use reward_rules::Day;
use test_support::{repo_root, runtime};

use crate::support::{Installation, day};

const EVENT: &str = "block_time = '2026-03-05 02:44:20' AND shares = 89673925216570111121";

fn demo() -> Case {
    Case::read(&repo_root().join("fixtures/demo")).unwrap()
}

fn bisect(a: &ManifestReport, b: &ManifestReport) -> Option<Parting> {
    pipeline::bisect(a, b).parting
}

/// All cutoffs run; rows of a source table were not there before the last one.
async fn late(late: Option<(&str, &str)>) -> Installation {
    let case = demo();
    let mut installation = Installation::of(&case).await;
    if let Some((table, rows)) = late {
        let keep = format!("CREATE TABLE kept AS SELECT * FROM {table} WHERE {rows}; DELETE FROM {table} WHERE {rows}");
        installation.execute(&keep).await;
    }
    let (last, before) = case.cutoffs.split_last().unwrap();
    for &cutoff in before {
        installation.try_run(cutoff).await.unwrap();
    }
    if let Some((table, _)) = late {
        installation.execute(&format!("INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")).await;
    }
    installation.try_run(*last).await.unwrap();
    installation
}

/// The manifest of a run with its steps, as it is written and read.
async fn with_steps(installation: &mut Installation, run: i64, only: Option<Day>) -> ManifestReport {
    let Installation { client, schemas, .. } = installation;
    let mut report = manifests(client, schemas, Some(run)).await.unwrap();
    report.steps = Some(run_steps(client, schemas, Some(run), only, &Budget::default()).await.unwrap());
    serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap()
}

#[test]
fn an_event_that_came_late_is_not_a_table_that_was_changed() {
    runtime().block_on(async {
        let (mut a, mut b) = (late(None).await, late(Some(("staker_share_deltas", EVENT))).await);
        for only in [None, Some(day("2026-03-06"))] {
            let (of_a, of_b) = (with_steps(&mut a, 2, only).await, with_steps(&mut b, 2, only).await);
            let parting = bisect(&of_a, &of_b).unwrap();
            assert_eq!((parting.step.as_str(), parting.day.as_deref()), ("staker_share_ranges", None), "{parting}");
            assert!(parting.what.contains("the days of B have been corrected since"), "{parting}");
            let gold = parting.gold.unwrap();
            assert_eq!(gold.step.as_deref(), Some("what the run read, corrected since"), "{gold}");
            assert!(gold.what.contains("in B what it read has been corrected since"), "{gold}");
            assert!(!gold.what.contains("in A"), "{gold}");
        }
        // A row of B is another one, besides.
        b.execute(
            "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE (snapshot, earner, reward) = (SELECT snapshot, \
             earner, reward FROM paydirt.gold_rows WHERE run_id = 2 AND snapshot = '2026-03-06' ORDER BY 2, 3 LIMIT 1)",
        )
        .await;
        let only = Some(day("2026-03-06"));
        let (of_a, of_b) = (with_steps(&mut a, 2, only).await, with_steps(&mut b, 2, only).await);
        let gold = bisect(&of_a, &of_b).unwrap().gold.unwrap();
        assert_eq!(gold.step.as_deref(), Some("gold_table itself, not the computation"), "{gold}");
        assert!(gold.what.contains("in B the table was changed after the run"), "{gold}");
    });
}

#[test]
fn a_submission_that_came_late_is_a_plan_that_was_corrected() {
    runtime().block_on(async {
        let rows = "reward_hash LIKE '0x7f3202db%'";
        let (mut a, mut b) = (late(None).await, late(Some(("reward_submissions", rows))).await);
        let (of_a, of_b) = (with_steps(&mut a, 1, None).await, with_steps(&mut b, 1, None).await);
        let found = pipeline::bisect(&of_a, &of_b);
        let note = "the steps of B are those of another plan than the run of cutoff 2026-03-01 had";
        assert!(found.notes.iter().any(|said| said.starts_with(note)), "{:?}", found.notes);
        let parting = found.parting.unwrap();
        assert_eq!((parting.step.as_str(), parting.cutoff.as_str()), ("reward_submissions", "2026-03-01"), "{parting}");
        let gold = parting.gold.unwrap();
        assert_eq!(gold.step.as_deref(), Some("the plan of the run, corrected since"), "{gold}");
        assert!(gold.what.contains("in B the run was planned otherwise"), "{gold}");
    });
}

#[test]
fn a_day_that_was_corrected_in_both_is_not_blamed() {
    runtime().block_on(async {
        // B has lacked an event of the 5th until the last run; a later one is lacking in it still.
        let missing = "(block_time, log_index) = (SELECT block_time, log_index FROM staker_share_deltas \
                       WHERE block_time >= '2026-03-08' AND block_time < '2026-03-10' ORDER BY 1, 2 LIMIT 1)";
        let (mut a, mut b) = (late(None).await, late(Some(("staker_share_deltas", EVENT))).await);
        b.execute(&format!("DELETE FROM staker_share_deltas WHERE {missing}")).await;
        for installation in [&mut a, &mut b] {
            installation.try_run(day("2026-04-02")).await.unwrap();
        }
        let report = async |of: &Installation| manifests(&of.client, &of.schemas, None).await.unwrap();
        let parting = bisect(&report(&a).await, &report(&b).await).unwrap();
        assert_eq!((parting.cutoff.as_str(), parting.step.as_str()), ("2026-03-11", "staker_share_ranges"));
        assert_eq!(parting.day, None, "the 5th, which is not the day of what is lacking now: {parting}");
    });
}
