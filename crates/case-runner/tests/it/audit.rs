//! `audit`: every submission of every case, and of random datasets, closes to the last unit, and so does everything that is
//! overpaid.

use case_runner::Case;
use pg_numeric::Numeric;
use pipeline::{AuditReport, AuditRequest, Columns, Quirk, Schemas, Silent, Source, audit};
use test_support::runtime;
use tokio_postgres::Client;

use crate::support::{case_folders, complete, import, migrated, random, texts};

const SEEDS: std::ops::Range<u64> = 1..7;

/// An audit of everything that closes, seen from outside: the columns add up, and what is paid is what gold has.
async fn closing(client: &mut Client, case: &Case, what: &str) -> AuditReport {
    let report = audit(client, &Schemas::default(), &AuditRequest::new(case.chain), &Silent).await.unwrap();
    assert!(report.closes && report.open.is_empty(), "{what}: {:?}", report.open);
    let mut in_all = Numeric::ZERO;
    for submission in &report.submissions {
        let Columns { funded, stakers, operators, refunded, dust, undistributed, remaining, overpaid, .. } =
            &submission.columns;
        let paid: Numeric = [stakers, operators, refunded].into_iter().sum();
        let kept: Numeric = [dust, undistributed, remaining].into_iter().sum();
        assert_eq!(&paid + &kept, funded + overpaid, "{what}: {submission:?}");
        for column in [funded, dust, undistributed, remaining, overpaid] {
            assert!(!column.is_negative(), "{what}: {submission:?}");
        }
        let found: Numeric = (report.overpaid.iter())
            .filter(|found| found.reward_hash == submission.reward_hash)
            .flat_map(|found| &found.days)
            .map(|day| &day.amount)
            .sum();
        assert_eq!(&found, overpaid, "{what}: the days of {submission:?}");
        assert!(submission.remaining_days > 0 || remaining.is_zero(), "{what}: {submission:?}");
        in_all += &paid;
    }
    let gold = texts(client, "SELECT coalesce(sum(amount), 0)::text FROM paydirt.gold_table").await;
    assert_eq!(in_all.to_string(), gold[0], "{what}");
    report
}

#[test]
fn every_submission_of_every_case_closes() {
    runtime().block_on(async {
        let mut found = Vec::new();
        let mut submissions = 0;
        for folder in case_folders() {
            let case = Case::read(&folder).unwrap();
            let (_database, mut client) = migrated().await;
            import(&mut client, &case.path).await;
            let mut report = None;
            for &cutoff in &case.cutoffs {
                complete(&mut client, &case, cutoff, Source::Events).await;
                if case.cutoffs.len() < 10 || Some(&cutoff) == case.cutoffs.last() {
                    report = Some(closing(&mut client, &case, &format!("{} after {cutoff}", case.name)).await);
                }
            }
            let report = report.unwrap();
            submissions += report.submissions.len();
            found.extend(report.overpaid.into_iter().map(|overpaid| overpaid.quirk));
        }
        assert!(submissions > 20, "{submissions}");
        for quirk in [Quirk::Q2, Quirk::Q3, Quirk::Q6] {
            assert!(found.contains(&quirk), "{quirk} happens in some case: {found:?}");
        }
    });
}

#[test]
fn every_submission_of_random_datasets_closes_after_every_run() {
    runtime().block_on(async {
        let mut submissions = 0;
        for seed in SEEDS {
            let (_database, mut client, case) = random(seed).await;
            for &cutoff in &case.cutoffs {
                complete(&mut client, &case, cutoff, Source::Events).await;
                submissions +=
                    closing(&mut client, &case, &format!("seed {seed} after {cutoff}")).await.submissions.len();
            }
        }
        assert!(submissions > 100, "{submissions}");
    });
}
