//! Days of a manifest that were dropped, that are not those of the run, and submissions that were set aside after it.

use pipeline::{Budget, ManifestError, bisect, check_manifest, drop_partitions, manifests, run_steps};
use test_support::runtime;

use crate::support::{Installation, case_named, day, operator_sets, texts};

#[test]
fn days_that_were_dropped_are_left_out() {
    runtime().block_on(async {
        let case = case_named("float-eras");
        let mut installation = Installation::of(&case).await;
        for &cutoff in &case.cutoffs {
            installation.try_run(cutoff).await.unwrap();
        }
        let first =
            texts(&installation.client, "SELECT min(run_id)::text FROM paydirt.gold_rows").await[0].parse().unwrap();
        let with_steps = async |installation: &mut Installation| {
            let Installation { client, schemas, .. } = installation;
            let mut report = manifests(client, schemas, Some(first)).await.unwrap();
            report.steps = Some(run_steps(client, schemas, Some(first), None, &Budget::default()).await.unwrap());
            report
        };
        let before = with_steps(&mut installation).await;
        installation.everything_is_over().await;
        drop_partitions(&mut installation.client, &installation.schemas, day("2024-08-01")).await.unwrap();
        installation.execute("TRUNCATE paydirt.quarantine").await;

        let Installation { client, schemas, .. } = &mut installation;
        let check = check_manifest(client, schemas, Some(first), &Budget::default()).await.unwrap();
        assert_eq!(check.days, []);
        assert!(check.dropped.iter().any(|day| day.as_str() < "2024-07-01"), "{:?}", check.dropped);
        let after = with_steps(&mut installation).await;
        let of = after.steps.as_ref().unwrap();
        assert!(of.days.iter().any(|of| of.stored.is_none()));
        assert!(of.days.iter().all(|of| of.stored.is_none() == (of.day.as_str() < "2024-08-01")));
        assert_eq!(bisect(&before, &after).parting, None);
    });
}

#[test]
fn a_day_that_a_run_has_neither_planned_nor_paid_is_refused() {
    runtime().block_on(async {
        let cutoffs = operator_sets().cutoffs;
        let mut installation = Installation::of(&operator_sets()).await;
        for &cutoff in &cutoffs[..2] {
            installation.try_run(cutoff).await.unwrap();
        }
        let Installation { client, schemas, .. } = &mut installation;
        let wrong = run_steps(client, schemas, Some(2), Some(day("2031-01-01")), &Budget::default()).await;
        let error = wrong.unwrap_err();
        assert!(matches!(error, ManifestError::NotItsDay { run: 2, .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("2031-01-01") && text.contains(&cutoffs[1].to_string()) && text.contains("it planned"),
            "{text}"
        );
    });
}

#[test]
fn a_submission_that_was_set_aside_after_the_run_is_in_its_steps() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        // Of a strategy that nobody has shares of.
        installation
            .execute(
                "INSERT INTO reward_submissions SELECT (jsonb_populate_record(s, jsonb_build_object('reward_hash', \
                 '0x' || repeat('ab', 32), 'strategy', '0x' || repeat('cd', 20), 'strategy_index', 0))).* \
                 FROM reward_submissions s ORDER BY s.reward_hash, s.strategy LIMIT 1",
            )
            .await;
        for &cutoff in &case.cutoffs[..3] {
            installation.try_run(cutoff).await.unwrap();
        }
        // Planned by a run, and paid nothing by it.
        let unpaid = "SELECT r.id || ' ' || (p ->> 'reward_hash') FROM paydirt.runs r, \
            jsonb_array_elements(r.plan -> 'report' -> 'windows') p WHERE NOT EXISTS (SELECT FROM paydirt.gold_windows w \
            WHERE w.run_id = r.id AND w.reward_hash = p ->> 'reward_hash') ORDER BY 1";
        let unpaid = texts(&installation.client, unpaid).await;
        let (run, reward_hash) = unpaid[0].split_once(' ').unwrap();
        let run = Some(run.parse().unwrap());
        let Installation { client, schemas, .. } = &mut installation;
        let before = run_steps(client, schemas, run, None, &Budget::default()).await.unwrap();
        client
            .batch_execute(&format!(
                "INSERT INTO paydirt.quarantine VALUES ('{reward_hash}', 'reward_submissions', 'odd', '2100-01-01')"
            ))
            .await
            .unwrap();
        let after = run_steps(client, schemas, run, None, &Budget::default()).await.unwrap();
        assert_eq!(after, before);
        let report = manifests(client, schemas, run).await.unwrap();
        assert_eq!(after.plan, report.runs.last().unwrap().manifest.as_ref().unwrap().plan);
    });
}
