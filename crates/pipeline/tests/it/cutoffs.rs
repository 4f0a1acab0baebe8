//! Which cutoffs may run (spec/00 §5), and that those which may not change nothing.

use chrono::{Duration, Utc};
use pipeline::{CutoffArgument, RunError, RunOutcome, migrate_up, plan_run};
use reward_rules::{Chain, Day};
use test_support::runtime;

use crate::support::{Installation, completed, day, operator_sets, request, schemas};

fn today() -> Day {
    Day::from(Utc::now().date_naive())
}

/// The error of a run, which is also that of its plan; neither may change anything.
async fn refused(installation: &mut Installation, cutoff: CutoffArgument) -> RunError {
    let before = installation.stored().await;
    let Installation { client, schemas, chain, .. } = installation;
    let plan = plan_run(client, schemas, *chain, reward_rules::Mode::Compatible, cutoff).await.unwrap_err();
    let request = request(installation.chain, cutoff);
    let error = installation.try_request(&request).await.unwrap_err();
    assert_eq!(plan.to_string(), error.to_string());
    assert_eq!(installation.stored().await, before, "{error}");
    error
}

#[test]
fn a_cutoff_in_the_future_is_refused_whatever_the_blocks_say() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        installation
            .execute("INSERT INTO blocks (number, hash, block_time) VALUES (99999999, '0x', now() + interval '9 days')")
            .await;
        let tomorrow = Day(today().0 + 2);
        let error = refused(&mut installation, CutoffArgument::Date(tomorrow)).await;
        assert!(matches!(error, RunError::FutureCutoff { cutoff, .. } if cutoff == tomorrow), "{error}");
    });
}

#[test]
fn a_cutoff_before_the_fork_tables_is_refused() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let error = refused(&mut installation, CutoffArgument::Date(day("1970-01-01"))).await;
        assert!(matches!(error, RunError::NotCovered { chain: "mainnet", .. }), "{error}");
    });
}

#[test]
fn a_cutoff_after_the_newest_block_is_refused_and_on_its_day_is_not() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation.execute("DELETE FROM blocks WHERE block_time >= '2025-04-23'").await;
        let error = refused(&mut installation, CutoffArgument::Date(day("2025-04-23"))).await;
        assert!(matches!(error, RunError::PastNewestBlock { .. }), "{error}");
        installation
            .execute(
                "INSERT INTO blocks (number, hash, block_time) SELECT max(number) + 1, '0x', '2025-04-23' FROM blocks",
            )
            .await;
        let error = refused(&mut installation, CutoffArgument::Date(day("2025-04-24"))).await;
        assert!(matches!(error, RunError::PastNewestBlock { .. }), "{error}");
        installation.complete(day("2025-04-23")).await;
    });
}

#[test]
fn without_blocks_nothing_runs() {
    runtime().block_on(async {
        let mut installation = Installation::migrated().await;
        for cutoff in [CutoffArgument::Latest, CutoffArgument::Date(day("2025-04-17"))] {
            let error = refused(&mut installation, cutoff).await;
            assert!(matches!(&error, RunError::NoBlocks { schema } if schema == "public"), "{error}");
        }
    });
}

#[test]
fn a_source_schema_without_the_indexers_tables_is_an_error_and_changes_nothing() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        installation.schemas = schemas("paydirt", "elsewhere");
        let error = refused(&mut installation, CutoffArgument::Date(day("2025-04-17"))).await;
        assert!(matches!(error, RunError::Database { what: "newest_block", .. }), "{error}");
    });
}

#[test]
fn a_complete_cutoff_and_those_before_it_change_nothing() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let done = day("2025-04-23");
        installation.complete(done).await;
        let before = installation.stored().await;
        for cutoff in [done, day("2025-04-22"), day("2025-04-17")] {
            let outcome = installation.try_run(cutoff).await.unwrap();
            let RunOutcome::AlreadyComplete { cutoff: asked, done_by } = outcome else { panic!("{outcome:?}") };
            assert_eq!((asked, done_by), (cutoff, done));
        }
        assert_eq!(installation.stored().await, before);
        // Of several complete runs the nearest later one counts.
        installation.complete(day("2025-04-26")).await;
        let outcome = installation.try_run(day("2025-04-24")).await.unwrap();
        assert!(
            matches!(outcome, RunOutcome::AlreadyComplete { done_by, .. } if done_by == day("2025-04-26")),
            "{outcome:?}"
        );
    });
}

#[test]
fn latest_is_the_day_of_the_newest_block_but_not_after_today() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        installation.execute("DELETE FROM blocks WHERE block_time >= '2025-04-23'").await;
        installation
            .execute("INSERT INTO blocks (number, hash, block_time) SELECT max(number) + 1, '0x', '2025-04-22 23:59:59' FROM blocks")
            .await;
        let latest = request(Chain::Mainnet, CutoffArgument::Latest);
        assert_eq!(completed(installation.try_request(&latest).await.unwrap()).cutoff, day("2025-04-22"));
        assert!(matches!(
            installation.try_request(&latest).await.unwrap(),
            RunOutcome::AlreadyComplete { cutoff, .. } if cutoff == day("2025-04-22")
        ));
        let later = Utc::now().naive_utc() + Duration::days(9);
        installation
            .client
            .execute("INSERT INTO blocks (number, hash, block_time) SELECT max(number) + 2, '0x', $1 FROM blocks", &[&later])
            .await
            .unwrap();
        let before = today();
        let cutoff = completed(installation.try_request(&latest).await.unwrap()).cutoff;
        assert!((before..=today()).contains(&cutoff), "{cutoff}");
    });
}

#[test]
fn another_chain_is_refused_and_has_a_place_in_a_schema_of_its_own() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        installation.complete(day("2025-04-17")).await;
        installation.chain = Chain::Holesky;
        for cutoff in [day("2025-04-17"), day("2025-04-23")] {
            let error = refused(&mut installation, CutoffArgument::Date(cutoff)).await;
            let RunError::OtherChain { schema, known, given } = &error else { panic!("{error}") };
            assert_eq!([schema.as_str(), known, given], ["paydirt", "mainnet", "holesky"]);
        }
        installation.schemas = schemas("holesky", "public");
        migrate_up(&mut installation.client, &installation.schemas).await.unwrap();
        installation.complete(day("2025-04-23")).await;
    });
}
