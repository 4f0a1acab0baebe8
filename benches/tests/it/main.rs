//! `bench` itself: what it writes is complete, on a small history.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Runs `bench` with the `paydirt` that was built beside this test.
fn bench(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "bench {}: {errors}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn history(folder: &Path, only: &[&str]) -> (String, Value) {
    let test = std::env::current_exe().unwrap();
    let paydirt = test.parent().unwrap().parent().unwrap().join("paydirt");
    let file = folder.join("report.json");
    let (data, out) = (folder.join("data"), file.to_str().unwrap());
    let mut arguments = vec!["run", "history", "--preset", "quick", "--repeat", "2", "--out", out];
    arguments.extend(["--data", data.to_str().unwrap(), "--paydirt", paydirt.to_str().unwrap()]);
    arguments.extend(only);
    let tables = bench(&arguments);
    (tables, serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
}

fn names<'a>(report: &'a Value, list: &str) -> Vec<&'a str> {
    report[list].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// Every measurement of paydirt has all it should have.
fn is_complete(report: &Value) {
    assert_eq!(report["settings"]["fsync"], "on");
    for measurement in report["measurements"].as_array().unwrap() {
        let name = measurement["name"].as_str().unwrap();
        // Who only reads writes nothing.
        let is_read = name.starts_with("read: ");
        let numbers = ["wall_seconds", "rows", "rows_per_second", "server_seconds", "wal_bytes"];
        for number in &numbers[..if is_read { 3 } else { 5 }] {
            assert!(measurement[number].as_f64().unwrap() > 0.0, "{number}: {measurement}");
        }
        if is_read {
            continue;
        }
        assert!(measurement["temporary_bytes"].is_u64(), "{measurement}");
        if name.starts_with("COPY") {
            continue;
        }
        assert!(measurement["peak_rss_bytes"].as_u64().unwrap() > 1 << 20, "{measurement}");
        let stages = measurement["stages"].as_object().unwrap();
        let wall = measurement["wall_seconds"].as_f64().unwrap();
        let parts = if name.starts_with("sql") { ["silver", "sql", "commit"] } else { ["silver", "compute", "write"] };
        for part in parts {
            assert!((0.0..=wall).contains(&stages[part].as_f64().unwrap()), "{part}: {measurement}");
        }
    }
}

#[test]
fn a_report_of_first_runs_yardsticks_and_nights_is_complete() {
    let folder = folder("history");
    let (tables, report) = history(&folder, &[]);
    is_complete(&report);
    let measurements = names(&report, "measurements");
    let (reads, others): (Vec<&str>, Vec<&str>) = measurements.iter().partition(|name| name.starts_with("read: "));
    assert_eq!(reads.len(), 4 * 2 * 2, "four statements on two sides, twice: {reads:?}");
    assert_eq!(
        others,
        [
            "20 days, first run 1",
            "COPY without index 1",
            "20 days, first run 2",
            "COPY without index 2",
            "COPY with index 1",
            "COPY with index 2",
            "10 days, first run 1",
            "sql, night 1, 1",
            "20 days, night 1",
            "10 days, night 1",
            "20 days, night 2",
            "10 days, night 2",
            "20 days, late night",
        ]
    );
    let rows = |index: usize| report["measurements"][index]["rows"].as_u64().unwrap();
    assert_eq!(rows(0), rows(1), "COPY takes the rows of the first run");
    for figure in [
        "first run / COPY of the same rows",
        "first run / that",
        "read: rows of one earner, gold / plain table",
        "read: cumulative sums, gold / plain table",
        "read: last snapshot per submission, gold / plain table",
        "read: export of all rows, gold / plain table",
        "bytes of gold and indexes / of a plain table and its index",
        "peak memory of the first run",
        "night after the longest history",
        "night after the longest history / after the shortest",
        "night, native / sql",
    ] {
        assert!(names(&report, "figures").contains(&figure), "{figure}: {tables}");
    }

    let file = folder.join("report.json");
    let file = file.to_str().unwrap();
    let compared = bench(&["compare", file, file]);
    assert!(compared.contains("| first run / COPY of the same rows ") && compared.contains("| 1.000 "), "{compared}");
    // The targets are about other presets.
    assert_eq!(bench(&["targets", file]).matches("not measured").count(), 7);
}

#[test]
fn a_report_of_a_backfill_is_complete() {
    let (tables, report) = history(&folder("backfill"), &["--only", "backfill,nights"]);
    is_complete(&report);
    assert_eq!(
        names(&report, "measurements"),
        ["20 days, backfill", "20 days, night 1", "20 days, night 2", "20 days, late night"]
    );
    for figure in ["backfill", "peak memory of the backfill", "night after the longest history"] {
        assert!(names(&report, "figures").contains(&figure), "{figure}: {tables}");
    }
}
