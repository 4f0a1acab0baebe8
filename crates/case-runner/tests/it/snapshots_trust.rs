//! `--source snapshots` with what answers for the money: audit, explain, roots and steps say what they say of a run from events.

use std::collections::BTreeMap;

use case_runner::Case;
use pipeline::{
    AuditRequest, Budget, ExplainRequest, GoldVerdict, RunError, Schemas, Silent, Source, audit, explain, manifests,
    run_steps,
};
use reward_rules::Day;
use serde_json::Value;
use test_support::{TestDatabase, runtime};
use tokio_postgres::Client;

use crate::snapshots::{export_daily_tables, without_events};
use crate::support::{complete, import, migrated, own_case, texts};

/// A database that was run from events, and one that has nothing but the daily tables of the first.
async fn both(case: &Case) -> [(TestDatabase, Client); 2] {
    let (events_database, mut events) = migrated().await;
    import(&mut events, &case.path).await;
    for &cutoff in &case.cutoffs {
        complete(&mut events, case, cutoff, Source::Events).await;
    }
    let (daily_database, mut daily) = migrated().await;
    import(&mut daily, without_events(case).path()).await;
    export_daily_tables(&events, &daily).await;
    for &cutoff in &case.cutoffs {
        complete(&mut daily, case, cutoff, Source::Snapshots).await;
    }
    [(events_database, events), (daily_database, daily)]
}

async fn audited(client: &mut Client, case: &Case) -> Value {
    let report = audit(client, &Schemas::default(), &AuditRequest::new(case.chain), &Silent).await.unwrap();
    assert!(report.closes, "{}: {report:?}", case.name);
    serde_json::to_value(report).unwrap()
}

/// Everything explained of everybody who is paid on a day, without the events, which daily tables do not have. Why somebody is not
/// paid may be said in other words: tables of days do not tell who was there before with nothing.
async fn explained(client: &mut Client, case: &Case, snapshot: Day) -> Value {
    let earners = format!("SELECT DISTINCT earner FROM paydirt.gold_table WHERE snapshot = '{snapshot}' ORDER BY 1");
    let earners = texts(client, &earners).await;
    assert!(!earners.is_empty());
    let budget = Budget::default();
    let request =
        ExplainRequest { chain: case.chain, snapshot, earners, reward_hash: None, token: None, memory: budget };
    let report = explain(client, &Schemas::default(), &request).await.unwrap();
    assert!(report.equal, "{} {snapshot}", case.name);
    assert!(report.amounts.iter().any(|amount| amount.verdict == GoldVerdict::Equal && !amount.explained.is_empty()));
    let mut report = serde_json::to_value(report).unwrap();
    for amount in report["amounts"].as_array_mut().unwrap() {
        let amount = amount.as_object_mut().unwrap();
        amount.remove("events");
        let reasons = amount.remove("reasons").unwrap();
        let is_paid = !amount["explained"].as_array().unwrap().is_empty();
        assert!(is_paid || !reasons.as_array().unwrap().is_empty());
        assert!(!reasons.to_string().contains("nothing_known"), "{reasons}");
    }
    sort(&mut report);
    report
}

/// Stakers of an operator come in the order in which they were read.
fn sort(value: &mut Value) {
    match value {
        Value::Array(values) => {
            values.iter_mut().for_each(sort);
            values.sort_by_key(Value::to_string);
        }
        Value::Object(values) => values.values_mut().for_each(sort),
        _ => {}
    }
}

#[test]
fn audit_explain_roots_and_steps_are_those_of_a_run_from_events() {
    runtime().block_on(async {
        for name in ["operator-sets", "stake-weighted", "float-eras"] {
            let case = own_case(name);
            let [(_one, mut events), (_other, mut daily)] = both(&case).await;
            assert_eq!(audited(&mut daily, &case).await, audited(&mut events, &case).await, "{name}");

            let days = texts(&events, "SELECT DISTINCT snapshot::text FROM paydirt.gold_table ORDER BY 1").await;
            for day in days.iter().step_by(days.len().div_ceil(4)) {
                let day = day.parse().unwrap();
                let (ours, theirs) =
                    (explained(&mut daily, &case, day).await, explained(&mut events, &case, day).await);
                assert_eq!(ours, theirs, "{name} {day}");
            }

            let schemas = Schemas::default();
            let roots = async |client: &Client| -> BTreeMap<i64, Option<String>> {
                let report = manifests(client, &schemas, None).await.unwrap();
                report.runs.into_iter().map(|run| (run.run, run.root)).collect()
            };
            let of_events = roots(&events).await;
            assert!(of_events.values().flatten().count() > 1);
            assert_eq!(roots(&daily).await, of_events, "{name}");
            for &run in of_events.keys() {
                let ours = run_steps(&mut daily, &schemas, Some(run), None, &Budget::default()).await.unwrap();
                let theirs = run_steps(&mut events, &schemas, Some(run), None, &Budget::default()).await.unwrap();
                assert_eq!(ours, theirs, "{name} run {run}");
                assert!(ours.days.iter().all(|day| Some(&day.gold) == day.stored.as_ref()), "{name} run {run}");
            }
        }
    });
}

#[test]
fn daily_tables_that_changed_or_went_since_are_noticed() {
    runtime().block_on(async {
        let case = own_case("stake-weighted");
        let [_, (_database, mut daily)] = both(&case).await;
        let schemas = Schemas::default();
        let paid = "SELECT snapshot::text || ' ' || earner FROM paydirt.gold_table ORDER BY snapshot DESC, 1 LIMIT 1";
        let paid = texts(&daily, paid).await.remove(0);
        let (snapshot, earner) = paid.split_once(' ').unwrap();
        let request = ExplainRequest {
            chain: case.chain,
            snapshot: snapshot.parse().unwrap(),
            earners: vec![earner.to_owned()],
            reward_hash: None,
            token: None,
            memory: Budget::default(),
        };
        daily
            .batch_execute(
                "UPDATE public.staker_share_snapshots SET shares = shares + (snapshot - date '2020-01-01'); \
                 DELETE FROM public.staker_delegation_snapshots WHERE snapshot > '2026-01-10'",
            )
            .await
            .unwrap();
        let report = audit(&mut daily, &schemas, &AuditRequest::new(case.chain), &Silent).await.unwrap();
        assert!(!report.closes && !report.open.is_empty());

        daily.batch_execute("DROP TABLE public.staker_share_snapshots").await.unwrap();
        let refused = audit(&mut daily, &schemas, &AuditRequest::new(case.chain), &Silent).await.unwrap_err();
        let is_named = |error: &RunError| matches!(error, RunError::NoDailyTables { missing, .. } if missing == &["staker_share_snapshots"]);
        assert!(is_named(&refused), "{refused:?}");
        let refused = explain(&mut daily, &schemas, &request).await.unwrap_err();
        assert!(is_named(&refused), "{refused:?}");
    });
}
