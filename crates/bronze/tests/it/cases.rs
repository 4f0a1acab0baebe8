//! The acceptance cases have no errors.

use std::path::{Path, PathBuf};

use bronze::{Finding, Severity, validate};
use chrono::NaiveDate;
use test_support::{repo_root, shared_cases};

use crate::support::{load, with_tables};

/// The cases shared with others and those of this repository: folders with a case.toml.
fn cases() -> Vec<PathBuf> {
    let roots =
        shared_cases().into_iter().chain([repo_root().join("fixtures/cases"), repo_root().join("fixtures/demo")]);
    let mut cases: Vec<PathBuf> = roots
        .flat_map(|root| {
            let inner = std::fs::read_dir(&root).into_iter().flatten().map(|entry| entry.unwrap().path());
            inner.chain([root.clone()]).collect::<Vec<_>>()
        })
        .filter(|folder| folder.join("case.toml").is_file())
        .collect();
    cases.sort();
    cases
}

fn cutoffs(case: &Path) -> Vec<NaiveDate> {
    let text = std::fs::read_to_string(case.join("case.toml")).unwrap();
    let list = text.split_once("\ncutoffs").unwrap().1.split_once('[').unwrap().1.split_once(']').unwrap().0;
    list.split('"').filter_map(|part| part.parse().ok()).collect()
}

#[test]
fn no_case_has_an_error() {
    let cases = cases();
    if shared_cases().is_some() {
        assert!(cases.len() > 1, "the shared folder has cases: {cases:?}");
    }
    for case in cases {
        with_tables(async |client| {
            let imported = load(client, &case).await.unwrap_or_else(|error| panic!("{error:?}"));
            assert!(imported.iter().any(|table| table.table == "blocks" && table.rows > 0), "{case:?}");
            client.batch_execute("ANALYZE").await.unwrap();
            let cutoffs = cutoffs(&case);
            assert!(!cutoffs.is_empty(), "{case:?}");
            for cutoff in cutoffs {
                let found = validate(client, None, cutoff, None).await.unwrap();
                let errors: Vec<Finding> =
                    found.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
                assert_eq!(errors, [], "{case:?} at {cutoff}");
            }
        });
    }
}
