//! Every row of gold is derived anew, and every earner without one is told why.

use std::collections::{BTreeMap, BTreeSet};

use case_runner::Case;
use pg_numeric::Numeric;
use pipeline::{Budget, ExplainReport, ExplainRequest, ExplainedAmount, GoldVerdict, RunError, RunRequest, explain};
use reward_rules::{Day, Mode};
use serde_json::Value;
use test_support::{repo_root, runtime};

use crate::support::{Installation, case_named, completed, day, texts};

impl Installation {
    async fn explain(&mut self, request: &ExplainRequest) -> ExplainReport {
        explain(&mut self.client, &self.schemas, request).await.unwrap()
    }

    fn explaining(&self, snapshot: Day, earners: &[&str]) -> ExplainRequest {
        let earners = earners.iter().map(|earner| (*earner).to_owned()).collect();
        ExplainRequest {
            chain: self.chain,
            snapshot,
            earners,
            reward_hash: None,
            token: None,
            memory: Budget::default(),
        }
    }

    /// Everybody of whom the source has an event, but for what are only strategies or tokens.
    async fn addresses(&self) -> Vec<String> {
        let addresses = "SELECT staker FROM staker_share_deltas UNION SELECT staker FROM staker_delegation_changes \
             UNION SELECT operator FROM staker_delegation_changes UNION SELECT operator FROM operator_share_deltas \
             UNION SELECT operator FROM avs_operator_state_changes UNION SELECT avs FROM avs_operator_state_changes \
             UNION SELECT operator FROM operator_set_operator_registrations \
             UNION SELECT operator FROM operator_directed_reward_submissions \
             UNION SELECT avs FROM reward_submissions UNION SELECT avs FROM unique_stake_reward_submissions \
             UNION SELECT avs FROM total_stake_reward_submissions ORDER BY 1";
        texts(&self.client, addresses).await
    }
}

fn number(text: &str) -> Numeric {
    text.parse().unwrap()
}

fn numeric(value: &Value) -> Numeric {
    number(value.as_str().unwrap())
}

/// Weights are the sums of their terms, wherever there are any.
fn assert_weights(values: &Value) {
    if let (Some(terms), Some(weight)) = (values["terms"].as_array(), values["weight"].as_str()) {
        assert!(!terms.is_empty(), "{values}");
        let sum: Numeric = terms.iter().map(|term| numeric(&term["weight"])).collect::<Vec<_>>().iter().sum();
        assert_eq!(sum, number(weight), "{values}");
    }
    for nested in values.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array()).flatten() {
        assert_weights(nested);
    }
    if let Some(stakers) = values["stakers"].as_array() {
        let sum: Numeric = stakers.iter().map(|of| numeric(&of["operator_tokens"])).collect::<Vec<_>>().iter().sum();
        assert_eq!(sum, numeric(&values["operator_tokens"]), "{values}");
    }
}

/// What the events say is what the derivation uses: sums of share changes, magnitudes, splits, delegations.
fn assert_events(amount: &ExplainedAmount, role: &str, values: &Value) {
    let event = |of: &str, about: &str, says: &dyn Fn(&str) -> bool| {
        let found =
            amount.events.iter().any(|event| event.of == of && event.what.contains(about) && says(&event.detail));
        assert!(found, "no event {of} about {about}: {amount:#?}");
    };
    for term in values["terms"].as_array().into_iter().flatten() {
        let (strategy, shares) = (term["strategy"].as_str().unwrap(), term["shares"].as_str().unwrap());
        let of = if role == "operator" { "operator_shares" } else { "staker_shares" };
        event(of, strategy, &|detail| detail.ends_with(&format!("are together {shares}")));
        if let Some(magnitude) = term["magnitude"].as_str() {
            event("allocation", strategy, &|detail| detail.starts_with(&format!("magnitude {magnitude},")));
            let max_magnitude = term["max_magnitude"].as_str().unwrap();
            if max_magnitude != "1000000000000000000" {
                event("max_magnitude", strategy, &|detail| detail == format!("max magnitude {max_magnitude}"));
            }
        }
    }
    if let (Some("operator"), Some(bips)) = (values["split_from"].as_str(), values["split_bips"].as_str()) {
        let split = |of: &str| matches!(of, "avs_split" | "pi_split" | "set_split");
        let says = |detail: &str| detail.starts_with(&format!("set to {bips} bips")) || bips == "10000";
        assert!(amount.events.iter().any(|event| split(event.of) && says(&event.detail)), "{amount:#?}");
    }
    if values["split_from"] == "default" {
        event("default_split", "", &|detail| {
            detail == format!("set to {} bips", values["split_bips"].as_str().unwrap())
        });
    }
    if let (Some(operator), "staker") = (values["operator"].as_str(), role) {
        event("delegation", &amount.earner, &|detail| detail == format!("delegated to {operator}"));
    }
    for of_operator in values["operator_of_staker"].as_array().into_iter().flatten() {
        assert_events(amount, "operator", of_operator);
    }
}

fn assert_derived(amount: &ExplainedAmount) {
    let ExplainedAmount { explained, parts, reasons, run, .. } = amount;
    assert_eq!(explained.is_empty(), parts.is_empty(), "{amount:#?}");
    assert_eq!(explained.is_empty(), !reasons.is_empty(), "nothing has reasons, and only nothing has: {amount:#?}");
    assert!(run.is_some() || explained.is_empty(), "{amount:#?}");
    let Some(row) = explained.first() else { return };
    let counting: Vec<Numeric> = parts.iter().filter(|part| part.counts).map(|part| number(&part.amount)).collect();
    assert_eq!(counting.iter().sum::<Numeric>(), number(&row.amount), "{amount:#?}");
    for part in parts {
        assert_eq!(number(&part.amount).is_zero(), part.zero.is_some(), "{part:#?}");
        assert!(!part.words.is_empty());
        assert_weights(&part.values);
        assert_events(amount, part.role, &part.values);
    }
    let refund_alone = parts.iter().all(|part| part.role == "avs");
    assert!(refund_alone || !amount.events.is_empty(), "somebody has become eligible: {amount:#?}");
}

/// What was seen on all days.
#[derive(Default)]
struct Seen {
    rows: usize,
    steps: BTreeSet<u8>,
    reasons: BTreeMap<&'static str, usize>,
    events: BTreeSet<&'static str>,
}

impl Seen {
    fn add(&mut self, report: &ExplainReport) {
        for amount in &report.amounts {
            self.rows += amount.explained.len();
            self.steps.extend(amount.parts.iter().map(|part| part.step));
            let zeros = amount.parts.iter().filter_map(|part| part.zero.as_ref());
            for reason in amount.reasons.iter().chain(zeros) {
                *self.reasons.entry(reason.reason).or_default() += 1;
            }
            self.events.extend(amount.events.iter().map(|event| event.of));
        }
    }
}

/// Runs all cutoffs, then explains all days to everybody.
async fn explain_everything(case: &Case, mode: Mode) -> Seen {
    let mut installation = Installation::of(case).await;
    for &cutoff in &case.cutoffs {
        let request = RunRequest { mode, ..installation.request(cutoff) };
        completed(installation.try_request(&request).await.unwrap());
    }
    let before = installation.stored().await;
    let addresses = installation.addresses().await;
    let earners: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let bounds = "SELECT min(d)::text FROM (SELECT min(start_timestamp)::date AS d FROM reward_submissions \
         UNION ALL SELECT min(snapshot) FROM paydirt.gold_table) x";
    let mut snapshot = day(&texts(&installation.client, bounds).await[0]);
    let last = case.cutoffs.last().unwrap().next();
    let mut seen = Seen::default();
    while snapshot <= last {
        let request = installation.explaining(snapshot, &earners);
        let report = installation.explain(&request).await;
        assert!(report.equal, "{snapshot}: {:#?}", report.amounts.iter().find(|a| a.verdict != GoldVerdict::Equal));
        report.amounts.iter().for_each(assert_derived);
        let mut explained: Vec<String> = Vec::new();
        for amount in &report.amounts {
            let row = |of: &pipeline::StoredAmount| {
                format!("{},{},{},{}", amount.earner, amount.reward_hash, of.token, of.amount)
            };
            explained.extend(amount.explained.iter().map(row));
        }
        explained.sort_unstable();
        let gold = format!(
            "SELECT concat_ws(',', earner, reward_hash, token, amount) FROM paydirt.gold_table \
             WHERE snapshot = '{snapshot}'"
        );
        let mut gold = texts(&installation.client, &gold).await;
        gold.sort_unstable();
        assert_eq!(explained, gold, "{snapshot}");
        seen.add(&report);
        snapshot = snapshot.next();
    }
    assert_eq!(installation.stored().await, before, "explaining writes nothing");
    let rows = texts(&installation.client, "SELECT count(*)::text FROM paydirt.gold_table").await;
    assert_eq!(rows, [seen.rows.to_string()]);
    seen
}

fn demo() -> Case {
    Case::read(&repo_root().join("fixtures/demo")).unwrap()
}

#[test]
fn every_row_and_every_absence_of_the_demo() {
    runtime().block_on(async {
        let seen = explain_everything(&demo(), Mode::Compatible).await;
        for step in [2, 3, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 19, 20] {
            assert!(seen.steps.contains(&step), "no row of step {step}: {:?}", seen.steps);
        }
        assert_eq!(seen.events.len(), 14, "{:?}", seen.events);
    });
}

#[test]
fn every_row_and_every_absence_of_float_eras() {
    runtime().block_on(async {
        let seen = explain_everything(&case_named("float-eras"), Mode::Compatible).await;
        let rows = [2, 3, 4, 5, 6];
        assert_eq!(seen.steps, BTreeSet::from(rows));
        for reason in
            ["gate_closed", "excluded", "no_multiplier", "pool_is_zero", "proportion_is_zero", "less_than_one"]
        {
            assert!(seen.reasons.contains_key(reason), "{reason}: {:?}", seen.reasons);
        }
    });
}

#[test]
fn every_row_and_every_absence_of_operator_sets() {
    runtime().block_on(async {
        let seen = explain_everything(&case_named("operator-sets"), Mode::Compatible).await;
        assert_eq!(seen.rows, 286);
        for reason in
            ["not_restaked", "split_leaves_nothing", "not_named", "nothing_to_refund", "not_known", "cutoff_day"]
        {
            assert!(seen.reasons.contains_key(reason), "{reason}: {:?}", seen.reasons);
        }
    });
}

#[test]
fn every_row_and_every_absence_of_stake_weighted() {
    runtime().block_on(async {
        let seen = explain_everything(&case_named("stake-weighted"), Mode::Compatible).await;
        for step in [16, 17, 18, 19, 20, 21] {
            assert!(seen.steps.contains(&step), "no row of step {step}: {:?}", seen.steps);
        }
        for reason in ["not_allocated", "no_operator_shares", "refunded", "strategies_not_registered", "not_registered"]
        {
            assert!(seen.reasons.contains_key(reason), "{reason}: {:?}", seen.reasons);
        }
    });
}

#[test]
fn every_row_and_every_absence_of_strict_gold() {
    runtime().block_on(async {
        let mut seen = Seen::default();
        for case in [demo(), case_named("float-eras"), case_named("stake-weighted")] {
            let of_case = explain_everything(&case, Mode::Strict).await;
            seen.rows += of_case.rows;
            seen.steps.extend(of_case.steps);
            seen.reasons.extend(of_case.reasons);
        }
        assert!(seen.rows > 1000 && seen.steps.len() > 12, "{} rows of steps {:?}", seen.rows, seen.steps);
        assert!(!seen.reasons.contains_key("cutoff_day"), "{:?}", seen.reasons);
    });
}

#[test]
fn strict_pays_operators_when_all_days_are_over() {
    runtime().block_on(async {
        let case = demo();
        let mut installation = Installation::of(&case).await;
        // One that is known before it ends; those of the demo are made afterwards.
        installation
            .execute(
                "UPDATE operator_directed_reward_submissions SET end_timestamp = end_timestamp + interval '10 days', \
                 duration = duration + 10 * 86400",
            )
            .await;
        let query = "SELECT concat_ws(',', s.reward_hash, s.end_timestamp::date, s.operator) \
             FROM operator_directed_reward_submissions s JOIN blocks b ON b.number = s.block_number \
             WHERE b.block_time < s.end_timestamp - interval '2 days' AND s.end_timestamp < '2026-03-31' ORDER BY 1 LIMIT 1";
        let found = texts(&installation.client, query).await.remove(0);
        let [hash, last, operator] = found.split(',').collect::<Vec<_>>().try_into().unwrap();
        for (cutoff, is_over) in [(day(last), false), (day(last).next(), true)] {
            let request = RunRequest { mode: Mode::Strict, ..installation.request(cutoff) };
            completed(installation.try_request(&request).await.unwrap());
            let request = ExplainRequest {
                reward_hash: Some(hash.to_owned()),
                ..installation.explaining(day(last), &[operator])
            };
            let report = installation.explain(&request).await;
            let [amount] = &report.amounts[..] else { panic!("{report:#?}") };
            let reasons: Vec<_> = amount.reasons.iter().map(|reason| reason.reason).collect();
            if is_over {
                assert!(!reasons.contains(&"paid_when_over"), "{report:#?}");
            } else {
                assert_eq!(reasons, ["paid_when_over"]);
                assert!(amount.reasons[0].words.contains(&format!("after {last}")), "{report:#?}");
            }
        }
    });
}

/// The demo after its first two cutoffs, and one of its rows: earner, hash, snapshot.
async fn a_row() -> (Installation, [String; 3]) {
    let case = demo();
    let mut installation = Installation::of(&case).await;
    for &cutoff in &case.cutoffs[..2] {
        installation.complete(cutoff).await;
    }
    let row = "SELECT concat_ws(',', earner, reward_hash, snapshot) FROM paydirt.gold_table WHERE amount > 0 ORDER BY 1 LIMIT 1";
    let row = texts(&installation.client, row).await.remove(0);
    let mut parts = row.split(',').map(str::to_owned);
    let row = [parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap()];
    (installation, row)
}

#[test]
fn a_spoilt_row_differs() {
    runtime().block_on(async {
        let (mut installation, [earner, hash, snapshot]) = a_row().await;
        let request =
            ExplainRequest { reward_hash: Some(hash.clone()), ..installation.explaining(day(&snapshot), &[&earner]) };
        let verdict = |report: ExplainReport| (report.equal, report.amounts[0].verdict, report.amounts.len());
        assert_eq!(verdict(installation.explain(&request).await), (true, GoldVerdict::Equal, 1));
        let condition = format!(
            "snapshot = '{snapshot}' AND earner = (SELECT id FROM paydirt.gold_earners WHERE address = '{earner}') \
             AND reward = (SELECT id FROM paydirt.gold_rewards WHERE reward_hash = '{hash}')"
        );
        for (spoil, repair) in [
            (
                "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE",
                "UPDATE paydirt.gold_rows SET amount = amount - 1 WHERE",
            ),
            (
                "INSERT INTO paydirt.gold_rows SELECT snapshot, earner, reward, run_id, 0 FROM paydirt.gold_rows WHERE",
                "DELETE FROM paydirt.gold_rows WHERE amount = 0 AND",
            ),
            ("DELETE FROM paydirt.gold_rows WHERE", "SELECT WHERE true OR"),
        ] {
            installation.execute(&format!("{spoil} {condition}")).await;
            assert_eq!(verdict(installation.explain(&request).await), (false, GoldVerdict::Differs, 1), "{spoil}");
            if !repair.starts_with("SELECT") {
                installation.execute(&format!("{repair} {condition}")).await;
                assert!(installation.explain(&request).await.equal, "{repair}");
            }
        }
    });
}

#[test]
fn what_cannot_be_known() {
    runtime().block_on(async {
        let (mut installation, [earner, hash, snapshot]) = a_row().await;
        let of_hash = |hash: &str, snapshot: &str, installation: &Installation| ExplainRequest {
            reward_hash: Some(hash.to_owned()),
            ..installation.explaining(day(snapshot), &[&earner])
        };
        let unknown = format!("0x{}", "0".repeat(64));
        let request = of_hash(&unknown, &snapshot, &installation);
        let error = explain(&mut installation.client, &installation.schemas, &request).await.unwrap_err();
        assert!(matches!(&error, RunError::NoSuchSubmission { reward_hash } if *reward_hash == unknown), "{error}");

        let reason = |report: &ExplainReport| {
            let [amount] = &report.amounts[..] else { panic!("{report:#?}") };
            assert!(report.equal && amount.explained.is_empty(), "{report:#?}");
            amount.reasons[0].reason
        };
        let request = of_hash(&hash, "2030-01-01", &installation);
        assert_eq!(reason(&installation.explain(&request).await), "not_active");

        let nobody = format!("0x{}", "9".repeat(40));
        let request = ExplainRequest {
            reward_hash: Some(hash.clone()),
            ..installation.explaining(day(&snapshot), &[&nobody])
        };
        assert_eq!(reason(&installation.explain(&request).await), "nothing_known");

        // Days after the newest cutoff, submissions after it.
        let later = "SELECT concat_ws(',', r.reward_hash, (r.end_timestamp)::date) FROM reward_submissions r \
             JOIN blocks b ON b.number = r.block_number WHERE r.end_timestamp > '2026-03-13' AND b.block_time < '2026-03-11' ORDER BY 1";
        let later = texts(&installation.client, later).await.remove(0);
        let (hash_later, last) = later.split_once(',').unwrap();
        let request = of_hash(hash_later, last, &installation);
        assert_eq!(reason(&installation.explain(&request).await), "not_computed");
        let unknown_yet = "SELECT concat_ws(',', r.reward_hash, (r.end_timestamp)::date) FROM reward_submissions r \
             JOIN blocks b ON b.number = r.block_number WHERE b.block_time >= '2026-03-11' ORDER BY 1";
        let unknown_yet = texts(&installation.client, unknown_yet).await.remove(0);
        let (hash_unknown, last) = unknown_yet.split_once(',').unwrap();
        let request = of_hash(hash_unknown, last, &installation);
        assert_eq!(reason(&installation.explain(&request).await), "not_known");
        let quarantine = format!("INSERT INTO paydirt.quarantine VALUES ('{hash_unknown}', 'reward_submissions', 'odd', '2026-03-11')");
        installation.execute(&quarantine).await;
        assert_eq!(reason(&installation.explain(&request).await), "set_aside");
        // What was paid before it was set aside is explained as the run saw it.
        let quarantine = format!("INSERT INTO paydirt.quarantine VALUES ('{hash}', 'reward_submissions', 'odd', '2026-03-11')");
        installation.execute(&quarantine).await;
        let request = of_hash(&hash, &snapshot, &installation);
        let report = installation.explain(&request).await;
        assert!(report.equal && report.amounts[0].explained.len() == 1, "{report:#?}");

        // What a run paid on other days only, as if the day had come late.
        let windows = format!(
            "UPDATE paydirt.runs SET plan = NULL; DELETE FROM paydirt.quarantine; \
             DELETE FROM paydirt.gold_rows WHERE snapshot = '{snapshot}' \
             AND reward = (SELECT id FROM paydirt.gold_rewards WHERE reward_hash = '{hash}'); \
             DELETE FROM paydirt.gold_windows WHERE reward_hash = '{hash}'"
        );
        installation.execute(&windows).await;
        assert_eq!(reason(&installation.explain(&request).await), "past_watermark");
    });
}

#[test]
fn what_runs_that_are_undone_or_unfinished_paid_does_not_count() {
    runtime().block_on(async {
        let (mut installation, [earner, hash, snapshot]) = a_row().await;
        installation
            .execute("ALTER TABLE paydirt.runs DISABLE TRIGGER ALL; UPDATE paydirt.runs SET status = 'processing'")
            .await;
        let request = ExplainRequest { reward_hash: Some(hash), ..installation.explaining(day(&snapshot), &[&earner]) };
        let report = installation.explain(&request).await;
        assert!(report.newest_cutoff.is_none() && report.amounts[0].stored.is_empty(), "{report:#?}");
        assert_eq!(report.amounts[0].reasons[0].reason, "not_computed");
    });
}

#[test]
fn the_events_are_those_of_the_source() {
    runtime().block_on(async {
        let (mut installation, [_, _, snapshot]) = a_row().await;
        let addresses = installation.addresses().await;
        let earners: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let request = installation.explaining(day(&snapshot), &earners);
        let report = installation.explain(&request).await;
        let mut places = BTreeSet::new();
        for amount in &report.amounts {
            let submission = amount.submission.as_ref().unwrap();
            let table = match submission.kind.as_str() {
                "avs" | "all_stakers" | "all_earners" => "reward_submissions",
                "operator_directed" => "operator_directed_reward_submissions",
                "operator_directed_operator_set" => "operator_directed_operator_set_reward_submissions",
                "unique_stake" => "unique_stake_reward_submissions",
                _ => "total_stake_reward_submissions",
            };
            let hash = submission.transaction_hash.clone().unwrap();
            places.insert((table, submission.block_number, hash, submission.log_index.unwrap()));
            for event in &amount.events {
                let table = match event.of {
                    "delegation" => "staker_delegation_changes",
                    "staker_shares" => "staker_share_deltas",
                    "operator_shares" => "operator_share_deltas",
                    "avs_registration" => "avs_operator_state_changes",
                    "set_registration" => "operator_set_operator_registrations",
                    "set_strategy" => "operator_set_strategy_registrations",
                    "avs_split" => "operator_avs_splits",
                    "pi_split" => "operator_pi_splits",
                    "set_split" => "operator_set_splits",
                    "default_split" => "default_operator_splits",
                    "allocation" => "operator_allocations",
                    "max_magnitude" => "operator_max_magnitudes",
                    "any_registration" | "restaked_strategy" => continue,
                    other => panic!("{other}"),
                };
                places.insert((
                    table,
                    event.block_number,
                    event.transaction_hash.clone().unwrap(),
                    event.log_index.unwrap(),
                ));
            }
        }
        let tables: BTreeSet<&str> = places.iter().map(|(table, ..)| *table).collect();
        assert!(tables.len() >= 7, "{tables:?}");
        for (table, block, hash, log) in places {
            let query = format!(
                "SELECT count(*)::text FROM {table} \
                 WHERE block_number = {block} AND transaction_hash = '{hash}' AND log_index = {log}"
            );
            assert_ne!(texts(&installation.client, &query).await, ["0"], "{table} {block} {hash} {log}");
        }
    });
}
