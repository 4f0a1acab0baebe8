//! Installations to test on, and what is stored in them.

use std::path::Path;
use std::sync::Mutex;

use bronze::ImportProgress;
use case_runner::{Case, silver_relations};
use database::connect;
use pipeline::{
    Budget, CutoffArgument, Event, Observer, Root, RootError, RunError, RunOutcome, RunRequest, RunSummary, Schemas,
    Silent, SnapshotArgument, check_invariants, migrate_up, root, root_from_rows, run, stored_root,
};
use reward_rules::{Chain, Day};
use test_support::{TestDatabase, TestServer, repo_root};
use tokio_postgres::Client;

struct Quiet;

impl ImportProgress for Quiet {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn done(&self, _: &str, _: u64) {}
}

/// Keeps the events of a run.
#[derive(Default)]
pub(crate) struct Log(Mutex<Vec<Event>>);

impl Log {
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Log {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// A database with an installation's schemas, and a session in it.
pub(crate) struct Installation {
    pub(crate) database: TestDatabase,
    pub(crate) client: Client,
    pub(crate) schemas: Schemas,
    pub(crate) chain: Chain,
}

/// A case of this repository: 8 cutoffs, operator sets and all older kinds of submissions.
pub(crate) fn operator_sets() -> Case {
    case_named("operator-sets")
}

/// A case of this repository.
pub(crate) fn case_named(name: &str) -> Case {
    Case::read(&repo_root().join("fixtures/cases").join(name)).unwrap()
}

/// The names of schemas that are not the usual ones.
pub(crate) fn schemas(own: &str, source: &str) -> Schemas {
    Schemas { own: own.to_owned(), source: source.to_owned() }
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn request(chain: Chain, cutoff: CutoffArgument) -> RunRequest {
    RunRequest { balance_rows: Some(1), ..RunRequest::new(chain, cutoff) }
}

impl Installation {
    /// An empty database.
    pub(crate) async fn empty() -> Self {
        let database = TestServer::shared().create_database();
        let client = connect(&database.config(), "test").await.unwrap();
        Self { database, client, schemas: Schemas::default(), chain: Chain::Mainnet }
    }

    /// A migrated database.
    pub(crate) async fn migrated() -> Self {
        let mut installation = Self::empty().await;
        migrate_up(&mut installation.client, &installation.schemas).await.unwrap();
        installation
    }

    /// A migrated database with the data of a case.
    pub(crate) async fn of(case: &Case) -> Self {
        let mut installation = Self::migrated().await;
        installation.import(&case.path).await;
        installation.chain = case.chain;
        installation
    }

    pub(crate) async fn import(&mut self, folder: &Path) {
        bronze::import(&mut self.client, &self.schemas.source, folder, &Quiet).await.unwrap();
    }

    /// Another session.
    pub(crate) async fn connect(&self) -> Client {
        connect(&self.database.config(), "another session").await.unwrap()
    }

    pub(crate) fn request(&self, cutoff: Day) -> RunRequest {
        request(self.chain, CutoffArgument::Date(cutoff))
    }

    pub(crate) async fn try_request(&mut self, request: &RunRequest) -> Result<RunOutcome, RunError> {
        run(&mut self.client, &self.schemas, request, &Silent).await
    }

    pub(crate) async fn try_run(&mut self, cutoff: Day) -> Result<RunOutcome, RunError> {
        let request = self.request(cutoff);
        self.try_request(&request).await
    }

    pub(crate) async fn complete(&mut self, cutoff: Day) -> RunSummary {
        let summary = completed(self.try_run(cutoff).await.unwrap());
        let reports = check_invariants(&mut self.client, &self.schemas, &Silent).await.unwrap();
        assert!(reports.iter().all(|report| report.violations == 0), "after {cutoff}: {reports:?}");
        self.assert_newest_root().await;
        summary
    }

    /// The newest root from the balances is that of all rows, and the one that the newest run keeps; or there is none either way.
    pub(crate) async fn assert_newest_root(&mut self) {
        self.assert_kept_root().await;
        let Self { client, schemas, .. } = self;
        let newest = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await;
        let of_rows = root_from_rows(client, schemas, SnapshotArgument::Latest, &Budget::default()).await;
        match (newest, of_rows) {
            (Ok(newest), Ok(of_rows)) => assert_eq!((newest.root(), newest.total), (of_rows.root(), of_rows.total)),
            (newest, of_rows) => {
                let text =
                    |root: Result<Root, RootError>| root.map(|root| root.root()).map_err(|error| error.to_string());
                assert_eq!(text(newest), text(of_rows));
            }
        }
    }

    async fn assert_kept_root(&mut self) {
        let Self { client, schemas, .. } = self;
        let newest = format!("SELECT max(id)::text FROM {}.runs WHERE status = 'complete'", quoted(&schemas.own));
        let Ok(run) = texts(client, &newest).await[0].parse() else { return };
        let kept = stored_root(client, schemas, run, &Budget::default()).await.map_err(|error| error.to_string());
        let newest = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await;
        assert_eq!(kept, newest.map(|root| root.root().to_string()).map_err(|error| error.to_string()));
    }

    /// Nothing is active any more and every paid day is far in the past of the newest run: submissions end, and those that
    /// nobody earned from are set aside.
    pub(crate) async fn everything_is_over(&self) {
        self.execute(
            "INSERT INTO paydirt.quarantine (reward_hash, source_table, reason, cutoff) \
             SELECT DISTINCT reward_hash, 'test', 'over', date '2024-01-01' FROM ( \
                 SELECT reward_hash FROM reward_submissions UNION SELECT reward_hash FROM operator_directed_reward_submissions \
                 UNION SELECT reward_hash FROM operator_directed_operator_set_reward_submissions \
                 UNION SELECT reward_hash FROM unique_stake_reward_submissions \
                 UNION SELECT reward_hash FROM total_stake_reward_submissions) s ON CONFLICT DO NOTHING",
        )
        .await;
    }

    pub(crate) async fn execute(&self, statements: &str) {
        self.client.batch_execute(statements).await.unwrap();
    }

    /// Everything paydirt stores, as text: what changes nothing leaves it equal.
    pub(crate) async fn stored(&self) -> Vec<String> {
        stored(&self.client, &self.schemas.own).await
    }

    pub(crate) async fn gold(&self) -> Vec<String> {
        texts(&self.client, &gold_query(&self.schemas.own)).await
    }

    /// Everything that counts but for numbers, times and row versions of runs, which are never used twice.
    pub(crate) async fn content(&self) -> Vec<String> {
        let mut content = self.gold().await;
        for (name, rows) in self.silver().await {
            content.push(name.to_owned());
            content.extend(rows);
        }
        for query in [
            "SELECT w::text FROM paydirt.watermarks w ORDER BY 1",
            "SELECT concat_ws(' ', r.cutoff, w.reward_hash, w.first_snapshot, w.last_snapshot, w.gold_rows) \
             FROM paydirt.gold_windows w JOIN paydirt.runs r ON r.id = w.run_id ORDER BY 1",
            "SELECT concat_ws(' ', r.cutoff, r.status, r.gold_rows, r.plan) FROM paydirt.runs r ORDER BY 1",
            "SELECT concat_ws(' ', r.cutoff, u.unit, u.first_snapshot, u.last_snapshot, u.gold_rows, u.paid) \
             FROM paydirt.units u JOIN paydirt.runs r ON r.id = u.run_id ORDER BY 1",
            "SELECT concat_ws(' ', r.cutoff, m.digest) FROM paydirt.manifests m JOIN paydirt.runs r ON r.id = m.run_id ORDER BY 1",
            "SELECT concat_ws(' ', relation, day, events, content) FROM paydirt.silver_days ORDER BY 1",
            "SELECT concat_ws(' ', relation, read_before, last_block, physical_rows) \
             FROM paydirt.silver_sources WHERE last_block IS NULL ORDER BY 1",
            "SELECT count(*)::text FROM paydirt.gold_rows",
            "SELECT q.reward_hash FROM paydirt.quarantine q ORDER BY 1",
        ] {
            content.extend(texts(&self.client, query).await);
        }
        content
    }

    /// The rows of the eighteen silver relations.
    pub(crate) async fn silver(&self) -> Vec<(&'static str, Vec<String>)> {
        let mut silver = Vec::new();
        for relation in silver_relations() {
            let query = format!("SELECT r::text FROM paydirt.{} r ORDER BY 1", relation.name);
            silver.push((relation.name, texts(&self.client, &query).await));
        }
        silver
    }

    /// The same without rows: a relation that differs can be named.
    pub(crate) async fn assert_same_silver(&self, other: &Self, what: &str) {
        for ((name, ours), (_, theirs)) in self.silver().await.into_iter().zip(other.silver().await) {
            assert!(ours == theirs, "{what}: {name} differs");
        }
    }
}

pub(crate) fn completed(outcome: RunOutcome) -> RunSummary {
    match outcome {
        RunOutcome::Completed(summary) => *summary,
        RunOutcome::AlreadyComplete { cutoff, done_by } => panic!("{cutoff} was done by {done_by}"),
    }
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The only column of a query as text.
pub(crate) async fn texts(client: &Client, query: &str) -> Vec<String> {
    let rows = client.query(query, &[]).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
    rows.iter().map(|row| row.get::<_, Option<String>>(0).unwrap_or_default()).collect()
}

/// The rows of every table of a schema.
pub(crate) async fn stored(client: &Client, schema: &str) -> Vec<String> {
    let mut stored = Vec::new();
    let tables = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY 1";
    for row in client.query(tables, &[&schema]).await.unwrap() {
        let table: String = row.get(0);
        let query = format!("SELECT t::text FROM {}.{} t ORDER BY 1", quoted(schema), quoted(&table));
        let rows = texts(client, &query).await;
        stored.push(format!("{table}: {} rows", rows.len()));
        stored.extend(rows);
    }
    stored
}

/// Gold with the cutoff of the run that wrote each row.
fn gold_query(schema: &str) -> String {
    let schema = quoted(schema);
    format!(
        "SELECT concat_ws(',', r.cutoff, g.earner, g.snapshot, g.reward_hash, g.token, g.amount) \
         FROM {schema}.gold_table g JOIN {schema}.gold_windows w ON w.reward_hash = g.reward_hash \
         AND g.snapshot BETWEEN w.first_snapshot AND w.last_snapshot JOIN {schema}.runs r ON r.id = w.run_id ORDER BY 1"
    )
}

/// Every relation, column, constraint, index, function and trigger of every schema but the server's own, as text.
pub(crate) async fn catalog(client: &Client) -> Vec<String> {
    texts(client, include_str!("catalog.sql")).await
}

/// The part of a catalog that is about one schema, or about all others.
pub(crate) fn of_schema(catalog: &[String], schema: &str, inside: bool) -> Vec<String> {
    let prefix = format!("{schema}: ");
    catalog.iter().filter(|line| line.starts_with(&prefix) == inside).cloned().collect()
}
