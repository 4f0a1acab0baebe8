//! Databases with the indexer's tables, folders of CSV files, and what is in the tables.

use std::path::Path;
use std::sync::Mutex;

use bronze::{BronzeError, ImportProgress, Imported, import, tables};
use tempfile::TempDir;
use test_support::{TestServer, runtime};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The schema the tests have the tables in: one that needs quotes.
pub const SCHEMA: &str = "The Indexer";

const MIGRATION: &str = include_str!("../../../../sql/migrations/0001_bronze.sql");

/// The migration's statements.
pub fn up() -> &'static str {
    sections().0
}

/// The statements that take it back.
pub fn down() -> &'static str {
    sections().1
}

fn sections() -> (&'static str, &'static str) {
    MIGRATION.split_once("\n-- up\n").unwrap().1.split_once("\n-- down\n").unwrap()
}

/// Runs a test in a fresh database whose only schema of note is empty and on the search path.
pub fn with_schema(test: impl AsyncFnOnce(&mut Client)) {
    let database = TestServer::shared().create_database();
    runtime().block_on(async {
        let (mut client, connection) = database.config().connect(NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        let create = format!("CREATE SCHEMA \"{SCHEMA}\"; SET search_path TO \"{SCHEMA}\"");
        client.batch_execute(&create).await.unwrap();
        test(&mut client).await;
        drop(client);
        driver.await.unwrap().unwrap();
    });
}

/// Runs a test in a fresh database with the tables.
pub fn with_tables(test: impl AsyncFnOnce(&mut Client)) {
    with_schema(async |client| {
        client.batch_execute(up()).await.unwrap();
        test(client).await;
    });
}

/// A folder with these files.
pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    dir
}

/// Imports a folder into the tests' schema, unheard.
pub async fn load(client: &mut Client, dir: &Path) -> Result<Vec<Imported>, BronzeError> {
    import(client, SCHEMA, dir, &Listener::default()).await
}

/// Every row of every table, as text.
pub async fn everything(client: &Client) -> String {
    let mut all = String::new();
    for table in tables() {
        for row in texts(client, &format!("SELECT t::text FROM {} t ORDER BY 1", table.name)).await {
            all.push_str(&format!("{}: {row:?}\n", table.name));
        }
    }
    all
}

/// The rows of a query, as the server prints them.
pub async fn texts(client: &Client, query: &str) -> Vec<Vec<Option<String>>> {
    let messages = client.simple_query(query).await.unwrap();
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.map(|row| (0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect()).collect()
}

/// An address that ends in these digits.
pub fn address(number: usize) -> String {
    format!("0x{number:040x}")
}

/// A hash that ends in these digits.
pub fn hash(number: usize) -> String {
    format!("0x{number:064x}")
}

/// Writes down what it hears.
#[derive(Debug, Default)]
pub struct Listener(pub Mutex<Vec<Heard>>);

/// What a [`Listener`] hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Start(String, u64),
    Advance(String, u64),
    Done(String, u64),
}

impl ImportProgress for Listener {
    fn start(&self, table: &str, bytes: u64) {
        self.0.lock().unwrap().push(Heard::Start(table.to_owned(), bytes));
    }
    fn advance(&self, table: &str, bytes: u64) {
        self.0.lock().unwrap().push(Heard::Advance(table.to_owned(), bytes));
    }
    fn done(&self, table: &str, rows: u64) {
        self.0.lock().unwrap().push(Heard::Done(table.to_owned(), rows));
    }
}
