//! `paydirt explain` on the demo.

use serde_json::Value;
use test_support::{TestServer, runtime};

use crate::support::{demo, done, on};

/// What the tests ask for: earner, snapshot, reward hash.
struct Row(String, String, String);

async fn query(url: &str, query: &str) -> Vec<Row> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let rows = client.query(query, &[]).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    rows.iter().map(|row| Row(row.get(0), row.get(1), row.get(2))).collect()
}

fn execute(url: &str, statement: &str) {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(statement).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    });
}

fn explain<'a>(row: &'a Row, more: &[&'a str]) -> Vec<&'a str> {
    let of = ["explain", "--chain", "mainnet", "--earner", &row.0, "--snapshot", &row.1, "--reward-hash", &row.2];
    [&of, more].concat()
}

#[test]
fn an_amount_in_words_and_as_data_and_when_it_is_spoilt() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    for cutoff in ["2026-03-01", "2026-03-11"] {
        done(&url, &["run", "--chain", "mainnet", "--cutoff", cutoff]);
    }
    let of_a_staker = "SELECT g.earner, g.snapshot::text, g.reward_hash FROM paydirt.gold_table g \
         JOIN reward_submissions r ON r.reward_hash = g.reward_hash AND r.reward_type = 'avs' \
         WHERE g.amount > 0 AND g.earner IN (SELECT staker FROM staker_delegation_changes) \
           AND g.earner NOT IN (SELECT operator FROM staker_delegation_changes) ORDER BY 2, 3, 1 LIMIT 1";
    let row = runtime().block_on(query(&url, of_a_staker)).remove(0);

    let text = done(&url, &explain(&row, &[]));
    let without_chain: Vec<&str> =
        explain(&row, &[]).into_iter().filter(|argument| !["--chain", "mainnet"].contains(argument)).collect();
    assert_eq!(done(&url, &without_chain), text, "the chain is that of the runs");
    for part in [
        &format!("submission {} (avs)", row.2),
        ", equal\n",
        "  submitted by 0x",
        "  computed by run ",
        "its window: ",
        "step 2 (02_staker_reward_amounts), as staker: ",
        "    delegated to operator 0x",
        " × multiplier ",
        " as PostgreSQL divides, cut to 15 decimals: ",
        "(the rule from Nile on, and always in strict mode)",
        " bips, ",
        "    the staker's part: ",
        "  pool of the day: floor(",
        "; remainder: ",
        "    delegation of ",
        "    registration of 0x",
        " restaked by 0x",
        "    shares of ",
    ] {
        assert!(text.contains(part), "no '{part}' in:\n{text}");
    }

    let json: Value = serde_json::from_str(&done(&url, &explain(&row, &["--json"]))).unwrap();
    let amount = &json["amounts"][0];
    assert_eq!((&json["equal"], &amount["verdict"]), (&Value::Bool(true), &Value::from("equal")));
    assert_eq!(amount["explained"][0]["amount"], amount["stored"][0]["amount"]);
    assert_eq!(amount["parts"][0]["values"]["staker_tokens"], amount["explained"][0]["amount"]);
    assert!(amount["events"].as_array().unwrap().len() >= 4, "{json:#}");

    // Without a hash, all submissions of the day; addresses in any case.
    let upper = row.0.to_uppercase().replace("0X", "0x");
    let all = ["explain", "--chain", "mainnet", "--earner", &upper, "--snapshot", &row.1];
    let all = done(&url, &all);
    assert!(all.contains(&row.2) && all.matches("\nsubmission 0x").count() > 1, "{all}");
    assert!(all.contains("  nothing, because:\n    as "), "{all}");
    let token = amount["explained"][0]["token"].as_str().unwrap();
    let of_token = ["explain", "--chain", "mainnet", "--earner", &row.0, "--snapshot", &row.1, "--token", token];
    assert!(done(&url, &of_token).contains(&row.2));
    let of_no_day = ["explain", "--chain", "mainnet", "--earner", &row.0, "--snapshot", "2020-01-01"];
    assert!(done(&url, &of_no_day).contains("no submission that was asked for has that day"));

    let Row(earner, snapshot, hash) = &row;
    execute(
        &url,
        &format!(
            "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE snapshot = '{snapshot}' \
             AND earner = (SELECT id FROM paydirt.gold_earners WHERE address = '{earner}') \
             AND reward = (SELECT id FROM paydirt.gold_rewards WHERE reward_hash = '{hash}')"
        ),
    );
    let spoilt = on(&url, &explain(&row, &[]));
    assert_eq!(spoilt.code, 3, "{}{}", spoilt.stdout, spoilt.stderr);
    assert!(spoilt.stdout.contains("— DIFFERS FROM GOLD"), "{}", spoilt.stdout);
    assert!(spoilt.stdout.contains("GOLD DIFFERS from what silver gives now, for 1 submission"), "{}", spoilt.stdout);
    let spoilt = on(&url, &explain(&row, &["--json"]));
    assert_eq!(spoilt.code, 3);
    assert!(spoilt.stdout.contains("\"verdict\": \"differs\""), "{}", spoilt.stdout);
}

#[test]
fn what_cannot_be_asked() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    let (address, hash) = (format!("0x{}", "a".repeat(40)), format!("0x{}", "b".repeat(64)));
    let no_chain = on(&url, &["explain", "--earner", &address, "--snapshot", "2026-03-01"]);
    assert_eq!(no_chain.code, 1);
    assert!(no_chain.stderr.contains("schema 'paydirt' has no runs yet, so it has no chain"), "{}", no_chain.stderr);
    let asked = |earner: &str, snapshot: &str, more: &[&str]| {
        on(&url, &[&["explain", "--chain", "mainnet", "--earner", earner, "--snapshot", snapshot], more].concat())
    };
    for (earner, snapshot, more, message) in [
        ("0xabc", "2026-03-01", &[][..], "is not an address"),
        (&address[2..], "2026-03-01", &[], "is not an address"),
        (&address.replace('a', "g"), "2026-03-01", &[], "is not an address"),
        (&address, "2026-3-1", &[], "is not a date"),
        (&address, "latest", &[], "a date YYYY-MM-DD is needed"),
        (&address, "2026-03-01", &["--reward-hash", &address], "is not a hash"),
        (&address, "2026-03-01", &["--token", "usd"], "is not an address"),
        (&address, "2026-03-01", &["--token", &address, "--reward-hash", &hash], "cannot be used with"),
    ] {
        let ran = asked(earner, snapshot, more);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{earner} {snapshot} {more:?}");
        assert!(ran.stderr.contains(message), "{earner} {snapshot} {more:?}: {}", ran.stderr);
    }
    let unknown = asked(&address, "2026-03-01", &["--reward-hash", &hash]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (1, ""));
    assert!(unknown.stderr.contains("there is no submission"), "{}", unknown.stderr);
}
