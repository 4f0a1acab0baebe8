//! `--mode strict` and `paydirt diff`.

use serde_json::{Value, json};
use test_support::TestServer;

use crate::support::{demo, done, on};

const CUTOFFS: [&str; 2] = ["2026-03-11", "2026-03-20"];

#[test]
fn strict_has_a_schema_of_its_own_and_diff_says_what_it_changes() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    let diff = ["diff", "--chain", "mainnet"];
    let early = on(&url, &diff);
    assert!(early.code == 1 && early.stderr.contains("nothing to compare; run: paydirt run"), "{}", early.stderr);
    for cutoff in CUTOFFS {
        done(&url, &["run", "--chain", "mainnet", "--cutoff", cutoff]);
    }
    let refused = on(&url, &["run", "--chain", "mainnet", "--cutoff", "2026-04-01", "--mode", "strict"]);
    assert!(refused.code == 1 && refused.stderr.contains("holds compatible runs"), "{}", refused.stderr);
    let unknown = on(&url, &["run", "--chain", "mainnet", "--cutoff", "2026-04-01", "--mode", "lax"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("'lax' is no mode"), "{}", unknown.stderr);

    let text = done(&url, &[&diff[..], &["--limit", "1"]].concat());
    for expected in ["per submission", "per earner", "more (--limit, or --out for all)", ": another amount"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let json: Value = serde_json::from_str(&done(&url, &[&diff[..], &["--json", "--limit", "3"]].concat())).unwrap();
    assert_eq!(
        (&json["stored"], &json["other"], &json["equal"]),
        (&json!("compatible"), &json!("strict"), &json!(false))
    );
    assert_eq!((json["earners"].as_array().unwrap().len(), &json["cutoff"]), (3, &json!(CUTOFFS[1])));

    // The same from strict runs that are stored, whatever their cutoffs were.
    let strict = |arguments: &[&str]| done(&url, &[&["--schema", "strict"], arguments].concat());
    strict(&["migrate"]);
    let behind = on(&url, &[&diff[..], &["--with", "strict"]].concat());
    assert!(behind.code == 1 && behind.stderr.contains("'strict' has no complete run"), "{}", behind.stderr);
    for cutoff in ["2026-03-05", "2026-03-19", CUTOFFS[1]] {
        strict(&["run", "--chain", "mainnet", "--mode", "strict", "--cutoff", cutoff]);
    }
    let with: Value =
        serde_json::from_str(&done(&url, &[&diff[..], &["--json", "--limit", "3", "--with", "strict"]].concat()))
            .unwrap();
    assert_eq!(with, json);
    let same = on(&url, &[&["--schema", "strict"], &diff[..]].concat());
    assert!(same.code == 1 && same.stderr.contains("with the other --mode"), "{}", same.stderr);
    let verify = on(&url, &["--schema", "strict", "verify", "--chain", "mainnet", "--cutoff", CUTOFFS[1]]);
    assert!(verify.code == 1 && verify.stderr.contains("paydirt diff shows"), "{}", verify.stderr);
    let audit: Value = serde_json::from_str(&strict(&["audit", "--chain", "mainnet", "--json"])).unwrap();
    assert_eq!((&audit["mode"], &audit["closes"], &audit["overpaid"]), (&json!("strict"), &json!(true), &json!([])));
    let manifest: Value = serde_json::from_str(&strict(&["manifest", "--run", "1", "--json"])).unwrap();
    assert!(manifest.to_string().contains("\"mode\":\"strict\""), "{manifest}");

    // Every difference, once, and those of one submission and earner.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("diff.jsonl");
    done(&url, &[&diff[..], &["--out", file.to_str().unwrap()]].concat());
    let lines: Vec<Value> =
        std::fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(lines.len()), json["differing_earners"]);
    assert_eq!(json!(lines[..3]), json["earners"]);
    let text = |of: &str| lines[0][of].as_str().unwrap();
    let one = [&diff[..], &["--json", "--reward-hash", text("reward_hash"), "--earner", text("earner")]].concat();
    let one: Value = serde_json::from_str(&done(&url, &one)).unwrap();
    assert_eq!((&one["earners"], &one["submissions"][0]["paid"]), (&json!([lines[0]]), &lines[0]["paid"]));
    let nobody = format!("0x{}", "ab".repeat(32));
    let unknown = on(&url, &[&diff[..], &["--reward-hash", &nobody]].concat());
    assert!(unknown.code == 1 && unknown.stderr.contains("there is no submission"), "{}", unknown.stderr);
    let number = |of: &Value| of.as_str().unwrap().parse::<i128>().unwrap();
    for line in &lines {
        assert_eq!(number(&line["paid"]) + number(&line["difference"]), number(&line["paid_by_other"]), "{line}");
    }
    for submission in json["submissions"].as_array().unwrap() {
        let earners = lines.iter().filter(|line| line["reward_hash"] == submission["reward_hash"]);
        let sum: i128 = earners.map(|line| number(&line["difference"])).sum();
        assert_eq!(sum, number(&submission["difference"]), "{submission}");
    }
}

#[test]
fn compatible_runs_beside_strict_ones_are_those_of_the_same_cutoffs() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    done(&url, &["--schema", "strict", "migrate"]);
    for cutoff in CUTOFFS {
        done(&url, &["run", "--chain", "mainnet", "--cutoff", cutoff]);
        done(&url, &["--schema", "strict", "run", "--chain", "mainnet", "--cutoff", cutoff, "--mode", "strict"]);
    }
    let diff =
        ["--schema", "strict", "diff", "--chain", "mainnet", "--mode", "compatible", "--json", "--limit", "9999"];
    let made: Value = serde_json::from_str(&done(&url, &diff)).unwrap();
    let with: Value = serde_json::from_str(&done(&url, &[&diff[..], &["--with", "paydirt"]].concat())).unwrap();
    assert_eq!(made, with);
    assert!(made["earners"].as_array().unwrap().len() > 20);
}
