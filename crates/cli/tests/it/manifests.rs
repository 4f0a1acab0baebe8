//! manifest and bisect on a given database.

use serde_json::Value;
use test_support::{TestDatabase, TestServer};

use crate::support::{Ran, demo, done, on, paydirt, run};

/// The demo data with its first cutoffs run.
fn ran(cutoffs: &[&str]) -> TestDatabase {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    for cutoff in cutoffs {
        done(&url, &["run", "--chain", "mainnet", "--cutoff", cutoff]);
    }
    database
}

/// Runs the command without a database.
fn alone(arguments: &[&str]) -> Ran {
    run(paydirt().args(arguments))
}

fn execute(database: &TestDatabase, statements: &str) {
    test_support::runtime().block_on(async {
        let client = database::connect(&database.config(), "test").await.unwrap();
        client.batch_execute(statements).await.unwrap();
    });
}

#[test]
fn deployments_that_agree_are_equal_and_others_are_told_where_they_part() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, database: &TestDatabase| {
        let file = folder.path().join(name);
        std::fs::write(&file, done(&database.url(), &["manifest", "--json"])).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (a, b) = (ran(&["2026-03-01", "2026-03-11"]), ran(&["2026-03-01"]));
    let (whole, part) = (file("a", &a), file("b", &b));
    let output = alone(&["bisect", &whole, &part]);
    let expected = "cutoff 2026-03-11, step runs: there is no such run in B\ngold is the same in the one common run";
    assert_eq!((output.code, output.stdout.trim()), (3, expected));
    let json: Value = serde_json::from_str(&alone(&["bisect", "--json", &whole, &part]).stdout).unwrap();
    assert_eq!((&json["parting"]["step"], &json["compared"]), (&"runs".into(), &1.into()));
    done(&b.url(), &["run", "--chain", "mainnet", "--cutoff", "2026-03-11"]);
    let output = alone(&["bisect", &whole, &file("b", &b)]);
    assert_eq!((output.code, output.stdout.trim()), (0, "equal: 2 runs"));

    let text = done(&a.url(), &["manifest"]);
    let digest = serde_json::from_str::<Value>(&std::fs::read_to_string(&whole).unwrap()).unwrap();
    let digest = digest["runs"][1]["digest"].as_str().unwrap();
    assert!(text.contains(&format!("digest    {digest}\n")) && text.contains("staker_share_ranges"), "{text}");

    let root = done(&a.url(), &["root", "--snapshot", "2026-03-10"]);
    let root = format!("root      {}\n", root.lines().next().unwrap());
    let text = done(&a.url(), &["manifest", "--stored"]);
    assert!(text.contains(&root), "{text}");
    execute(&a, "UPDATE paydirt.manifests SET root = NULL");
    let text = done(&a.url(), &["manifest", "--stored"]);
    assert!(text.contains("root      not computed yet; without --stored it is\n"), "{text}");
    assert!(done(&a.url(), &["manifest", "--run", "2"]).contains(&root));
    assert!(done(&a.url(), &["manifest", "--stored"]).contains(&root), "it is stored");

    // Steps, and one event less.
    let steps = |name: &str, database: &TestDatabase| {
        let of_day = done(&database.url(), &["manifest", "--run", "2", "--steps", "--day", "2026-03-09", "--json"]);
        let file = folder.path().join(name);
        std::fs::write(&file, of_day).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let text = done(&a.url(), &["manifest", "--run", "2", "--steps"]);
    assert!(text.contains("22_staging") && text.contains("gold that is stored"), "{text}");
    assert_eq!(alone(&["bisect", &steps("c", &a), &steps("d", &b)]).stdout.trim(), "equal: 2 runs");
    execute(&b, "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE snapshot = '2026-03-09'");
    let output = alone(&["bisect", &steps("c", &a), &steps("d", &b)]);
    assert_eq!(output.code, 3);
    assert!(output.stdout.contains("day 2026-03-09, gold_table itself, not the computation: "), "{}", output.stdout);
    assert_eq!(on(&a.url(), &["manifest", "--day", "2026-03-09"]).code, 2);
    let output = on(&a.url(), &["manifest", "--run", "2", "--steps", "--day", "2031-01-01"]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("has neither planned nor paid 2031-01-01: it planned "), "{}", output.stderr);

    // Steps of one side only, and a submission that is another one now.
    let output = alone(&["bisect", &steps("c", &a), &whole]);
    assert!(output.stdout.starts_with("equal: 2 runs\nsteps were not compared: only A has any"), "{}", output.stdout);
    execute(&a, "UPDATE reward_submissions SET amount = amount * 2");
    let text = done(&a.url(), &["manifest", "--run", "2", "--steps"]);
    assert!(text.contains("\nthe run had another plan: "), "{text}");

    // Somebody has changed the file.
    let changed = folder.path().join("changed");
    let text = std::fs::read_to_string(&whole).unwrap().replacen("\"gold_rows\": ", "\"gold_rows\": 1", 1);
    std::fs::write(&changed, text).unwrap();
    let output = alone(&["bisect", changed.to_str().unwrap(), &part]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("the file was changed"), "{}", output.stderr);
    assert!(alone(&["bisect", "/nowhere", &part]).stderr.contains("/nowhere"));
}

#[test]
fn a_file_with_nothing_to_compare_is_not_equal() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let empty = file("empty", r#"{"input_days":{},"runs":[]}"#);
    let run = r#"{"run":1,"engine":"native","version":"0","digest":null,"manifest":null}"#;
    let old = file("old", &format!(r#"{{"input_days":{{}},"runs":[{run}]}}"#));
    for (one, other) in [(&empty, &empty), (&old, &old), (&old, &empty)] {
        let output = alone(&["bisect", one, other]);
        assert!(output.code == 1 && output.stderr.contains("no run in it has a manifest"), "{}", output.stderr);
        assert!(output.stderr.contains(one) && output.stdout.is_empty(), "{}", output.stderr);
    }
}

#[test]
fn days_that_were_dropped_are_not_missing() {
    let database = ran(&["2026-03-01"]);
    execute(
        &database,
        "DELETE FROM paydirt.gold_rows WHERE snapshot < '2026-02-20'; \
         INSERT INTO paydirt.dropped_partitions (first_snapshot, last_snapshot, gold_rows, dropped_at) \
         VALUES ('2026-02-01', '2026-02-19', 1, now())",
    );
    let text = done(&database.url(), &["manifest", "--check"]);
    assert!(text.contains(" were dropped on purpose and not compared, nor is the root\n"), "{text}");
    assert!(text.ends_with("gold has the rows of the manifest's other days\n"), "{text}");
    let text = done(&database.url(), &["manifest", "--steps"]);
    assert!(text.contains("gold that is stored: dropped"), "{text}");
}

#[test]
fn rows_that_are_not_those_of_the_run_are_3() {
    let database = ran(&["2026-03-01"]);
    let url = database.url();
    assert_eq!(done(&url, &["manifest", "--check"]).trim(), "gold has the rows of the manifest");
    execute(
        &database,
        "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE (snapshot, earner, reward) = \
         (SELECT snapshot, earner, reward FROM paydirt.gold_rows ORDER BY 1, 2, 3 LIMIT 1)",
    );
    let output = on(&url, &["manifest", "--check"]);
    assert_eq!(output.code, 3);
    assert_eq!(output.stdout.lines().count(), 2, "{}", output.stdout);
    assert!(output.stdout.contains("the manifest has the root"), "{}", output.stdout);
}

#[test]
fn a_run_without_a_manifest_says_why() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    let output = on(&url, &["manifest"]);
    assert!(output.code == 1 && output.stderr.contains("no run is complete yet"), "{}", output.stderr);
    let output = on(&url, &["manifest", "--run", "7"]);
    assert!(output.code == 1 && output.stderr.contains("run 7 is not complete"), "{}", output.stderr);
    assert_eq!(alone(&["manifest", "--run", "x"]).code, 2);
}
