//! Rows that were checked are not checked again, unless they or what was set aside have changed.

use pipeline::{Event, RunError, RunRequest, run};
use test_support::runtime;

use crate::support::{Installation, Log, operator_sets, texts};

/// The keys that a run is refused for.
async fn refused(installation: &mut Installation, cutoff: usize) -> Vec<String> {
    match installation.try_run(operator_sets().cutoffs[cutoff]).await {
        Err(RunError::BadInput(findings)) => findings.into_iter().map(|finding| finding.key).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_new_row_is_checked_and_an_old_one_that_has_changed_is_checked_again() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let cutoffs = operator_sets().cutoffs;
        installation.complete(cutoffs[0]).await;
        let new = format!("block_time >= '{}' AND block_time < '{}'", cutoffs[0], cutoffs[1]);
        let old = format!("block_time < '{}'", cutoffs[0]);
        for which in [new, old] {
            let row =
                format!("ctid = (SELECT ctid FROM staker_share_deltas WHERE {which} ORDER BY block_time LIMIT 1)");
            let staker =
                texts(&installation.client, &format!("SELECT staker FROM staker_share_deltas WHERE {row}")).await;
            let change = format!(
                "UPDATE staker_share_deltas SET staker = upper(staker) WHERE {row} RETURNING staker || transaction_hash"
            );
            let changed = texts(&installation.client, &change).await;
            assert_eq!(changed.len(), 1, "{which}");
            assert_eq!(refused(&mut installation, 1).await, [staker[0].to_uppercase()], "{which}");
            let back = "UPDATE staker_share_deltas SET staker = lower(staker) WHERE staker <> lower(staker)";
            installation.execute(back).await;
        }
        installation.complete(cutoffs[1]).await;
    });
}

#[test]
fn a_submission_that_counts_again_is_checked_again() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let cutoffs = operator_sets().cutoffs;
        let hash = texts(
            &installation.client,
            "UPDATE operator_directed_reward_submissions SET duration = 100 WHERE reward_hash = \
             (SELECT s.reward_hash FROM operator_directed_reward_submissions s ORDER BY s.block_number LIMIT 1) \
             RETURNING reward_hash",
        )
        .await[0]
            .clone();
        let log = Log::default();
        let request = RunRequest { quarantine: true, ..installation.request(cutoffs[4]) };
        run(&mut installation.client, &installation.schemas, &request, &log).await.unwrap();
        let set_aside = |event: &Event| matches!(event, Event::Quarantined { reward_hash, .. } if *reward_hash == hash);
        assert!(log.events().iter().any(set_aside));
        installation.complete(cutoffs[5]).await;
        installation.complete(cutoffs[6]).await;
        installation.execute("DELETE FROM paydirt.quarantine").await;
        assert_eq!(refused(&mut installation, 7).await, [hash]);
    });
}
