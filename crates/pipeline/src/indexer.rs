//! The indexes of partitions, built once their rows are there.
//!
//! Loading a month first takes a third of the time that loading it into its indexes does, and the server builds the indexes
//! of one month while the next is loaded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reward_rules::Day;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use crate::error::error_chain;
use crate::tidy::{Kind, Task};
use crate::{RunError, Schemas, Sessions};

/// Builds indexes in a session of its own while rows are loaded into later partitions. Dropping it ends the session.
#[derive(Debug)]
pub(crate) struct Indexer {
    orders: watch::Sender<Order>,
    building: Arc<Mutex<Option<Task>>>,
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
        let building = Arc::default();
        let told = Arc::clone(&building);
        let task = tokio::spawn(async move {
            if let Err(error) = index_until_told(&sessions, &schemas, received, &told).await {
                // Whoever loaded the partitions tries again at the end, and says what is wrong.
                tracing::debug!(error = error_chain(&error), "no indexes are built beside loading");
            }
        });
        Self { orders, building, task }
    }

    /// Nothing more is to come into the months before this day's.
    pub(crate) fn loaded_before(&self, day: Day) {
        self.orders.send_replace(Order::Before(Some(day)));
    }

    /// Has it begin nothing more; gives what it is building. [`stop`](Self::stop) waits for that.
    pub(crate) fn begin_to_stop(&self) -> Option<Task> {
        self.orders.send_replace(Order::Stop);
        lock(&self.building).clone()
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
    building: &Mutex<Option<Task>>,
) -> Result<(), RunError> {
    let client = sessions.open(schemas).await?;
    loop {
        let order = *orders.borrow_and_update();
        let Order::Before(before) = order else { return Ok(()) };
        match missing(&client, before).await?.first() {
            Some(task) => {
                *lock(building) = Some(task.clone());
                // Whoever told us to stop meanwhile may have seen nothing being built.
                if *orders.borrow() == Order::Stop {
                    return Ok(());
                }
                build(&client, &task.statement).await?;
                *lock(building) = None;
            }
            // The order changes, or a unit is committed.
            None => drop(tokio::time::timeout(LOOK, orders.changed()).await),
        }
    }
}

fn lock(building: &Mutex<Option<Task>>) -> MutexGuard<'_, Option<Task>> {
    building.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Builds what partitions lack. Readers go on meanwhile.
pub(crate) async fn build_missing(client: &Client) -> Result<(), RunError> {
    for task in missing(client, None).await? {
        build(client, &task.statement).await?;
    }
    Ok(())
}

/// What gives the partitions of months before this day's, or all, the indexes they lack, once they are loaded.
pub(crate) async fn missing(client: &Client, before: Option<Day>) -> Result<Vec<Task>, RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/partitions/missing_indexes.sql"), &[&before.map(Day::date)])
        .await
        .map_err(RunError::database("partitions/missing_indexes"))?;
    let task = |row: &Row| Task { table: row.get("partition"), statement: row.get("statement"), kind: Kind::Index };
    Ok(rows.iter().map(task).collect())
}

/// Builds an index.
pub(crate) async fn build(client: &Client, statement: &str) -> Result<(), RunError> {
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
