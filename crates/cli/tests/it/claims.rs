//! root, proof and distribution on a given database.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use test_support::{TestDatabase, TestServer};

use crate::support::{demo, done, on, paydirt, run};

const CUTOFF: &str = "2026-03-11";
const SNAPSHOT: &str = "2026-03-10";

/// The demo data with one cutoff run.
fn ran() -> TestDatabase {
    let database = TestServer::shared().create_database();
    let url = database.url();
    done(&url, &["migrate"]);
    done(&url, &["import", demo().to_str().unwrap()]);
    done(&url, &["run", "--chain", "mainnet", "--cutoff", CUTOFF]);
    database
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn execute(database: &TestDatabase, statements: &str) {
    test_support::runtime().block_on(async {
        let client = database::connect(&database.config(), "test").await.unwrap();
        client.batch_execute(statements).await.unwrap();
    });
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(json).collect()
}

#[test]
fn a_claim_verifies_and_a_tampered_one_is_3() {
    let database = ran();
    let url = database.url();
    let root = json(&done(&url, &["root", "--snapshot", SNAPSHOT, "--json"]));
    let text = done(&url, &["root", "--snapshot", "latest"]);
    assert!(text.starts_with(root["root"].as_str().unwrap()) && text.contains("snapshot 2026-03-10: "), "{text}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("amounts.jsonl");
    let distribution = ["distribution", "--snapshot", SNAPSHOT, "--out"];
    let said = done(&url, &[&distribution[..], &[file.to_str().unwrap()]].concat());
    assert!(said.contains(" pairs up to snapshot 2026-03-10\n"), "{said}");
    let amounts = lines(&std::fs::read_to_string(&file).unwrap());
    assert_eq!(lines(&done(&url, &[&distribution[..], &["-"]].concat())), amounts);
    assert_eq!(root["pairs"], amounts.len());
    let total: u128 =
        amounts.iter().map(|line| line["cumulative_amount"].as_str().unwrap().parse::<u128>().unwrap()).sum();
    assert_eq!(root["total"], total.to_string());
    let mut earners: Vec<&str> = amounts.iter().map(|line| line["earner"].as_str().unwrap()).collect();
    assert!(earners.is_sorted());
    earners.dedup();
    assert_eq!(root["earners"], earners.len());
    // Whoever has most tokens.
    let tokens_of = |earner: &str| -> Vec<&Value> { amounts.iter().filter(|line| line["earner"] == earner).collect() };
    let earner = earners.iter().copied().max_by_key(|earner| tokens_of(earner).len()).unwrap();
    let tokens: Vec<&str> = tokens_of(earner).iter().map(|line| line["token"].as_str().unwrap()).collect();
    assert!(tokens.len() > 1, "{amounts:?}");

    let proof = ["proof", "--snapshot", SNAPSHOT, "--earner", earner];
    let all = on(&url, &proof);
    assert_eq!(all.code, 0, "{}", all.stderr);
    assert!(all.stderr.contains("was not posted") && all.stderr.contains("RootIndex is 0"), "{}", all.stderr);
    let claim = json(&all.stdout);
    assert_eq!((&claim["Root"], &claim["EarnerLeaf"]["Earner"]), (&root["root"], &earner.into()));
    for (leaf, line) in claim["TokenLeaves"].as_array().unwrap().iter().zip(tokens_of(earner)) {
        assert_eq!((&leaf["Token"], &leaf["CumulativeEarnings"]), (&line["token"], &line["cumulative_amount"]));
    }
    // The caller's order, addresses as wallets show them.
    let upper = format!("0x{}", tokens[1][2..].to_uppercase());
    let some = done(&url, &[&proof[..], &["--token", &upper, "--token", tokens[0], "--root-index", "9"]].concat());
    let some = json(&some);
    assert_eq!((&some["LeafIndices"], &some["RootIndex"]), (&serde_json::json!([1, 0]), &9.into()));

    // Without any database.
    let file = folder.path().join("claim.json");
    let verify = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(paydirt().args(["proof", "verify"]).arg(&file))
    };
    let valid = verify(&all.stdout);
    assert_eq!(valid.code, 0, "{}{}", valid.stdout, valid.stderr);
    assert!(valid.stdout.contains(&format!("valid: earner {earner} under root ")), "{}", valid.stdout);
    let mut piped = paydirt();
    piped.args(["proof", "verify", "-"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut piped = piped.spawn().unwrap();
    piped.stdin.take().unwrap().write_all(some.to_string().as_bytes()).unwrap();
    assert_eq!(piped.wait().unwrap().code(), Some(0));

    let amount = claim["TokenLeaves"][0]["CumulativeEarnings"].as_str().unwrap();
    for (from, to, said) in [
        (format!("\"{amount}\""), format!("\"{amount}0\""), "TokenTreeProofs: entry 0"),
        (claim["Root"].as_str().unwrap().to_owned(), format!("0x{}", "0".repeat(64)), "EarnerTreeProof"),
        ("\"EarnerIndex\": ".to_owned(), "\"EarnerIndex\": 4294967".to_owned(), "EarnerIndex"),
        ("\"Root\"".to_owned(), "\"Rood\"".to_owned(), "Rood"),
    ] {
        assert_eq!(all.stdout.matches(&from).count(), 1, "{from}");
        let tampered = verify(&all.stdout.replace(&from, &to));
        assert_eq!(tampered.code, 3, "{from}: {}{}", tampered.stdout, tampered.stderr);
        assert!(tampered.stdout.contains("NOT valid: ") && tampered.stdout.contains(said), "{}", tampered.stdout);
    }
    for text in ["", "not JSON", &all.stdout[..all.stdout.len() / 2]] {
        let broken = verify(text);
        assert_eq!((broken.code, broken.stdout.as_str()), (1, ""), "{}", broken.stderr);
        assert!(broken.stderr.contains("claim.json is not JSON"), "{}", broken.stderr);
    }
    let missing = run(paydirt().args(["proof", "verify", "nowhere.json"]));
    assert!(missing.code == 1 && missing.stderr.contains("nowhere.json"), "{}", missing.stderr);

    let nobody = format!("0x{}", "9".repeat(40));
    for (arguments, said) in [
        (&["proof", "--snapshot", SNAPSHOT, "--earner", &nobody][..], format!("earner {nobody} has no cumulative")),
        (&[&proof[..], &["--token", &nobody]].concat(), format!("has no cumulative amount of token {nobody}")),
    ] {
        let refused = on(&url, arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(refused.stderr.contains(&said), "{}", refused.stderr);
    }
}

#[test]
fn a_distribution_appears_when_it_is_complete_or_not_at_all() {
    let database = ran();
    let url = database.url();
    let folder = tempfile::tempdir().unwrap();
    let names = || -> Vec<String> {
        let names = std::fs::read_dir(folder.path()).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let write = |snapshot: &str, path: &Path| {
        on(&url, &["distribution", "--snapshot", snapshot, "--out", path.to_str().unwrap()])
    };
    let file = folder.path().join("amounts.jsonl");
    std::fs::write(&file, "old").unwrap();
    for (snapshot, said) in [("2020-01-01", "nothing was paid up to"), (CUTOFF, "has not been computed")] {
        let refused = write(snapshot, &file);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{snapshot}");
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
    }
    // In the middle of the rows: the last earner has no text any more.
    let last = "(SELECT id FROM paydirt.gold_earners ORDER BY address DESC LIMIT 1)";
    execute(&database, &format!("UPDATE paydirt.gold_earners SET address = 'zz' WHERE id = {last}"));
    let broken = write(SNAPSHOT, &file);
    assert_eq!(broken.code, 1);
    assert!(broken.stderr.contains("earner 'zz' cannot be in a tree"), "{}", broken.stderr);
    assert_eq!((names(), std::fs::read_to_string(&file).unwrap().as_str()), (vec!["amounts.jsonl".to_owned()], "old"));

    execute(&database, &format!("UPDATE paydirt.gold_earners SET address = '0x{}' WHERE id = {last}", "f".repeat(40)));
    std::os::unix::fs::symlink(&file, folder.path().join("link")).unwrap();
    assert_eq!(write(SNAPSHOT, &folder.path().join("link")).code, 0);
    assert!(lines(&std::fs::read_to_string(&file).unwrap()).len() > 10);
    assert!(folder.path().join("link").is_symlink());
    assert_eq!(names().len(), 2, "{:?}", names());

    let refused = write(SNAPSHOT, folder.path());
    assert!(refused.code == 1 && refused.stderr.contains("is there and no file"), "{}", refused.stderr);
    let refused = write(SNAPSHOT, &folder.path().join("nowhere/amounts"));
    assert!(refused.code == 1 && refused.stderr.contains("nowhere"), "{}", refused.stderr);
}

#[test]
fn posted_roots_are_checked_and_one_that_differs_is_3() {
    let database = ran();
    let url = database.url();
    assert_eq!(done(&url, &["root", "--check"]), "no root was posted yet\n");
    assert_eq!(done(&url, &["root", "--check", "--json"]), "[]\n");
    let root = json(&done(&url, &["root", "--snapshot", SNAPSHOT, "--json"]))["root"].as_str().unwrap().to_owned();
    let post = |root: &str, index: u32, end: &str| {
        let values = format!("('{root}', {index}, '{end}', '', '{end}', '', 0, {index}, 'tx', {index})");
        execute(&database, &format!("INSERT INTO submitted_distribution_roots VALUES {values}"));
    };
    post(&root, 4, "2026-03-10");
    post(&root, 5, "2026-03-11");
    let clean = done(&url, &["root", "--check"]);
    assert!(clean.contains("| equal ") && clean.ends_with("1 equal, 0 different, 1 not computable\n"), "{clean}");
    assert!(clean.contains("not computable: snapshot 2026-03-11 has not been computed"), "{clean}");
    let earner = json(done(&url, &["distribution", "--snapshot", SNAPSHOT, "--out", "-"]).lines().next().unwrap());
    let proof = on(&url, &["proof", "--snapshot", "latest", "--earner", earner["earner"].as_str().unwrap()]);
    assert_eq!((json(&proof.stdout)["RootIndex"].as_u64(), proof.stderr.as_str()), (Some(4), ""));

    post(&format!("0x{}", "12".repeat(32)), 6, "2026-03-09");
    let differs = on(&url, &["root", "--check"]);
    assert_eq!(differs.code, 3, "{}", differs.stderr);
    assert!(differs.stdout.contains("DIFFERENT: ours is 0x"), "{}", differs.stdout);
    assert!(differs.stdout.ends_with("1 equal, 1 different, 1 not computable\n"), "{}", differs.stdout);
    let listed = on(&url, &["root", "--check", "--json"]);
    let results: Vec<Value> =
        json(&listed.stdout).as_array().unwrap().iter().map(|posted| posted["result"].clone()).collect();
    assert_eq!((listed.code, results), (3, vec!["equal".into(), "not_computable".into(), "different".into()]));

    execute(&database, "DROP TABLE submitted_distribution_roots");
    let missing = on(&url, &["root", "--check"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("has no table submitted_distribution_roots"), "{}", missing.stderr);
}

#[test]
fn what_cannot_be_meant_is_2() {
    let address = format!("0x{}", "1".repeat(40));
    for arguments in [
        &["root"][..],
        &["root", "--snapshot", "2026-3-1"],
        &["root", "--snapshot", "yesterday"],
        &["root", "--snapshot", SNAPSHOT, "--check"],
        &["proof"],
        &["proof", "--snapshot", SNAPSHOT],
        &["proof", "--earner", &address],
        &["proof", "--snapshot", SNAPSHOT, "--earner", &address[..41]],
        &["proof", "--snapshot", SNAPSHOT, "--earner", &address, "--token", "USDC"],
        &["proof", "--snapshot", SNAPSHOT, "--earner", &address, "--root-index", "-1"],
        &["proof", "verify"],
        &["distribution", "--snapshot", SNAPSHOT],
        &["distribution", "--out", "-"],
    ] {
        let ran = run(paydirt().args(arguments));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_case_whose_root_differs_is_named() {
    let database = TestServer::shared().create_database();
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("rooted");
    crate::support::copy(&test_support::repo_root().join("fixtures/cases/stake-weighted"), &case);
    let file = case.join("expected/root.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let pairs = json(&text)["pairs"].as_u64().unwrap();
    std::fs::write(&file, text.replace(&format!("\"pairs\": {pairs}"), "\"pairs\": 1")).unwrap();
    let differs = on(&database.url(), &["case", case.to_str().unwrap()]);
    assert_eq!(differs.code, 1, "{}", differs.stderr);
    assert!(differs.stdout.contains(&format!("pairs: expected 1, computed {pairs}")), "{}", differs.stdout);
    std::fs::write(&file, "{}").unwrap();
    let broken = on(&database.url(), &["case", case.to_str().unwrap()]);
    assert!(broken.code == 1 && broken.stderr.contains("root.json"), "{}", broken.stderr);
}
