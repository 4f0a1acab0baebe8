//! `bisect` names the step: two databases that differ in one event, in who is excluded, or in a row of gold.

use case_runner::Case;
use pipeline::{Budget, ManifestReport, Parting, manifests, run_steps};
use reward_rules::Day;
use test_support::{repo_root, runtime};

use crate::support::{Installation, case_named, texts};

const TABLE: &str = "gold_table itself, not the computation";

/// The first difference.
fn bisect(a: &ManifestReport, b: &ManifestReport) -> Option<Parting> {
    pipeline::bisect(a, b).parting
}

/// A case with all cutoffs run, after its data was changed.
async fn ran(case: &Case, change: &str) -> Installation {
    let mut installation = Installation::of(case).await;
    installation.execute(change).await;
    for &cutoff in &case.cutoffs {
        installation.complete(cutoff).await;
    }
    installation
}

/// Its manifest; with the steps of a run, or of a day of it.
async fn report(installation: &mut Installation, steps: Option<(i64, Option<Day>)>) -> ManifestReport {
    let Installation { client, schemas, .. } = installation;
    let mut report = manifests(client, schemas, None).await.unwrap();
    if let Some((run, day)) = steps {
        report.steps = Some(run_steps(client, schemas, Some(run), day, &Budget::default()).await.unwrap());
        // As it is written and read.
        report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    }
    report
}

/// Where they part: by manifests, by the steps of the run, and by those of the day.
async fn part(a: &mut Installation, b: &mut Installation) -> [Parting; 3] {
    let manifests = bisect(&report(a, None).await, &report(b, None).await).unwrap();
    let run = "SELECT id::text FROM paydirt.runs WHERE cutoff = ";
    let cutoff = &manifests.gold.as_ref().unwrap().cutoff;
    let run = texts(&a.client, &format!("{run}'{cutoff}'")).await[0].parse().unwrap();
    let all = bisect(&report(a, Some((run, None))).await, &report(b, Some((run, None))).await).unwrap();
    let day = Some(all.gold.as_ref().unwrap().day.parse().unwrap());
    let of_day = bisect(&report(a, Some((run, day))).await, &report(b, Some((run, day))).await).unwrap();
    [manifests, all, of_day]
}

fn demo() -> Case {
    Case::read(&repo_root().join("fixtures/demo")).unwrap()
}

#[test]
fn a_split_that_differs_parts_step_8_and_not_step_7() {
    runtime().block_on(async {
        let case = demo();
        let change =
            "UPDATE operator_avs_splits SET new_operator_avs_split_bips = (new_operator_avs_split_bips + 3000) % 10000";
        let (mut a, mut b) = (ran(&case, "").await, ran(&case, change).await);
        let [manifests, all, of_day] = part(&mut a, &mut b).await;
        assert_eq!(manifests.step, "operator_avs_split_ranges", "{manifests}");
        let gold = manifests.gold.as_ref().unwrap();
        assert_eq!(gold.step, None);
        let more = gold.more.as_ref().unwrap();
        assert!(more.contains(&format!("--steps --day {} --json", gold.day)), "{more}");

        assert_eq!((all.step, all.day), (manifests.step.clone(), manifests.day.clone()));
        let gold = all.gold.unwrap();
        assert!(gold.more.as_ref().unwrap().starts_with("submissions are told by"), "{gold}");
        // The first step with splits that has rows on that day; the step before, and step 7, are the same.
        let of_day = of_day.gold.unwrap();
        assert_eq!((of_day.step.as_ref(), &of_day.day), (gold.step.as_ref(), &gold.day));
        assert_eq!(of_day.step.as_deref(), Some("08_operator_od_reward_amounts"), "{of_day}");
        let submission = of_day.reward_hash.unwrap();
        let known = format!(
            "SELECT count(*)::text FROM operator_directed_reward_submissions WHERE reward_hash = '{submission}'"
        );
        assert_ne!(texts(&a.client, &known).await, ["0"]);
    });
}

#[test]
fn who_is_excluded_parts_the_plan_and_the_step_that_leaves_them_out() {
    runtime().block_on(async {
        let case = case_named("float-eras");
        let change = "INSERT INTO excluded_addresses (address, network) SELECT s.staker, e.network FROM \
            (SELECT DISTINCT staker FROM staker_share_deltas) s \
            CROSS JOIN (SELECT min(network) AS network FROM excluded_addresses) e \
            WHERE NOT EXISTS (SELECT FROM excluded_addresses x WHERE x.address = s.staker)";
        let (mut a, mut b) = (ran(&case, "").await, ran(&case, change).await);
        let [manifests, _, of_day] = part(&mut a, &mut b).await;
        assert_eq!(manifests.step, "excluded_addresses", "{manifests}");
        let gold = of_day.gold.unwrap();
        let step = gold.step.clone().unwrap();
        assert!(["02", "04", "05"].contains(&&step[..2]), "{gold}");
    });
}

#[test]
fn rows_that_were_changed_are_told_from_steps_that_differ() {
    runtime().block_on(async {
        let case = demo();
        let (mut a, mut b) = (ran(&case, "").await, ran(&case, "").await);
        let run = 3;
        for day in [None, Some(case.cutoffs[1])] {
            let (a, b) = (report(&mut a, Some((run, day))).await, report(&mut b, Some((run, day))).await);
            assert_eq!(bisect(&a, &b), None);
            let steps = a.steps.unwrap();
            assert!(day.is_some() || !steps.days.is_empty());
            for of in steps.days {
                assert_eq!(Some(&of.gold), of.stored.as_ref(), "{}: what is stored is what the steps come to", of.day);
                let staged = of.steps.iter().find(|step| step.step == "22_staging").map_or(0, |step| step.digest.rows);
                assert_eq!(staged, of.gold.rows, "{}", of.day);
            }
        }
        let of_run = format!("SELECT min(snapshot)::text FROM paydirt.gold_rows WHERE run_id = {run}");
        let day = texts(&b.client, &of_run).await.remove(0);
        b.execute(&format!(
            "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE (snapshot, earner, reward) = (SELECT snapshot, earner, \
             reward FROM paydirt.gold_rows WHERE run_id = {run} ORDER BY 1, 2, 3 LIMIT 1)"
        ))
        .await;
        for only in [None, Some(day.parse().unwrap())] {
            let parting =
                bisect(&report(&mut a, Some((run, only))).await, &report(&mut b, Some((run, only))).await).unwrap();
            assert_eq!(parting.step, "gold");
            let gold = parting.gold.unwrap();
            assert_eq!((gold.day.as_str(), gold.step.as_deref(), &gold.more), (day.as_str(), Some(TABLE), &None));
            assert!(gold.what.ends_with("; in B the table was changed after the run (paydirt manifest --check)"), "{gold}");
        }
    });
}

#[test]
fn roots_that_differ_although_the_runs_are_the_same_are_named() {
    runtime().block_on(async {
        let mut installation = ran(&demo(), "").await;
        let a = report(&mut installation, None).await;
        let mut b = a.clone();
        b.runs[2].root = Some(format!("0x{}", "0".repeat(64)));
        let parting = bisect(&a, &b).unwrap();
        assert_eq!((parting.step.as_str(), &parting.cutoff), ("root", &a.runs[2].manifest.as_ref().unwrap().cutoff));
        b.runs[2].root = None;
        assert_eq!(bisect(&a, &b), None, "it was not computed yet");
    });
}
