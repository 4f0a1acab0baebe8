//! `paydirt case`.

use test_support::TestServer;

use crate::support::{copy, on, open_folder, paydirt, run};

#[test]
fn a_tampered_amount_is_found_and_shown_and_no_database_stays() {
    let database = TestServer::shared().create_database();
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("tampered");
    copy(&test_support::repo_root().join("fixtures/cases/operator-sets"), &case);

    let url = database.url();
    let good = on(&url, &["case", case.to_str().unwrap()]);
    assert_eq!(good.code, 0, "{}{}", good.stdout, good.stderr);
    assert!(good.stdout.contains("1 of 1 cases without a difference"), "{}", good.stdout);

    let gold = std::fs::read_dir(case.join("expected/gold")).unwrap().map(|entry| entry.unwrap().path());
    let file = gold.max().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let (rest, amount) = text.trim_end().rsplit_once(',').unwrap();
    std::fs::write(&file, format!("{rest},{amount}1\n")).unwrap();
    let bad = on(&url, &["case", case.to_str().unwrap()]);
    assert_eq!(bad.code, 1, "{}", bad.stdout);
    assert!(bad.stdout.contains(&format!("amount: expected {amount}1, computed {amount}")), "{}", bad.stdout);

    let left = test_support::runtime().block_on(async {
        let (client, connection) = database.config().connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let count = "SELECT count(*) FROM pg_database WHERE datname LIKE 'paydirt\\_case%tampered%'";
        client.query_one(count, &[]).await.unwrap().get::<_, i64>(0)
    });
    assert_eq!(left, 0);
}

#[test]
fn a_folder_that_is_no_case_fails() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestServer::shared().create_database();
    let ran = on(&database.url(), &["case", folder.path().to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("case.toml"), "{}", ran.stderr);
}

#[test]
fn an_unreachable_server_is_4_for_cases_too() {
    let case = test_support::repo_root().join("fixtures/cases/operator-sets");
    let ran = run(paydirt().args(["--database-url", "postgresql://nobody@127.0.0.1:1/x", "case"]).arg(case));
    assert_eq!(ran.code, 4, "{}", ran.stderr);
}

#[test]
fn a_server_that_was_started_for_the_cases_is_stopped_again() {
    let folder = open_folder();
    let home = folder.path().join("home");
    let case = test_support::repo_root().join("fixtures/cases/operator-sets");
    let ran = run(paydirt().arg("--home").arg(&home).arg("case").arg(case));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let status = run(paydirt().arg("--home").arg(&home).args(["db", "status"]));
    assert_eq!(status.stdout.lines().next(), Some("not running"));
}
