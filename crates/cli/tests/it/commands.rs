//! migrate, import, plan, run and status on a given database.

use test_support::TestServer;

use crate::support::{demo, done, on, paydirt, run};

const FIRST: &str = "2026-03-01";
const SECOND: &str = "2026-03-11";

#[test]
fn a_night_from_migration_to_status() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    let demo = demo();
    let demo = demo.to_str().unwrap();
    assert!(done(&url, &["migrate"]).contains("applied 0003_gold"));
    assert_eq!(done(&url, &["migrate", "up"]), "nothing to do\n");
    assert_eq!(done(&url, &["status"]), "no runs yet\n");
    assert_eq!(done(&url, &["status", "--json"]), "[]\n");

    let imported = done(&url, &["import", demo, "--json"]);
    assert!(imported.contains("\"operator_restaked_strategies\""), "{imported}");

    let which = ["--chain", "mainnet", "--cutoff", FIRST];
    let plan = done(&url, &[&["plan"], &which[..]].concat());
    assert!(plan.contains("units of work: "), "{plan}");
    assert_eq!(done(&url, &["status", "--json"]), "[]\n", "a plan leaves nothing behind");

    let first = done(&url, &[&["run", "--json"], &which[..]].concat());
    assert!(first.contains("\"outcome\": \"complete\"") && first.contains("\"gold_rows\": 334"), "{first}");
    for stage in [
        "check", "silver", "plan", "state", "compute", "write", "ledger", "commit", "complete", "index", "analyze",
        "balance",
    ] {
        assert!(first.contains(&format!("\"{stage}\": ")), "{stage}: {first}");
    }
    let again = done(&url, &[&["run", "--json"], &which[..]].concat());
    assert!(again.contains("\"outcome\": \"already_complete\""), "{again}");
    assert!(done(&url, &["run", "--chain", "mainnet", "--cutoff", SECOND]).contains("825 gold rows"));
    let earlier = done(&url, &["run", "--chain", "mainnet", "--cutoff", "2026-03-05"]);
    assert!(earlier.contains("covered by the complete run 2026-03-11"), "{earlier}");

    let status = done(&url, &["status"]);
    assert_eq!(status.matches("complete").count(), 2, "{status}");

    let units = done(&url, &["status", "--run", "2"]);
    assert!(units.contains("| unit | days") && units.contains("| done  |"), "{units}");
    assert!(done(&url, &["status", "--run", "2", "--json"]).contains("\"first_snapshot\": \"2026-"), "{units}");
    let unknown = on(&url, &["status", "--run", "99"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("there is no run 99"), "{}", unknown.stderr);

    let refused = on(&url, &["migrate", "down", "--to", "0"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("2 complete runs") && refused.stderr.contains("--yes"), "{}", refused.stderr);
}

#[test]
fn a_refused_run_says_why_and_changes_nothing() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    let missing = on(&url, &["run", "--chain", "mainnet", "--cutoff", FIRST]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("run: paydirt migrate"), "{}", missing.stderr);

    done(&url, &["migrate"]);
    let empty = on(&url, &["run", "--chain", "mainnet", "--cutoff", FIRST]);
    assert_eq!(empty.code, 1);
    assert!(empty.stderr.contains("table blocks in schema 'public' is empty"), "{}", empty.stderr);

    done(&url, &["import", demo().to_str().unwrap()]);
    for (cutoff, message) in [
        ("2099-01-01", "is in the future"),
        ("2026-04-03", "the newest block is of 2026-04-02"),
        ("1970-01-01", "is not covered by the fork table of mainnet"),
    ] {
        let ran = on(&url, &["run", "--chain", "mainnet", "--cutoff", cutoff]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{cutoff}");
        assert!(ran.stderr.contains(message), "{cutoff}: {}", ran.stderr);
    }
    let daily = on(&url, &["run", "--chain", "mainnet", "--cutoff", FIRST, "--source", "snapshots"]);
    assert_eq!(daily.code, 1);
    assert!(daily.stderr.contains("missing: ") && daily.stderr.contains("staker_share_snapshots"), "{}", daily.stderr);
    assert_eq!(done(&url, &["status", "--json"]), "[]\n");
}

#[test]
fn a_bad_submission_is_named_and_can_be_set_aside() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    let hash = test_support::runtime().block_on(async {
        let (client, connection) = database.config().connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let row = client
            .query_one(
                "SELECT min(r.reward_hash) FROM reward_submissions r JOIN blocks b ON b.number = r.block_number \
                 WHERE b.block_time < '2026-03-01'",
                &[],
            )
            .await
            .unwrap();
        let hash: String = row.get(0);
        client.execute("UPDATE reward_submissions SET duration = 3600 WHERE reward_hash = $1", &[&hash]).await.unwrap();
        hash
    });
    let run = ["run", "--chain", "mainnet", "--cutoff", SECOND];
    let refused = on(&url, &run);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains(&hash) && refused.stderr.contains("shorter than a day"), "{}", refused.stderr);
    assert_eq!(done(&url, &["status", "--json"]), "[]\n");

    let set_aside = on(&url, &[&run[..], &["--quarantine"]].concat());
    assert_eq!(set_aside.code, 0, "{}", set_aside.stderr);
    assert!(set_aside.stderr.contains(&format!("set aside {hash}")), "{}", set_aside.stderr);
    let later = on(&url, &["run", "--chain", "mainnet", "--cutoff", "2026-03-12"]);
    assert_eq!(later.code, 0, "a submission in quarantine stays there: {}", later.stderr);
    assert!(later.stderr.contains("leaving out 1 submission"), "{}", later.stderr);
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["run"][..],
        &["run", "--chain", "goerli", "--cutoff", FIRST],
        &["run", "--chain", "mainnet", "--cutoff", "2026-3-1"],
        &["run", "--chain", "mainnet", "--cutoff", FIRST, "--source", "tea leaves"],
        &["migrate", "down"],
        &["audit"],
        &["audit", "--chain", "mainnet", "--reward-hash", "0x12"],
        &["audit", "--chain", "mainnet", "--from", "latest"],
        &["audit", "--chain", "mainnet", "--to", "2026-2-30"],
        &["audit", "--chain", "mainnet", "--memory-limit", "a little"],
        &["case"],
        &["dig"],
    ] {
        let ran = run(paydirt().args(arguments));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn an_unreachable_database_is_4() {
    let ran = on("postgresql://nobody@127.0.0.1:1/nowhere", &["status"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("127.0.0.1"), "{}", ran.stderr);
    let ran = run(paydirt().env("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere").arg("status"));
    assert_eq!(ran.code, 4);
}

#[test]
fn nothing_is_coloured_when_nobody_looks() {
    let ran = run(paydirt().arg("--help"));
    assert!(!ran.stdout.contains('\u{1b}'));
    assert!(ran.stdout.contains("Exit codes: 0 done"), "{}", ran.stdout);
}

#[test]
fn the_sql_engine_pays_the_same_and_verify_names_a_tampered_row() {
    let (native, sql) = (TestServer::shared().create_database(), TestServer::shared().create_database());
    let demo = demo();
    for (database, engine) in [(&native, "native"), (&sql, "sql")] {
        let url = database.url();
        done(&url, &["migrate"]);
        done(&url, &["import", demo.to_str().unwrap()]);
        for cutoff in [FIRST, SECOND] {
            done(&url, &["run", "--chain", "mainnet", "--cutoff", cutoff, "--engine", engine]);
        }
        assert!(done(&url, &["status", "--json"]).contains(&format!("\"engine\": \"{engine}\"")));
    }
    let gold = "SELECT string_agg(g::text, chr(10) ORDER BY g::text) FROM paydirt.gold_table g";
    let of = |database: &test_support::TestDatabase| {
        test_support::runtime().block_on(async {
            let client = database::connect(&database.config(), "test").await.unwrap();
            client.query_one(gold, &[]).await.unwrap().get::<_, String>(0)
        })
    };
    assert!(of(&native) == of(&sql), "both engines append the same rows");

    let url = native.url();
    let verify = ["verify", "--chain", "mainnet", "--cutoff", SECOND];
    let clean = done(&url, &verify);
    assert!(clean.contains("| 22_staging ") && clean.contains("\nequal: "), "{clean}");
    assert!(done(&url, &["check"]).ends_with("12 invariants hold\n"));
    test_support::runtime().block_on(async {
        let client = database::connect(&native.config(), "test").await.unwrap();
        let tamper = "UPDATE paydirt.gold_rows SET amount = amount + 1 WHERE (snapshot, earner, reward) = \
            (SELECT snapshot, earner, reward FROM paydirt.gold_rows WHERE snapshot = '2026-03-05' ORDER BY 1, 2, 3 LIMIT 1)";
        assert_eq!(client.execute(tamper, &[]).await.unwrap(), 1);
    });
    let tampered = on(&url, &verify);
    assert_eq!(tampered.code, 3, "{}{}", tampered.stdout, tampered.stderr);
    assert!(tampered.stdout.contains("gold_table 2026-03-05: 2 rows on one side only"), "{}", tampered.stdout);
    assert_eq!(tampered.stdout.matches("\n  - ").count(), 1, "exactly that row: {}", tampered.stdout);
    let json = on(&url, &[&verify[..], &["--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, report["equal"].as_bool()), (3, Some(false)));

    for (arguments, code, message) in [
        (&["verify", "--chain", "mainnet", "--cutoff", "2026-03-05"][..], 1, "the complete run 2026-03-11 covers it"),
        (&["verify", "--chain", "mainnet", "--cutoff", SECOND, "--against", "gold"], 1, "has no table gold_table"),
        (&["verify", "--chain", "mainnet", "--cutoff", SECOND, "--against", "snapshots"], 1, "missing: "),
        (&["verify", "--chain", "mainnet", "--cutoff", SECOND, "--from", "yesterday"], 2, "is not a date"),
        (&["verify", "--chain", "mainnet", "--cutoff", SECOND, "--from", "latest"], 2, "a date YYYY-MM-DD is needed"),
        (&["verify", "--chain", "mainnet", "--cutoff", "2099-01-01"], 1, "is in the future"),
    ] {
        let ran = on(&url, arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_violated_invariant_is_named_and_exits_with_3() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    let early = on(&url, &["check"]);
    assert!(early.code == 1 && early.stderr.contains("run: paydirt migrate"), "{}", early.stderr);
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    done(&url, &["run", "--chain", "mainnet", "--cutoff", FIRST]);
    test_support::runtime().block_on(async {
        let client = database::connect(&database.config(), "test").await.unwrap();
        client.batch_execute("UPDATE paydirt.watermarks SET last_snapshot = last_snapshot + 1").await.unwrap();
    });
    let ran = on(&url, &["check"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stdout.contains("watermark (sql/checks/watermark.sql), the first rows:"), "{}", ran.stdout);
    let json = on(&url, &["check", "--json"]);
    let reports: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &reports[0]["invariant"]), (3, &serde_json::json!("watermark")));
    assert!(reports[0]["violations"].as_u64().unwrap() > 0);
}

#[test]
fn undo_shows_what_it_would_remove_asks_and_removes_it() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    assert_eq!(done(&url, &["undo", "--from-cutoff", FIRST]), "no run is concerned, nothing to do\n");
    done(&url, &["run", "--chain", "mainnet", "--cutoff", FIRST]);
    done(&url, &["run", "--chain", "mainnet", "--cutoff", SECOND]);

    let unasked = on(&url, &["undo", "--run", "2"]);
    assert_eq!(unasked.code, 1, "nobody is there to say yes");
    assert!(unasked.stdout.contains("| 825 |") || unasked.stdout.contains("825 |"), "{}", unasked.stdout);
    assert!(unasked.stderr.contains("nothing was undone; give --yes"), "{}", unasked.stderr);
    let not_newest = on(&url, &["undo", "--run", "1", "--yes"]);
    assert_eq!(not_newest.code, 1);
    assert!(not_newest.stderr.contains("--from-cutoff 2026-03-01"), "{}", not_newest.stderr);
    for wrong in [&["undo"][..], &["undo", "--run", "1", "--from-block", "5"], &["undo", "--run", "2", "--json"]] {
        assert_eq!(on(&url, wrong).code, 2, "{wrong:?}");
    }
    assert_eq!(done(&url, &["status", "--json"]).matches("complete").count(), 2, "nothing has changed");

    assert!(done(&url, &["undo", "--run", "2", "--yes"]).ends_with("undone: 1 run with 825 gold rows\n"));
    assert!(done(&url, &["check"]).ends_with("12 invariants hold\n"));
    assert!(done(&url, &["run", "--chain", "mainnet", "--cutoff", SECOND]).contains("825 gold rows"));
    let json = done(&url, &["undo", "--from-cutoff", "2026-01-01", "--yes", "--json"]);
    let undone: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((undone[0]["gold_rows"].as_i64(), undone[1]["gold_rows"].as_i64()), (Some(825), Some(334)));
    assert_eq!(done(&url, &["status"]), "no runs yet\n");
}

/// Waits until a condition on the database holds.
async fn wait_for(client: &tokio_postgres::Client, condition: &str) {
    for _ in 0..2000 {
        if client.query_one(condition, &[]).await.unwrap().get::<_, bool>(0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never: {condition}");
}

#[test]
fn a_second_run_names_the_first_and_a_signal_stops_it_and_the_same_command_goes_on() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    done(&url, &["run", "--chain", "mainnet", "--cutoff", FIRST]);
    let arguments = ["--database-url", url.as_str(), "run", "--chain", "mainnet", "--cutoff", SECOND];
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        test_support::runtime().block_on(async {
            let client = database::connect(&database.config(), "test").await.unwrap();
            // Writers have to wait: the run stays in its first unit.
            client.batch_execute("BEGIN; LOCK TABLE paydirt.gold_rows IN SHARE MODE").await.unwrap();
            let child = paydirt().args(arguments).stderr(std::process::Stdio::piped()).spawn().unwrap();
            let watcher = database::connect(&database.config(), "watcher").await.unwrap();
            let waits =
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation::regclass::text LIKE '%gold\\_rows%')";
            wait_for(&watcher, waits).await;

            let second = run(paydirt().args(arguments));
            assert_eq!(second.code, 5, "{}", second.stderr);
            assert!(second.stderr.contains(&format!("run by process {} on ", child.id())), "{}", second.stderr);

            let started = std::time::Instant::now();
            let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
            assert!(sent.success());
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(started.elapsed().as_secs() < 8, "five seconds, and some for a busy machine");
            client.batch_execute("COMMIT").await.unwrap();
            // The server notices a little later that the session is gone.
            wait_for(&watcher, "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')").await;
        });
        let status = done(&url, &["status", "--json"]);
        assert_eq!(status.matches("\"complete\"").count(), 1, "{status}");
    }
    let resumed = on(&url, &["run", "--chain", "mainnet", "--cutoff", SECOND]);
    assert!(resumed.code == 0 && resumed.stdout.contains("825 gold rows"), "{}{}", resumed.stdout, resumed.stderr);
    assert!(resumed.stderr.contains("going on with run 2"), "{}", resumed.stderr);
    assert!(done(&url, &["check"]).ends_with("12 invariants hold\n"));
}

#[test]
fn a_lost_connection_is_made_again_and_the_run_goes_on() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    let arguments = ["--database-url", url.as_str(), "run", "--chain", "mainnet", "--cutoff", SECOND];
    test_support::runtime().block_on(async {
        let client = database::connect(&database.config(), "test").await.unwrap();
        // Partitions are made with the plan: the run has to get past that.
        let ahead = "SELECT paydirt.ensure_gold_partitions('2025-12-01', '2026-06-30')";
        client.batch_execute(ahead).await.unwrap();
        client.batch_execute("BEGIN; LOCK TABLE paydirt.gold_rows IN SHARE MODE").await.unwrap();
        let mut command = paydirt();
        command.args(arguments).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let child = command.spawn().unwrap();
        let watcher = database::connect(&database.config(), "watcher").await.unwrap();
        let waits =
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation::regclass::text LIKE '%gold\\_rows%')";
        for _ in 0..2 {
            wait_for(&watcher, waits).await;
            let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted \
                AND relation::regclass::text LIKE '%gold\\_rows%'";
            assert!(watcher.query_one(kill, &[]).await.unwrap().get::<_, i64>(0) > 0);
            wait_for(&watcher, &waits.replace("EXISTS", "NOT EXISTS")).await;
        }
        client.batch_execute("COMMIT").await.unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(stderr.matches("trying again in").count() >= 2 && stderr.contains("going on with run 1"), "{stderr}");
    });
    assert!(done(&url, &["check"]).ends_with("12 invariants hold\n"));
    let undisturbed = TestServer::shared().create_database();
    done(&undisturbed.url(), &["migrate"]);
    done(&undisturbed.url(), &["import", demo().to_str().unwrap()]);
    done(&undisturbed.url(), &["run", "--chain", "mainnet", "--cutoff", SECOND]);
    let gold = |database: &test_support::TestDatabase| {
        test_support::runtime().block_on(async {
            let client = database::connect(&database.config(), "test").await.unwrap();
            let gold = "SELECT string_agg(g::text, chr(10) ORDER BY g::text) FROM paydirt.gold_table g";
            client.query_one(gold, &[]).await.unwrap().get::<_, String>(0)
        })
    };
    assert!(gold(&database) == gold(&undisturbed));
}

#[test]
fn partitions_are_listed_made_and_dropped_after_asking() {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    assert_eq!(done(&url, &["partitions", "list"]), "no partitions yet\n");
    done(&url, &["import", demo().to_str().unwrap()]);
    assert_eq!(on(&url, &["run", "--chain", "mainnet", "--cutoff", FIRST, "--ahead", "25"]).code, 2);
    done(&url, &["run", "--chain", "mainnet", "--cutoff", SECOND, "--ahead", "0"]);
    let list = done(&url, &["partitions", "list"]);
    assert!(list.contains("| gold_rows_2026_03 | 2026-03-01 | 2026-03-31 |") && !list.contains("2026_04"), "{list}");
    assert!(done(&url, &["partitions", "ensure", "--ahead", "1"]).contains("made gold_rows_2026_04\n"));
    assert_eq!(done(&url, &["partitions", "ensure", "--ahead", "1"]), "nothing to do\n");

    let drop = ["partitions", "drop", "--before", "2026-03-01"];
    let refused = on(&url, &drop);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("is still needed: submission 0x"), "{}", refused.stderr);
    test_support::runtime().block_on(async {
        let client = database::connect(&database.config(), "test").await.unwrap();
        let over = "INSERT INTO paydirt.quarantine (reward_hash, source_table, reason, cutoff) \
            SELECT DISTINCT reward_hash, 'test', 'over', date '2026-03-11' FROM ( \
            SELECT reward_hash FROM reward_submissions UNION SELECT reward_hash FROM operator_directed_reward_submissions \
            UNION SELECT reward_hash FROM operator_directed_operator_set_reward_submissions \
            UNION SELECT reward_hash FROM unique_stake_reward_submissions \
            UNION SELECT reward_hash FROM total_stake_reward_submissions) s";
        client.batch_execute(over).await.unwrap();
    });
    let shown = done(&url, &[&drop[..], &["--dry-run"]].concat());
    assert!(shown.contains("gold_rows_2026_02") && shown.contains("would be dropped\n"), "{shown}");
    let unasked = on(&url, &drop);
    assert_eq!(unasked.code, 1, "nobody is there to say yes");
    assert!(unasked.stderr.contains("nothing was dropped; give --yes"), "{}", unasked.stderr);
    assert_eq!(on(&url, &[&drop[..], &["--json"]].concat()).code, 1);
    assert_eq!(on(&url, &[&drop[..], &["--yes", "--dry-run"]].concat()).code, 2);
    let json = done(&url, &[&drop[..], &["--yes", "--json"]].concat());
    let dropped: serde_json::Value = serde_json::from_str(&json).unwrap();
    let february = dropped.as_array().unwrap().last().unwrap();
    assert!(february["name"] == "gold_rows_2026_02" && february["gold_rows"].as_i64() > Some(0), "{json}");
    assert!(done(&url, &drop).starts_with("no partition is all before 2026-03-01"));
    assert!(!done(&url, &["partitions", "list", "--json"]).contains("2026_02"));
    assert!(done(&url, &["check"]).ends_with("12 invariants hold\n"));
}
