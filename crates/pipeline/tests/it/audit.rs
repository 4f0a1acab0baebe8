//! `paydirt audit`: every submission closes, over-refunds are named, and spoilt rows are noticed.

use pipeline::{
    AuditReport, AuditRequest, AuditedSubmission, Budget, OverpaidDay, Quirk, RunError, Schemas, Silent, audit,
    drop_partitions,
};
use reward_rules::Chain;
use test_support::runtime;

use crate::support::{Installation, case_named, day, texts};

const AVS: &str = "0xa100000000000000000000000000000000000000";
const OPERATOR: &str = "0x0100000000000000000000000000000000000000";
const TOKEN: &str = "0x7000000000000000000000000000000000000000";
const STRATEGY: &str = "0x5100000000000000000000000000000000000000";

fn hash(digit: char) -> String {
    format!("0x{}", String::from(digit).repeat(64))
}

async fn audited(installation: &mut Installation) -> AuditReport {
    let request = AuditRequest::new(installation.chain);
    audit(&mut installation.client, &installation.schemas, &request, &Silent).await.unwrap()
}

/// `funded stakers operators refunded unattributed dust undistributed remaining overpaid difference`.
fn columns(submission: &AuditedSubmission) -> String {
    let columns = &submission.columns;
    let all = [
        &columns.funded,
        &columns.stakers,
        &columns.operators,
        &columns.refunded,
        &columns.unattributed,
        &columns.dust,
        &columns.undistributed,
        &columns.remaining,
        &columns.overpaid,
        &columns.difference,
    ];
    all.map(ToString::to_string).join(" ")
}

fn days(days: &[(&str, &str)]) -> Vec<OverpaidDay> {
    days.iter()
        .map(|(snapshot, amount)| OverpaidDay { snapshot: (*snapshot).to_owned(), amount: amount.parse().unwrap() })
        .collect()
}

/// An installation on hoodi with a block on each of a few days of June 2025, and one operator-directed submission of the week to
/// the 8th, made on the 9th.
async fn with_submission(amount: &str, start: &str, end: &str, duration_days: i64) -> Installation {
    let mut installation = Installation::migrated().await;
    installation.chain = Chain::Hoodi;
    let submission = hash('1');
    installation
        .execute(&format!(
            "INSERT INTO public.blocks (number, hash, block_time) \
             SELECT n, '0x' || n, '2025-05-20 12:00'::timestamp + n * interval '1 day' FROM generate_series(0, 40) n; \
             INSERT INTO public.operator_directed_reward_submissions (avs, reward_hash, token, operator, operator_index, amount, \
                 strategy, strategy_index, multiplier, start_timestamp, end_timestamp, duration, block_number, \
                 transaction_hash, log_index) \
             VALUES ('{AVS}', '{submission}', '{TOKEN}', '{OPERATOR}', 0, {amount}, '{STRATEGY}', 0, 1000000000000000000, \
                 '{start}', '{end}', {duration_days} * 86400, 20, '{submission}', 0)"
        ))
        .await;
    installation
}

/// Registers the operator on one day and ends it on another.
async fn registered(installation: &Installation, from_block: i64, to_block: i64) {
    installation
        .execute(&format!(
            "INSERT INTO public.avs_operator_state_changes (operator, avs, registered, block_number, log_index) \
             VALUES ('{OPERATOR}', '{AVS}', true, {from_block}, 0), ('{OPERATOR}', '{AVS}', false, {to_block}, 0)"
        ))
        .await;
}

#[test]
fn q2_names_the_submission_the_days_and_the_amount_that_is_refunded_on_top() {
    runtime().block_on(async {
        let mut installation = with_submission("70000", "2025-06-01", "2025-06-08", 7).await;
        // From the 20th of May to the 6th of June: the 2nd to the 5th are paid.
        registered(&installation, 0, 17).await;
        installation
            .execute(&format!(
                "INSERT INTO public.staker_delegation_changes (staker, operator, delegated, block_number, log_index, transaction_hash) \
                 VALUES ('{AVS}', '{OPERATOR}', true, 0, 1, '0x01'); \
                 INSERT INTO public.staker_share_deltas (staker, strategy, shares, strategy_index, transaction_hash, log_index, \
                     block_time, block_date, block_number) \
                 VALUES ('{AVS}', '{STRATEGY}', 5, 0, '0x01', 2, '2025-05-20 12:00', '2025-05-20', 0)"
            ))
            .await;
        installation.complete(day("2025-06-10")).await;
        let first = audited(&mut installation).await;
        assert!(first.closes && first.overpaid.is_empty(), "{first:?}");
        assert_eq!(columns(&first.submissions[0]), "70000 63000 7000 0 0 0 0 0 0 0");

        installation.complete(day("2025-06-11")).await;
        let stored = installation.stored().await;
        let report = audited(&mut installation).await;
        assert!(report.closes, "{report:?}");
        // The AVS is its own staker here: its refunds are refunds nevertheless.
        assert_eq!(columns(&report.submissions[0]), "70000 63000 7000 30000 0 0 0 0 30000 0");
        let [found] = &report.overpaid[..] else { panic!("{report:?}") };
        assert_eq!((found.reward_hash.as_str(), found.quirk), (hash('1').as_str(), Quirk::Q2));
        assert_eq!(found.amount.to_string(), "30000");
        assert_eq!(
            found.days,
            days(&[("2025-06-06", "10000"), ("2025-06-07", "10000"), ("2025-06-08", "10000")])
        );
        assert_eq!(report.tokens[0].columns, report.submissions[0].columns);
        assert_eq!(installation.stored().await, stored, "nothing was written");
        let temporary = "SELECT relname::text FROM pg_class WHERE relpersistence = 't'";
        assert!(texts(&installation.client, temporary).await.is_empty());
    });
}

#[test]
fn q6_names_the_day_on_which_rounding_took_more_than_there_was() {
    runtime().block_on(async {
        // Half of 2e20 + 1 is 1e20 + 0.5, which a division of that size rounds up before the floor.
        let mut installation = with_submission("200000000000000000001", "2025-06-01", "2025-06-03", 2).await;
        installation.complete(day("2025-06-10")).await;
        let report = audited(&mut installation).await;
        assert!(report.closes, "{report:?}");
        assert_eq!(columns(&report.submissions[0]), "200000000000000000001 0 0 200000000000000000002 0 0 0 0 1 0");
        let [found] = &report.overpaid[..] else { panic!("{report:?}") };
        assert_eq!((found.reward_hash.as_str(), found.quirk), (hash('1').as_str(), Quirk::Q6));
        assert_eq!(found.days, days(&[("2025-06-03", "1")]));
    });
}

#[test]
fn q3_is_named_and_days_to_come_remain() {
    runtime().block_on(async {
        // Noon to noon: the 8th to the 12th. Registered up to the 10th, which the second run's window begins with (Q3).
        let mut installation = with_submission("1000", "2025-06-08 12:00", "2025-06-12 12:00", 4).await;
        registered(&installation, 0, 22).await;
        installation.complete(day("2025-06-09")).await;
        let none = audited(&mut installation).await;
        assert!(none.closes && none.submissions.is_empty(), "the submission is made on the 9th: {none:?}");

        installation.complete(day("2025-06-10")).await;
        let report = audited(&mut installation).await;
        assert!(report.closes && report.overpaid.is_empty(), "{report:?}");
        // The 8th and the 9th; the cutoff's own day, without a registration that is known, is not over.
        assert_eq!(columns(&report.submissions[0]), "1000 0 100 0 0 0 900 0 0 0");
        assert_eq!(report.submissions[0].remaining_days, 3);

        installation.complete(day("2025-06-11")).await;
        installation.complete(day("2025-06-13")).await;
        let report = audited(&mut installation).await;
        assert!(report.closes, "{report:?}");
        let found: Vec<_> = report.overpaid.iter().map(|found| (found.quirk, found.days.clone())).collect();
        assert_eq!(
            found,
            [
                (Quirk::Q2, days(&[("2025-06-11", "250"), ("2025-06-12", "250")])),
                (Quirk::Q3, days(&[("2025-06-10", "100")]))
            ],
            "{report:?}"
        );
        // The operator's tenth, twice; its stakers' part is nobody's, once.
        assert_eq!(columns(&report.submissions[0]), "1000 0 200 500 0 0 900 0 600 0");
        assert_eq!(report.submissions[0].remaining_days, 0);
    });
}

#[test]
fn a_refund_of_a_day_more_than_the_duration_is_q4() {
    runtime().block_on(async {
        let mut installation = with_submission("1001", "2025-06-01 12:00", "2025-06-03 12:00", 2).await;
        installation.complete(day("2025-06-10")).await;
        let report = audited(&mut installation).await;
        assert!(report.closes, "{report:?}");
        let [found] = &report.overpaid[..] else { panic!("{report:?}") };
        // 500 a day: the third takes what the division had left over first.
        assert_eq!((found.quirk, &found.days), (Quirk::Q4, &days(&[("2025-06-03", "499")])));
        assert_eq!(columns(&report.submissions[0]), "1001 0 0 1500 0 0 0 0 499 0");
    });
}

/// What a spoilt row makes of an audit: reasons and differences.
async fn spoilt(installation: &mut Installation, statement: &str) -> (AuditReport, Vec<String>) {
    installation.execute("CREATE TABLE public.sound AS TABLE paydirt.gold_rows").await;
    installation.execute(statement).await;
    let report = audited(installation).await;
    installation
        .execute(
            "TRUNCATE paydirt.gold_rows; INSERT INTO paydirt.gold_rows TABLE public.sound; DROP TABLE public.sound",
        )
        .await;
    assert!(!report.closes, "{statement}");
    let open: std::collections::BTreeSet<_> = report.open.iter().map(|open| open.reward_hash.clone()).collect();
    for submission in &report.submissions {
        assert_eq!(submission.closes, !open.contains(&submission.reward_hash), "{statement}: {submission:?}");
        assert_eq!(submission.columns.open(), -submission.columns.difference.clone(), "{statement}: {submission:?}");
    }
    let reasons = report.open.iter().map(|open| open.reason.to_owned()).collect();
    (report, reasons)
}

#[test]
fn spoilt_rows_do_not_close() {
    runtime().block_on(async {
        let case = case_named("stake-weighted");
        let mut installation = Installation::of(&case).await;
        for &cutoff in &case.cutoffs {
            installation.complete(cutoff).await;
        }
        assert!(audited(&mut installation).await.closes);
        let differs = "what is stored is not what the rules pay";
        let largest = "(SELECT tableoid, ctid FROM paydirt.gold_rows ORDER BY amount DESC, 1, 2 LIMIT 1)";
        for (statement, reason, difference) in [
            (format!("UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE (tableoid, ctid) = {largest}"), differs, Some("1")),
            (format!("UPDATE paydirt.gold_rows SET amount = amount - 5 WHERE (tableoid, ctid) = {largest}"), differs, Some("-5")),
            (format!("DELETE FROM paydirt.gold_rows WHERE (tableoid, ctid) = {largest}"), differs, None),
            (
                "INSERT INTO paydirt.gold_rows SELECT snapshot, 0, reward, run_id, 3 FROM paydirt.gold_rows \
                 ORDER BY amount DESC, 1, 2, 3 LIMIT 1"
                    .to_owned(),
                differs,
                Some("3"),
            ),
            (
                "INSERT INTO paydirt.gold_rows SELECT snapshot, 0, reward, run_id, 0 FROM paydirt.gold_rows \
                 ORDER BY amount DESC, 1, 2, 3 LIMIT 1"
                    .to_owned(),
                differs,
                Some("0"),
            ),
            (
                "INSERT INTO paydirt.gold_rows SELECT snapshot, earner, 0, run_id, 4 FROM paydirt.gold_rows ORDER BY 1, 2, 3 LIMIT 1"
                    .to_owned(),
                "rows are stored of a hash and token that no submission has",
                Some("4"),
            ),
        ] {
            let (report, reasons) = spoilt(&mut installation, &statement).await;
            assert_eq!(reasons, [reason], "{statement}");
            let open = &report.open[0];
            let found = &open.stored - &open.recomputed;
            if let Some(difference) = difference {
                assert_eq!(found.to_string(), difference, "{statement}");
            }
            let total: pg_numeric::Numeric = report.tokens.iter().map(|token| &token.columns.difference).sum();
            assert_eq!(total, found, "{statement}");
        }
        // A unit more for one and less for another on one day, and a day that no run had to pay.
        let (report, reasons) = spoilt(
            &mut installation,
            "INSERT INTO paydirt.gold_rows SELECT w.first_snapshot - 1, g.earner, g.reward, g.run_id, 9 FROM paydirt.gold_rows g \
             JOIN paydirt.gold_rewards r ON r.id = g.reward JOIN paydirt.gold_windows w ON w.reward_hash = r.reward_hash \
             WHERE w.first_snapshot = (SELECT min(first_snapshot) FROM paydirt.gold_windows) ORDER BY 2, 3 LIMIT 1",
        )
        .await;
        assert_eq!(reasons, ["rows are stored of a day that no run had to pay"], "{report:?}");
        assert!(audited(&mut installation).await.closes, "sound again");
    });
}

#[test]
fn dropped_days_are_noted_and_not_held_against_anybody() {
    runtime().block_on(async {
        let mut installation = with_submission("70000", "2025-05-28", "2025-06-04", 7).await;
        registered(&installation, 0, 40).await;
        installation.complete(day("2025-06-10")).await;
        let before = audited(&mut installation).await;
        drop_partitions(&mut installation.client, &installation.schemas, day("2025-06-01")).await.unwrap();
        let report = audited(&mut installation).await;
        assert!(report.closes, "{report:?}");
        assert_eq!((before.submissions[0].dropped_days, report.submissions[0].dropped_days), (0, 3));
        assert_eq!(columns(&report.submissions[0]), columns(&before.submissions[0]));
    });
}

#[test]
fn one_submission_or_some_days_are_audited_alone_and_what_is_not_there_is_refused() {
    runtime().block_on(async {
        let case = case_named("operator-sets");
        let mut installation = Installation::of(&case).await;
        let empty = audited(&mut installation).await;
        assert!(empty.closes && empty.cutoff.is_none() && empty.submissions.is_empty());
        for &cutoff in &case.cutoffs {
            installation.complete(cutoff).await;
        }
        let all = audited(&mut installation).await;
        let (chain, schemas) = (installation.chain, Schemas::default());
        let client = &mut installation.client;
        for submission in &all.submissions {
            let request =
                AuditRequest { reward_hash: Some(submission.reward_hash.clone()), ..AuditRequest::new(chain) };
            let alone = audit(client, &schemas, &request, &Silent).await.unwrap();
            assert_eq!(alone.submissions, std::slice::from_ref(submission));
        }
        let first = all.submissions.iter().filter_map(|submission| submission.last_snapshot.clone()).min().unwrap();
        let request = AuditRequest { to: Some(day(&first)), ..AuditRequest::new(chain) };
        let some = audit(client, &schemas, &request, &Silent).await.unwrap();
        let wanted =
            |submission: &&AuditedSubmission| submission.first_snapshot.as_ref().is_some_and(|day| *day <= first);
        let expected: Vec<AuditedSubmission> = all.submissions.iter().filter(wanted).cloned().collect();
        assert_eq!(some.submissions, expected);
        assert!(some.closes);

        let request = AuditRequest { reward_hash: Some(hash('e')), ..AuditRequest::new(chain) };
        let error = audit(client, &schemas, &request, &Silent).await.unwrap_err();
        assert!(matches!(error, RunError::NotAudited { .. }), "{error}");
        let (from, to) = (Some(day("2025-04-20")), Some(day("2025-04-19")));
        let error = audit(client, &schemas, &AuditRequest { from, to, ..AuditRequest::new(chain) }, &Silent).await;
        assert!(matches!(error, Err(RunError::FromAfterTo { .. })));
        let error = audit(client, &schemas, &AuditRequest::new(Chain::Holesky), &Silent).await;
        assert!(matches!(error, Err(RunError::OtherChain { .. })));
        let memory = Budget::new(20_000);
        let error = audit(client, &schemas, &AuditRequest { memory, ..AuditRequest::new(chain) }, &Silent).await;
        assert!(matches!(error, Err(RunError::Memory { .. } | RunError::Extract { .. })), "{error:?}");
    });
}
