//! Undo, and undo then re-run.

use pipeline::{RunError, Silent, UndoTarget, check_invariants, undo, undo_plan};
use reward_rules::Day;
use test_support::runtime;

use crate::support::{Installation, case_named, operator_sets, texts};

async fn undone(installation: &mut Installation, target: UndoTarget) -> usize {
    let planned = undo_plan(&installation.client, &installation.schemas, target).await.unwrap();
    let undone = undo(&mut installation.client, &installation.schemas, None, target, &Silent).await.unwrap();
    assert_eq!(planned, undone, "what was shown first is what was done");
    let reports = check_invariants(&mut installation.client, &installation.schemas, &Silent).await.unwrap();
    assert!(reports.iter().all(|report| report.violations == 0), "{reports:?}");
    installation.assert_newest_root().await;
    undone.len()
}

#[test]
fn undoing_any_number_of_runs_restores_what_was_before_them_and_running_again_gives_the_same() {
    runtime().block_on(async {
        for name in ["stake-weighted", "operator-sets"] {
            let case = case_named(name);
            let mut installation = Installation::of(&case).await;
            let mut before = vec![installation.content().await];
            for &cutoff in &case.cutoffs {
                installation.complete(cutoff).await;
                before.push(installation.content().await);
            }
            // Back by one run, by some, and down to nothing, and forwards again.
            for count in [1, 3, case.cutoffs.len()] {
                let first = case.cutoffs.len() - count;
                let removed = undone(&mut installation, UndoTarget::FromCutoff(case.cutoffs[first])).await;
                assert_eq!(removed, count);
                assert!(installation.content().await == before[first], "{name}: {count} runs undone");
                for (index, &cutoff) in case.cutoffs.iter().enumerate().skip(first) {
                    installation.complete(cutoff).await;
                    assert!(installation.content().await == before[index + 1], "{name}: {cutoff} run again");
                }
            }
        }
    });
}

#[test]
fn only_the_newest_run_is_undone_by_its_number() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation.complete(case.cutoffs[0]).await;
        installation.complete(case.cutoffs[1]).await;
        let plan = |id| undo_plan(&installation.client, &installation.schemas, UndoTarget::Run(id));
        assert!(matches!(plan(1).await.unwrap_err(), RunError::NotTheNewest { id: 1, newer: 1, .. }));
        assert!(matches!(plan(99).await.unwrap_err(), RunError::NoSuchRun(99)));
        assert_eq!(plan(2).await.unwrap().len(), 1);
        assert_eq!(undone(&mut installation, UndoTarget::Run(2)).await, 1);
        assert_eq!(undone(&mut installation, UndoTarget::Run(1)).await, 1);
    });
}

#[test]
fn runs_that_have_read_a_block_are_undone_and_others_stay() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        for &cutoff in &case.cutoffs {
            installation.complete(cutoff).await;
        }
        let blocks = "SELECT number::text || ' ' || block_time::date::text FROM blocks ORDER BY number";
        let blocks = texts(&installation.client, blocks).await;
        for line in blocks.iter().step_by(blocks.len() / 12 + 1) {
            let (number, day) = line.split_once(' ').unwrap();
            let day: Day = day.parse().unwrap();
            let target = UndoTarget::FromBlock(number.parse().unwrap());
            let planned = undo_plan(&installation.client, &installation.schemas, target).await.unwrap();
            assert_eq!(planned.len(), case.cutoffs.iter().filter(|cutoff| **cutoff > day).count(), "{line}");
        }
        let after = UndoTarget::FromBlock(i64::MAX);
        assert!(undo_plan(&installation.client, &installation.schemas, after).await.unwrap().is_empty());
    });
}

#[test]
fn a_run_that_did_not_finish_is_undone_too() {
    runtime().block_on(async {
        let case = operator_sets();
        let mut installation = Installation::of(&case).await;
        installation.complete(case.cutoffs[0]).await;
        let before = installation.content().await;
        installation
            .execute(
                "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$; \
                 CREATE TRIGGER refuse BEFORE INSERT ON paydirt.gold_rows FOR EACH ROW EXECUTE FUNCTION public.refuse()",
            )
            .await;
        let last = *case.cutoffs.last().unwrap();
        installation.try_run(last).await.unwrap_err();
        installation.execute("DROP FUNCTION public.refuse CASCADE").await;
        assert_eq!(undone(&mut installation, UndoTarget::FromCutoff(last)).await, 1);
        assert!(installation.content().await == before);
    });
}
