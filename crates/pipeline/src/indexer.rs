//! The indexes of partitions, built once their rows are there.
//!
//! Loading a month first takes a third of the time that loading it into its indexes does, and the server builds the indexes
//! of one month while the next is loaded.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use reward_rules::Day;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::error::error_chain;
use crate::{RunError, Schemas, Sessions};

/// Builds indexes in a session of its own while rows are loaded into later partitions. Dropping it ends the session.
#[derive(Debug)]
pub(crate) struct Indexer {
    orders: watch::Sender<Order>,
    task: JoinHandle<()>,
}

/// What an [`Indexer`] is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Build those of months before this day's, or of all, that have no units to do.
    Before(Option<Day>),
    /// End after the one that is being built.
    Stop,
}

/// How often it looks whether a partition is loaded.
const LOOK: Duration = Duration::from_millis(100);

impl Indexer {
    /// Begins with the months before this day's; with all that have no units to do, if there is no day.
    pub(crate) fn start(sessions: &Sessions, schemas: &Schemas, before: Option<Day>) -> Self {
        let (orders, received) = watch::channel(Order::Before(before));
        let (sessions, schemas) = (sessions.clone(), schemas.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = index_until_told(&sessions, &schemas, received).await {
                // Whoever loaded the partitions tries again at the end, and says what is wrong.
                tracing::debug!(error = error_chain(&error), "no indexes are built beside loading");
            }
        });
        Self { orders, task }
    }

    /// Nothing more is to come into the months before this day's.
    pub(crate) fn loaded_before(&self, day: Day) {
        self.orders.send_replace(Order::Before(Some(day)));
    }

    /// Waits for the index that is being built.
    pub(crate) async fn stop(mut self) {
        self.orders.send_replace(Order::Stop);
        if let Err(error) = (&mut self.task).await {
            tracing::debug!(%error, "building indexes beside loading ended early");
        }
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn index_until_told(
    sessions: &Sessions,
    schemas: &Schemas,
    mut orders: watch::Receiver<Order>,
) -> Result<(), RunError> {
    let client = sessions.open(schemas).await?;
    loop {
        let order = *orders.borrow_and_update();
        let Order::Before(before) = order else { return Ok(()) };
        match missing(&client, before).await?.first() {
            Some(statement) => build(&client, statement).await?,
            // The order changes, or a unit is committed.
            None => drop(tokio::time::timeout(LOOK, orders.changed()).await),
        }
    }
}

/// Builds what partitions lack, in as many sessions as there are processors: the server sorts on one for each session.
/// Readers go on meanwhile. Returns how many there were.
pub(crate) async fn build_missing(
    client: &Client,
    sessions: Option<&Sessions>,
    schemas: &Schemas,
    before: Option<Day>,
) -> Result<usize, RunError> {
    let statements = missing(client, before).await?;
    let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(statements.len());
    let mut others = Vec::new();
    if let Some(sessions) = sessions {
        for _ in 1..at_once {
            others.push(sessions.open(schemas).await?);
        }
    }
    let next = AtomicUsize::new(0);
    let build = async |client: &Client| {
        while let Some(statement) = statements.get(next.fetch_add(1, Ordering::Relaxed)) {
            build(client, statement).await?;
        }
        Ok::<_, RunError>(())
    };
    try_join_all(others.iter().chain([client]).map(&build)).await?;
    Ok(statements.len())
}

/// As [`build_missing`]. What was loaded is complete before this is called: an error is only logged, and the next run tries
/// again.
pub(crate) async fn index_loaded(client: &Client, sessions: Option<&Sessions>, schemas: &Schemas, before: Option<Day>) {
    match build_missing(client, sessions, schemas, before).await {
        Ok(0) => {}
        Ok(indexes) => tracing::info!(indexes, "built the indexes of partitions that were loaded"),
        Err(error) => tracing::warn!(
            error = error_chain(&error),
            "partitions of gold_rows have no indexes yet; the next run builds them"
        ),
    }
}

async fn missing(client: &Client, before: Option<Day>) -> Result<Vec<String>, RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/partitions/missing_indexes.sql"), &[&before.map(Day::date)])
        .await
        .map_err(RunError::database("partitions/missing_indexes"))?;
    Ok(rows.iter().map(|row| row.get("statement")).collect())
}

async fn build(client: &Client, statement: &str) -> Result<(), RunError> {
    match client.batch_execute(statement).await {
        // Somebody else has just built it: the server goes on with an index when whoever asked for it was killed.
        Err(error)
            if error
                .code()
                .is_some_and(|code| [SqlState::DUPLICATE_TABLE, SqlState::UNIQUE_VIOLATION].contains(code)) =>
        {
            Ok(())
        }
        built => built.map_err(RunError::database("partitions/missing_indexes: CREATE INDEX")),
    }
}
