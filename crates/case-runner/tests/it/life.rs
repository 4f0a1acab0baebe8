//! What a run leaves when it is refused, fails, is repeated, or meets a corrected history.

use database::connect;
use pipeline::{RunError, RunOutcome, Schemas, Source, plan_run};
use reward_rules::{Chain, Mode};
use test_support::runtime;

use crate::support::{complete, import, migrated, own_case, request, stored, texts, try_run};

#[test]
fn a_complete_or_covered_cutoff_a_plan_and_a_refusal_change_nothing() {
    runtime().block_on(async {
        let case = own_case("stake-weighted");
        let (_database, mut client) = migrated().await;
        import(&mut client, &case.path).await;
        complete(&mut client, &case, case.cutoffs[1], Source::Events).await;
        let before = stored(&client).await;
        for (cutoff, by) in [(case.cutoffs[1], case.cutoffs[1]), (case.cutoffs[0], case.cutoffs[1])] {
            let outcome = try_run(&mut client, &case, cutoff, Source::Events).await.unwrap();
            let RunOutcome::AlreadyComplete { done_by, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(done_by, by);
        }
        let schemas = Schemas::default();
        let next = request(&case, case.cutoffs[2], Source::Events);
        let plan = plan_run(&mut client, &schemas, case.chain, Mode::Compatible, next.cutoff).await.unwrap();
        let mut other = next.clone();
        other.chain = Chain::Holesky;
        let refused = pipeline::run(&mut client, &schemas, &other, &pipeline::Silent).await.unwrap_err();
        assert!(matches!(refused, RunError::OtherChain { .. }), "{refused}");
        assert_eq!(stored(&client).await, before);

        let summary = complete(&mut client, &case, case.cutoffs[2], Source::Events).await;
        assert_eq!(summary.plan, plan, "the run computes what was planned");
        let temporary = "SELECT relname::text FROM pg_class WHERE relpersistence = 't'";
        assert!(texts(&client, temporary).await.is_empty(), "no temp table is left");
    });
}

#[test]
fn a_second_run_at_the_same_time_is_refused() {
    runtime().block_on(async {
        let case = own_case("operator-sets");
        let (database, mut client) = migrated().await;
        import(&mut client, &case.path).await;
        let other = connect(&database.config(), "another run").await.unwrap();
        let lock = include_str!("../../../../sql/queries/runs/try_lock.sql");
        assert!(other.query_one(lock, &[&"paydirt"]).await.unwrap().get::<_, bool>(0));
        let error = try_run(&mut client, &case, case.cutoffs[0], Source::Events).await.unwrap_err();
        assert!(matches!(error, RunError::InProgress { .. }), "{error}");
        drop(other);
        // The lock goes with its session; closing one takes the server a moment.
        let gone = "SELECT pid::text FROM pg_locks WHERE locktype = 'advisory'";
        while !texts(&client, gone).await.is_empty() {
            tokio::task::yield_now().await;
        }
        complete(&mut client, &case, case.cutoffs[0], Source::Events).await;
    });
}

#[test]
fn a_corrected_history_corrects_silver() {
    runtime().block_on(async {
        let case = own_case("stake-weighted");
        let (_database, mut client) = migrated().await;
        import(&mut client, &case.path).await;
        complete(&mut client, &case, case.cutoffs[0], Source::Events).await;
        let correct = "UPDATE staker_share_deltas SET shares = shares + 12345 WHERE ctid = \
            (SELECT ctid FROM staker_share_deltas ORDER BY block_time, log_index LIMIT 1)";
        let silver =
            "SELECT concat_ws(',', staker, strategy, shares, snapshot) FROM paydirt.staker_share_snapshots ORDER BY 1";
        client.batch_execute(correct).await.unwrap();
        complete(&mut client, &case, case.cutoffs[1], Source::Events).await;

        let (_fresh_database, mut fresh) = migrated().await;
        import(&mut fresh, &case.path).await;
        fresh.batch_execute(correct).await.unwrap();
        complete(&mut fresh, &case, case.cutoffs[1], Source::Events).await;
        assert_eq!(texts(&client, silver).await, texts(&fresh, silver).await);
    });
}
