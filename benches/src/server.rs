//! The private PostgreSQL of a bench.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use test_support::{TestDatabase, TestServer};
use tokio_postgres::Client;

use crate::machine;
use crate::paydirt::Paydirt;

/// What paydirt's own server has on a middling machine, whatever this one is. Nothing is written durably: disks differ too
/// much. Nothing happens in the background: statistics are made when a bench says so.
const SETTINGS: [(&str, &str); 9] = [
    ("shared_buffers", "1GB"),
    ("effective_cache_size", "4GB"),
    ("work_mem", "64MB"),
    ("maintenance_work_mem", "256MB"),
    ("max_wal_size", "8GB"),
    ("random_page_cost", "1.1"),
    ("max_parallel_workers_per_gather", "1"),
    ("max_parallel_maintenance_workers", "1"),
    ("autovacuum", "off"),
];

/// What a test server has and paydirt's own has not, and the reverse. Only autovacuum stays off: it would begin whenever
/// it likes, so a bench vacuums and analyzes itself.
const LIKE_OWN: [(&str, &str); 3] = [("wal_level", "replica"), ("max_wal_senders", "10"), ("autovacuum", "off")];

/// A database with paydirt's schema and the indexer's empty tables, on a server of ours; both go with the last value.
#[derive(Debug)]
pub(crate) struct Server {
    /// A session of our own.
    pub(crate) client: Client,
    /// `None`: the server's first one.
    database: Option<TestDatabase>,
    server: Arc<TestServer>,
}

/// A database that nobody is connected to, to make copies of.
#[derive(Debug)]
pub(crate) struct Original {
    database: TestDatabase,
    server: Arc<TestServer>,
}

/// What a server counts, to be compared with what it was before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counters {
    /// Written to the log, in bytes.
    pub(crate) wal: i64,
    /// Written to temporary files by sessions on this database that have ended, in bytes.
    pub(crate) temporary: i64,
    /// Processor seconds of the sessions that have ended.
    pub(crate) processor: Option<f64>,
}

impl Server {
    /// Starts a server and has `paydirt migrate` make the tables.
    pub(crate) async fn start(settings: &[(&str, &str)], paydirt: &Paydirt) -> anyhow::Result<Self> {
        let settings: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
        let server = TestServer::start_with(&settings);
        paydirt.migrate(&server.url())?;
        let client = connect(&server.config()).await?;
        Ok(Self { client, database: None, server: Arc::new(server) })
    }

    /// Starts a server as paydirt's own is set up on this machine, durability included.
    pub(crate) async fn start_like_own() -> anyhow::Result<Self> {
        let own = database::embedded_settings(&std::env::temp_dir());
        let settings: Vec<(&str, &str)> =
            own.iter().map(|(name, value)| (*name, value.as_str())).chain(LIKE_OWN).collect();
        let server = TestServer::start_with(&settings);
        let client = connect(&server.config()).await?;
        Ok(Self { client, database: None, server: Arc::new(server) })
    }

    /// Another database of this server, with the tables; without a program nothing is in it.
    pub(crate) async fn create(&self, paydirt: Option<&Paydirt>) -> anyhow::Result<Self> {
        let database = self.server.create_database();
        if let Some(paydirt) = paydirt {
            paydirt.migrate(&database.url())?;
        }
        Self::of(database, &self.server).await
    }

    async fn of(database: TestDatabase, server: &Arc<TestServer>) -> anyhow::Result<Self> {
        let client = connect(&database.config()).await?;
        Ok(Self { client, database: Some(database), server: Arc::clone(server) })
    }

    /// Ends our session; `None` for a server's first database.
    pub(crate) fn disconnect(self) -> Option<Original> {
        let Self { client, database, server } = self;
        drop(client);
        Some(Original { database: database?, server })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.database.as_ref().map_or_else(|| self.server.url(), TestDatabase::url)
    }

    /// Another session of our own.
    pub(crate) async fn connect(&self) -> anyhow::Result<Client> {
        connect(&self.database.as_ref().map_or_else(|| self.server.config(), TestDatabase::config)).await
    }

    /// A folder that the server can write to; it goes with the server.
    pub(crate) fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// What the server has counted.
    pub(crate) async fn counters(&self) -> anyhow::Result<Counters> {
        let row = self.client.query_one(include_str!("../sql/counters.sql"), &[]).await?;
        Ok(Counters {
            wal: row.get("wal_bytes"),
            temporary: row.get("temporary_bytes"),
            processor: machine::seconds_of_children(self.server.pid()),
        })
    }

    /// Statistics and visibility as autovacuum would have left them, and nothing left to write.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        self.client.batch_execute("VACUUM (ANALYZE)").await?;
        self.checkpoint().await
    }

    /// Writes out everything.
    pub(crate) async fn checkpoint(&self) -> anyhow::Result<()> {
        self.client.batch_execute("CHECKPOINT").await?;
        Ok(())
    }
}

impl Original {
    /// A copy, with a session of our own, and everything written out.
    pub(crate) async fn copy(&self) -> anyhow::Result<Server> {
        let copy = Server::of(self.server.copy_database(&self.database), &self.server).await?;
        copy.checkpoint().await?;
        Ok(copy)
    }
}

async fn connect(config: &tokio_postgres::Config) -> anyhow::Result<Client> {
    database::connect(config, "bench").await.context("connecting to the bench's server")
}
