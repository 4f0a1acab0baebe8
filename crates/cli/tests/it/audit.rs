//! `paydirt audit`.

use serde_json::{Value, json};
use test_support::TestServer;

use crate::support::{demo, done, on};

const CUTOFF: &str = "2026-03-11";

#[test]
fn every_submission_of_the_demo_closes_and_a_spoilt_row_exits_with_3() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    let audit = ["audit", "--chain", "mainnet"];
    let early = on(&url, &audit);
    assert!(early.code == 1 && early.stderr.contains("run: paydirt migrate"), "{}", early.stderr);
    done(&url, &["migrate"]);
    assert_eq!(done(&url, &audit), "no complete run yet: there is nothing to audit\n");
    done(&url, &["import", demo().to_str().unwrap()]);
    done(&url, &["run", "--chain", "mainnet", "--cutoff", "2026-03-01"]);
    done(&url, &["run", "--chain", "mainnet", "--cutoff", CUTOFF]);

    let text = done(&url, &audit);
    assert!(text.contains("mainnet, runs up to cutoff 2026-03-11") && text.contains("\nclosed: "), "{text}");
    assert!(text.contains("undistributed") && !text.contains("unattributed") && !text.contains("NO"), "{text}");
    let json: Value = serde_json::from_str(&done(&url, &[&audit[..], &["--json"]].concat())).unwrap();
    assert_eq!((&json["closes"], &json["cutoff"]), (&json!(true), &json!(CUTOFF)));
    let submissions = json["submissions"].as_array().unwrap();
    assert!(submissions.len() > 3, "{json}");
    for column in
        ["funded", "stakers", "operators", "refunded", "dust", "undistributed", "remaining", "overpaid", "difference"]
    {
        let texts = |of: &Value| of[column].as_str().is_some_and(|amount| amount.parse::<i128>().is_ok());
        assert!(submissions.iter().all(texts) && texts(&json["tokens"][0]), "{column}: {json}");
    }

    let hash = submissions[0]["reward_hash"].as_str().unwrap();
    let alone =
        done(&url, &[&audit[..], &["--json", "--reward-hash", &hash.to_uppercase().replace("0X", "0x")]].concat());
    let alone: Value = serde_json::from_str(&alone).unwrap();
    assert_eq!(alone["submissions"], json!([submissions[0]]));
    let unknown = on(&url, &[&audit[..], &["--reward-hash", &format!("0x{}", "e".repeat(64))]].concat());
    assert!(unknown.code == 1 && unknown.stderr.contains("there is no submission 0xeee"), "{}", unknown.stderr);
    let nothing = on(&url, &[&audit[..], &["--from", "2026-03-02", "--to", "2026-03-01"]].concat());
    assert!(nothing.code == 1 && nothing.stderr.contains("is after --to 2026-03-01"), "{}", nothing.stderr);
    let other = on(&url, &["audit", "--chain", "holesky"]);
    assert!(other.code == 1 && other.stderr.contains("holds runs of chain mainnet"), "{}", other.stderr);
    assert!(done(&url, &[&audit[..], &["--to", "2020-01-01"]].concat()).contains("closed: 0 submissions"));

    let spoilt: String = test_support::runtime().block_on(async {
        let client = database::connect(&database.config(), "test").await.unwrap();
        let spoil = "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE (tableoid, ctid) = \
            (SELECT tableoid, ctid FROM paydirt.gold_rows ORDER BY amount DESC LIMIT 1) RETURNING \
            (SELECT reward_hash FROM paydirt.gold_rewards WHERE id = reward)";
        client.query_one(spoil, &[]).await.unwrap().get(0)
    });
    let ran = on(&url, &audit);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("NOT closed: 1 of ") && ran.stdout.contains("difference"), "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("{spoilt} 2026-")), "{}", ran.stdout);
    let ran = on(&url, &[&audit[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &json["closes"], &json["open"][0]["reward_hash"]), (3, &json!(false), &json!(spoilt)));
    assert_eq!(json["tokens"].as_array().unwrap().iter().filter(|token| token["difference"] == "1").count(), 1);
}
