//! `bisect` says what it did not compare, and takes no file that cannot be one database's.

use case_runner::Case;
use pipeline::{DaySteps, FileError, Input, Manifest, ManifestReport, RowsDigest, RunSteps, bisect, manifests};
use test_support::{repo_root, runtime};

use crate::support::{Installation, operator_sets};

/// The manifests of the first runs of a case.
async fn nights(cutoffs: &[usize]) -> ManifestReport {
    let mut installation = Installation::of(&operator_sets()).await;
    for &cutoff in cutoffs {
        installation.try_run(operator_sets().cutoffs[cutoff]).await.unwrap();
    }
    let report = manifests(&installation.client, &installation.schemas, None).await.unwrap();
    report.validate().unwrap();
    report
}

fn manifest_of(report: &mut ManifestReport, run: usize) -> &mut Manifest {
    report.runs[run].manifest.as_mut().unwrap()
}

/// With the digests that its manifests have.
fn sealed(mut report: ManifestReport) -> ManifestReport {
    let mut before = None;
    for run in &mut report.runs {
        let Some(manifest) = &mut run.manifest else { continue };
        manifest.previous = before.take();
        run.digest = Some(manifest.digest().unwrap());
        before.clone_from(&run.digest);
    }
    report.validate().unwrap();
    report
}

type Change = fn(&mut Manifest);

#[test]
fn digests_that_differ_are_never_equal() {
    runtime().block_on(async {
        let a = nights(&[0, 1, 2]).await;
        let changes: [(&str, Change); 4] = [
            ("manifest", |manifest| manifest.gold_rows += 1),
            ("manifest", |manifest| manifest.inputs[0].last_day = Some("1970-01-01".to_owned())),
            ("forks", |manifest| drop(manifest.forks.insert("Zurich".to_owned(), "2026-01-02".to_owned()))),
            ("forks", |manifest| drop(manifest.forks.pop_first())),
        ];
        for (step, change) in changes {
            let mut b = a.clone();
            change(manifest_of(&mut b, 1));
            let b = sealed(b);
            for (one, other) in [(&a, &b), (&b, &a)] {
                let found = bisect(one, other);
                let parting = found.parting.unwrap();
                assert_eq!((parting.step.as_str(), &parting.cutoff), (step, &operator_sets().cutoffs[1].to_string()));
                assert_eq!(found.notes, ["gold is the same in all 3 common runs"]);
            }
        }
        // A manifest before that is in neither file.
        let mut b = a.clone();
        manifest_of(&mut b, 0).previous = Some("0".to_owned());
        let parting = bisect(&a, &b).parting.unwrap();
        assert_eq!(parting.step, "manifest");
        assert!(parting.what.contains("the manifest before"), "{parting}");
    });
}

#[test]
fn files_that_are_not_of_one_database_are_refused() {
    runtime().block_on(async {
        let a = nights(&[0, 1]).await;
        let empty = ManifestReport { runs: Vec::new(), ..a.clone() };
        assert!(matches!(empty.validate(), Err(FileError::NoManifest)));
        let mut old = a.clone();
        for run in &mut old.runs {
            (run.manifest, run.digest) = (None, None);
        }
        assert!(matches!(old.validate(), Err(FileError::NoManifest)));
        let mut later = a.clone();
        manifest_of(&mut later, 1).format = 99;
        assert!(matches!(later.validate(), Err(FileError::Format { format: 99, .. })));
        let mut changed = a.clone();
        manifest_of(&mut changed, 0).gold_rows += 1;
        assert!(matches!(changed.validate(), Err(FileError::Digest { run: 1, .. })));
        changed.runs[0].digest = Some(manifest_of(&mut changed, 0).digest().unwrap());
        let error = changed.validate().unwrap_err();
        assert!(matches!(error, FileError::Previous { run: 2, before: 1, .. }), "{error}");
        let mut twice = a.clone();
        let days = twice.input_days.values_mut().next().unwrap();
        days.push(days[0].clone());
        assert!(matches!(twice.validate(), Err(FileError::Days { .. })));
        let mut twice = a.clone();
        twice.runs.push(twice.runs[0].clone());
        assert!(matches!(twice.validate(), Err(FileError::Twice(_))));
    });
}

#[test]
fn runs_without_a_manifest_and_other_formats_are_not_compared_and_that_is_said() {
    runtime().block_on(async {
        let a = nights(&[0, 1, 2]).await;
        let without = |mut report: ManifestReport| {
            (report.runs[0].manifest, report.runs[0].digest) = (None, None);
            report
        };
        let sealed_without = sealed(without(a.clone()));
        for (one, other, whose) in [(&sealed_without, &sealed_without, "AB"), (&a, &sealed_without, "B")] {
            let found = bisect(one, other);
            assert_eq!((found.parting, found.compared), (None, 2));
            let said = whose.chars().map(|side| format!("1 run of {side} has no manifest and was not compared"));
            let said: Vec<String> = said.collect();
            assert_eq!(found.notes.len(), said.len());
            assert!(found.notes.iter().zip(&said).all(|(note, said)| note.starts_with(said)), "{:?}", found.notes);
        }
        let mut b = a.clone();
        manifest_of(&mut b, 0).format = if manifest_of(&mut b, 0).format == 1 { 2 } else { 1 };
        manifest_of(&mut b, 0).plan = None;
        // Whatever this release knows of formats.
        let found = bisect(&a, &b);
        assert_eq!((found.parting, found.compared), (None, 2));
        assert!(found.notes[0].starts_with("not comparable: the manifests of cutoff "), "{:?}", found.notes);
    });
}

/// What a release wrote that knew no tables of submissions.
fn of_format_1(manifest: &mut Manifest) {
    manifest.format = 1;
    manifest.inputs.retain(|input| input.last_day.is_some());
}

#[test]
fn manifests_of_the_format_before_are_read_and_compared_with_each_other() {
    let text = r#"{"format":1,"rules":"1","mode":"compatible","chain":"mainnet","forks":{"Amazon":"1970-01-01"},"cutoff":"2026-03-01","source":"events","inputs":[{"relation":"staker_share_ranges","events":68,"content":"123","last_day":"2026-02-28"}],"plan":null,"gold_rows":1,"days":[{"day":"2026-02-17","rows":1,"content":"7"}],"previous":null}"#;
    let manifest: Manifest = serde_json::from_str(text).unwrap();
    assert_eq!(manifest.digest().unwrap(), "1cce48ba0190fc434c4f5e3eb74d1c8afa11790fac66b1ad60275ce062e586c3");
    runtime().block_on(async {
        let cutoffs = operator_sets().cutoffs;
        let mut installation = Installation::of(&operator_sets()).await;
        for &cutoff in &cutoffs[..2] {
            installation.try_run(cutoff).await.unwrap();
        }
        let report = async |of: &Installation| manifests(&of.client, &of.schemas, None).await.unwrap();
        let mut old = report(&installation).await;
        old.runs.iter_mut().for_each(|run| of_format_1(run.manifest.as_mut().unwrap()));
        let old = sealed(old);
        for run in &old.runs {
            let value = serde_json::to_value(&run.manifest).unwrap();
            let statement = "UPDATE paydirt.manifests SET manifest = $2, digest = $3 WHERE run_id = $1";
            installation.client.execute(statement, &[&run.run, &value, &run.digest]).await.unwrap();
        }
        assert_eq!(report(&installation).await, old, "what is stored is read");
        assert_eq!(bisect(&old, &old).compared, 2);
        let mut other = old.clone();
        manifest_of(&mut other, 1).plan = None;
        assert_eq!(bisect(&old, &sealed(other)).parting.unwrap().step, "plan", "tables are not known");

        installation.try_run(cutoffs[2]).await.unwrap();
        let upgraded = report(&installation).await;
        upgraded.validate().unwrap();
        let formats: Vec<u32> = upgraded.runs.iter().map(|run| run.manifest.as_ref().unwrap().format).collect();
        assert_eq!(formats, [1, 1, 2]);
        let found = bisect(&upgraded, &nights(&[0, 1, 2]).await);
        assert_eq!((found.parting, found.compared, found.notes.len()), (None, 1, 1), "not comparable is not differing");
        assert!(found.notes[0].starts_with("not comparable: the manifests of 2 cutoffs from "), "{:?}", found.notes);
        let found = bisect(&old, &nights(&[0, 1]).await);
        assert_eq!((found.parting, found.compared), (None, 0), "and not being equal either");
    });
}

#[test]
fn a_table_of_submissions_is_named() {
    runtime().block_on(async {
        let case = Case::read(&repo_root().join("fixtures/demo")).unwrap();
        let ran = async |change: &str| {
            let mut installation = Installation::of(&case).await;
            installation.execute(change).await;
            installation.try_run(*case.cutoffs.last().unwrap()).await.unwrap();
            manifests(&installation.client, &installation.schemas, None).await.unwrap()
        };
        let a = ran("").await;
        let inputs = &a.runs[0].manifest.as_ref().unwrap().inputs;
        let tables: Vec<&Input> = inputs.iter().filter(|input| input.last_day.is_none()).collect();
        let names: Vec<&str> = tables.iter().map(|input| input.relation.as_str()).collect();
        let expected = [
            "reward_submissions",
            "operator_directed_reward_submissions",
            "operator_directed_operator_set_reward_submissions",
            "unique_stake_reward_submissions",
            "total_stake_reward_submissions",
            "excluded_addresses",
        ];
        assert_eq!(names, expected);
        // Each is told from the others.
        for table in &tables[..5] {
            assert!(table.events > 0, "{table:?}");
            let b = ran(&format!("UPDATE {} SET amount = amount * 2", table.relation)).await;
            let parting = bisect(&a, &b).parting.unwrap();
            assert_eq!(parting.step, table.relation, "{parting}");
            assert!(parting.what.contains(", and they differ (paydirt plan"), "{parting}");
            let others = |report: &ManifestReport| {
                let inputs = report.runs[0].manifest.clone().unwrap().inputs;
                inputs.into_iter().filter(|input| input.relation != table.relation).collect::<Vec<Input>>()
            };
            assert_eq!(others(&a), others(&b));
        }
    });
}

#[test]
fn gold_is_compared_after_a_night_that_one_has_missed() {
    runtime().block_on(async {
        let cutoffs = operator_sets().cutoffs;
        let (a, b) = (nights(&[0, 1, 2, 3]).await, nights(&[0, 2, 3]).await);
        let found = bisect(&a, &b);
        let parting = found.parting.unwrap();
        assert_eq!((parting.step.as_str(), parting.cutoff), ("runs", cutoffs[1].to_string()));
        assert!(parting.what.starts_with("there is no such run in B, which has later ones"), "{}", parting.what);
        assert_eq!((parting.gold, found.compared), (None, 3));
        assert_eq!(found.notes, ["gold is the same in all 3 common runs"]);

        // A later row of gold differs as well.
        let mut c = b.clone();
        manifest_of(&mut c, 2).days.last_mut().unwrap().content = "1".to_owned();
        let gold = bisect(&a, &c).parting.unwrap().gold.unwrap();
        assert_eq!((gold.cutoff, gold.step), (cutoffs[3].to_string(), None));
        assert!(gold.more.unwrap().starts_with("paydirt manifest --run 4 --steps"));

        // Another chain is no question of cutoffs.
        let mut d = b.clone();
        d.runs.iter_mut().for_each(|run| run.manifest.as_mut().unwrap().chain = "holesky".to_owned());
        assert_eq!(bisect(&a, &d).parting.unwrap().step, "rules");
    });
}

#[test]
fn steps_that_cannot_be_compared_are_said() {
    runtime().block_on(async {
        let report = nights(&[0, 1]).await;
        let of = |run: usize, only: Option<&str>| {
            let steps = RunSteps {
                run: report.runs[run].run,
                cutoff: operator_sets().cutoffs[run].to_string(),
                only: only.map(str::to_owned),
                plan: report.runs[run].manifest.as_ref().unwrap().plan.clone(),
                days: Vec::new(),
            };
            ManifestReport { steps: Some(steps), ..report.clone() }
        };
        let notes = |a: &ManifestReport, b: &ManifestReport| bisect(a, b).notes.join("; ");
        let (all, one, other) = (of(1, None), of(1, Some("2026-03-02")), of(1, Some("2026-03-03")));
        assert_eq!(notes(&all, &one), "", "a day of all");
        assert!(notes(&one, &report).starts_with("steps were not compared: only A has any"));
        assert!(notes(&report, &one).contains("only B has any, those of cutoff"));
        assert!(notes(&one, &other).contains("day 2026-03-02 alone, B has those of cutoff"), "{}", notes(&one, &other));
        assert!(notes(&all, &of(0, None)).starts_with("steps were not compared: A has those of cutoff"));
        let mut replanned = all.clone();
        replanned.steps.as_mut().unwrap().plan = None;
        assert!(notes(&all, &replanned).starts_with("the steps of B are those of another plan"));
        let rows = RowsDigest { rows: 1, content: "1".to_owned() };
        let days = vec![DaySteps { day: "2030-01-01".to_owned(), steps: Vec::new(), gold: rows.clone(), stored: None }];
        let mut dropped = all.clone();
        dropped.steps.as_mut().unwrap().days = days.clone();
        assert_eq!(bisect(&all, &dropped).parting, None, "nothing is stored of a day that was dropped");
        dropped.steps.as_mut().unwrap().days[0].stored = Some(rows);
        assert!(bisect(&all, &dropped).parting.is_some());
    });
}
