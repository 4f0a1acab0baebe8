//! Databases with data, and runs on them.

use std::path::{Path, PathBuf};

use bronze::ImportProgress;
use case_runner::Case;
use database::connect;
use dataset_generator::{Params, generate};
use pipeline::{
    CutoffArgument, RunError, RunOutcome, RunRequest, RunSummary, Schemas, Silent, Source, check_invariants,
    migrate_up, run,
};
use reward_rules::Day;
use test_support::{TestDatabase, TestServer};
use tokio_postgres::Client;

struct Quiet;

impl ImportProgress for Quiet {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn done(&self, _: &str, _: u64) {}
}

/// The cases of this repository and, where they are, the shared ones.
pub(crate) fn case_folders() -> Vec<PathBuf> {
    let own = test_support::repo_root().join("fixtures/cases");
    let mut folders: Vec<PathBuf> = [Some(own), test_support::shared_cases()]
        .into_iter()
        .flatten()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|folder| folder.join("case.toml").exists())
        .collect();
    folders.sort();
    assert!(folders.len() >= 3);
    folders
}

pub(crate) fn own_case(name: &str) -> Case {
    Case::read(&test_support::repo_root().join("fixtures/cases").join(name)).unwrap()
}

/// A migrated database with a connection.
pub(crate) async fn migrated() -> (TestDatabase, Client) {
    let database = TestServer::shared().create_database();
    let mut client = connect(&database.config(), "test").await.unwrap();
    migrate_up(&mut client, &Schemas::default()).await.unwrap();
    (database, client)
}

/// A random dataset, imported but not run.
pub(crate) async fn random(seed: u64) -> (TestDatabase, Client, Case) {
    let folder = tempfile::tempdir().unwrap();
    generate(&Params::draw(seed)).write(folder.path()).unwrap();
    let case = Case::read(folder.path()).unwrap();
    let (database, mut client) = migrated().await;
    import(&mut client, folder.path()).await;
    (database, client, case)
}

pub(crate) async fn import(client: &mut Client, folder: &Path) {
    bronze::import(client, "public", folder, &Quiet).await.unwrap();
}

pub(crate) fn request(case: &Case, cutoff: Day, source: Source) -> RunRequest {
    RunRequest {
        source,
        past_newest_block: true,
        balance_rows: Some(1),
        ..RunRequest::new(case.chain, CutoffArgument::Date(cutoff))
    }
}

pub(crate) async fn try_run(
    client: &mut Client,
    case: &Case,
    cutoff: Day,
    source: Source,
) -> Result<RunOutcome, RunError> {
    run(client, &Schemas::default(), &request(case, cutoff, source), &Silent).await
}

pub(crate) async fn complete(client: &mut Client, case: &Case, cutoff: Day, source: Source) -> RunSummary {
    let outcome = try_run(client, case, cutoff, source).await.unwrap();
    let reports = check_invariants(client, &Schemas::default(), &Silent).await.unwrap();
    assert!(reports.iter().all(|report| report.violations == 0), "after {cutoff}: {reports:?}");
    match outcome {
        RunOutcome::Completed(summary) => *summary,
        RunOutcome::AlreadyComplete { cutoff, done_by } => panic!("{cutoff} was done by {done_by}"),
    }
}

/// The only column of a query as text, in the order of the query.
pub(crate) async fn texts(client: &Client, query: &str) -> Vec<String> {
    client
        .query(query, &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get::<_, Option<String>>(0).unwrap_or_default())
        .collect()
}

/// Gold with the run that wrote each row.
pub(crate) const GOLD: &str = "SELECT concat_ws(',', r.cutoff, g.earner, g.snapshot, g.reward_hash, g.token, g.amount) \
    FROM paydirt.gold_table g \
    JOIN paydirt.gold_windows w ON w.reward_hash = g.reward_hash \
        AND g.snapshot BETWEEN w.first_snapshot AND w.last_snapshot \
    JOIN paydirt.runs r ON r.id = w.run_id ORDER BY 1";

/// Everything paydirt stores, as text: a run that changes nothing leaves it equal.
pub(crate) async fn stored(client: &Client) -> Vec<String> {
    let mut stored = Vec::new();
    let tables = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = 'paydirt' AND c.relkind = 'r' ORDER BY 1";
    for table in texts(client, tables).await {
        stored.push(table.clone());
        stored.extend(texts(client, &format!("SELECT t::text FROM paydirt.\"{table}\" t ORDER BY 1")).await);
    }
    stored
}
