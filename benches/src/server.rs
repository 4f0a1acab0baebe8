//! The private PostgreSQL of a bench.

use anyhow::Context;
use test_support::TestServer;
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

/// A server with paydirt's schema and the indexer's empty tables; it goes with the value.
#[derive(Debug)]
pub(crate) struct Server {
    /// A session of our own.
    pub(crate) client: Client,
    server: TestServer,
}

impl Server {
    /// Starts a server and has `paydirt migrate` make the tables.
    pub(crate) async fn start(settings: &[(&str, &str)], paydirt: &Paydirt) -> anyhow::Result<Self> {
        let settings: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
        let server = TestServer::start_with(&settings);
        paydirt.migrate(&server.url())?;
        let client = database::connect(&server.config(), "bench").await.context("connecting to the bench's server")?;
        Ok(Self { client, server })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Processor seconds of the sessions that have ended.
    pub(crate) fn processor_seconds(&self) -> Option<f64> {
        machine::seconds_of_children(self.server.pid())
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
