//! One process at a time per schema: an advisory lock decides, a lease row says who has it and that it is alive.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::Client;

use crate::monitor::Monitor;
use crate::{RunError, Schemas, Sessions};

/// How long a lease may go without being renewed; then its holder counts as dead, whatever its connection looks like from
/// the server.
const SILENCE_SECONDS: f64 = 30.0;

/// How long the server may take to end the session of a dead holder.
const EVICTION: Duration = Duration::from_secs(10);

/// How long is waited in silence.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who works on a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The host it runs on.
    pub host: String,
    /// Its process there.
    pub pid: i32,
    /// `run`, `backfill`, `undo`.
    pub doing: String,
    /// Since when, UTC.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by process {} on {} since {} UTC", self.doing, self.pid, self.host, self.since)
    }
}

/// Does something while nobody else works on the schema. A holder that died is taken over: the server gives its lock back
/// with its session; if its session seems to live on, it is ended when the lease was not renewed for a while.
///
/// Workers of other processes compute nothing at first: call [`release_workers`] when they may.
///
/// # Errors
/// [`RunError::InProgress`] if another session has the lock, [`RunError::NoSessionLocks`] behind a transaction pooler, or
/// what `work` returns.
pub(crate) async fn with_lock<T>(
    client: &mut Client,
    schemas: &Schemas,
    sessions: Option<&Sessions>,
    doing: &str,
    work: impl AsyncFnOnce(&mut Client, Option<&Monitor>) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let backend = lock(client, schemas, doing, sessions.is_some()).await?;
    let monitor = sessions.map(|sessions| Monitor::start(sessions.clone(), schemas.clone(), Some(backend)));
    let done = match hold_workers(client, schemas).await {
        Ok(()) => work(client, monitor.as_ref()).await,
        Err(error) => Err(error),
    };
    if monitor.as_ref().is_some_and(Monitor::has_lost_lease) && done.is_err() {
        return Err(RunError::LeaseLost { schema: schemas.own.clone() });
    }
    // The lease must not be renewed any more when it is deleted. After a lost connection the server has given back the
    // locks itself.
    drop(monitor);
    let unlocked = if client.is_closed() { Ok(()) } else { unlock(client).await };
    let done = done?;
    unlocked?;
    Ok(done)
}

async fn lock(client: &Client, schemas: &Schemas, doing: &str, renewed: bool) -> Result<i32, RunError> {
    let schema = &schemas.own;
    if !try_lock(client, schema).await? {
        let holder = holder(client).await?;
        let dead = holder.as_ref().filter(|holder| holder.silent_seconds.is_some_and(|s| s > SILENCE_SECONDS));
        let taken_over = match dead {
            Some(dead) => evict(client, schema, dead).await?,
            None => false,
        };
        if !taken_over {
            let holder = if dead.is_some() { self::holder(client).await? } else { holder };
            return Err(RunError::InProgress { schema: schema.clone(), holder: holder.map(|noted| noted.holder) });
        }
    }
    match note(client, schema, doing, renewed).await {
        Ok(backend) => Ok(backend),
        Err(error) => {
            // Behind a pooler this gives back what another session has taken for us.
            let unlock = include_str!("../../../sql/queries/runs/unlock.sql");
            if let Err(second) = client.query_one(unlock, &[]).await {
                tracing::debug!(error = %second, "could not give the lock back");
            }
            Err(error)
        }
    }
}

/// Makes sure that the lock is this session's, and notes who has it.
async fn note(client: &Client, schema: &str, doing: &str, renewed: bool) -> Result<i32, RunError> {
    let held: bool = client
        .query_one(include_str!("../../../sql/queries/runs/holds_lock.sql"), &[&schema])
        .await
        .map_err(RunError::database("holds_lock"))?
        .get("held");
    if !held {
        return Err(RunError::NoSessionLocks);
    }
    client
        .batch_execute(include_str!("../../../sql/queries/runs/keep_alive.sql"))
        .await
        .map_err(RunError::database("keep_alive"))?;
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/take_lease.sql"), &[&host(), &pid, &doing, &renewed])
        .await
        .map_err(RunError::database("take_lease"))?;
    Ok(row.get("backend_pid"))
}

async fn try_lock(client: &Client, schema: &str) -> Result<bool, RunError> {
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/try_lock.sql"), &[&schema])
        .await
        .map_err(RunError::database("try_lock"))?;
    Ok(row.get("locked"))
}

/// Ends the session of a dead holder and takes its lock.
async fn evict(client: &Client, schema: &str, dead: &Noted) -> Result<bool, RunError> {
    tracing::warn!(
        holder = %dead.holder,
        silent_seconds = dead.silent_seconds,
        "the process that holds the lease is dead; ending its session"
    );
    client
        .query(include_str!("../../../sql/queries/runs/evict.sql"), &[&schema, &dead.backend_pid])
        .await
        .map_err(RunError::database("evict"))?;
    let deadline = Instant::now() + EVICTION;
    while Instant::now() < deadline {
        if try_lock(client, schema).await? {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(false)
}

/// Gives the lock back; the server does so too when the session ends.
async fn unlock(client: &Client) -> Result<(), RunError> {
    client
        .execute(include_str!("../../../sql/queries/runs/drop_lease.sql"), &[])
        .await
        .map_err(RunError::database("drop_lease"))?;
    client
        .query_one(include_str!("../../../sql/queries/runs/unlock.sql"), &[])
        .await
        .map_err(RunError::database("unlock"))?;
    Ok(())
}

/// Waits for the units that other processes are computing, and keeps workers from taking more.
pub(crate) async fn hold_workers(client: &Client, schemas: &Schemas) -> Result<(), RunError> {
    let mut since = Instant::now();
    loop {
        let row = client
            .query_one(include_str!("../../../sql/queries/runs/hold_workers.sql"), &[&schemas.own])
            .await
            .map_err(RunError::database("hold_workers"))?;
        if row.get::<_, bool>("held") {
            return Ok(());
        }
        say_who_works(client, schemas, &mut since).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Once in a while says which sessions compute units that one waits for.
pub(crate) async fn say_who_works(client: &Client, schemas: &Schemas, since: &mut Instant) -> Result<(), RunError> {
    if since.elapsed() < PATIENCE {
        return Ok(());
    }
    *since = Instant::now();
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/workers.sql"), &[&schemas.own])
        .await
        .map_err(RunError::database("runs/workers"))?;
    let workers: &str = row.get("workers");
    tracing::warn!(workers, "waiting for units that these sessions compute; a dead one: pg_terminate_backend(pid)");
    Ok(())
}

/// Workers may take units of the run that is planned.
pub(crate) async fn release_workers(client: &Client, schemas: &Schemas) -> Result<(), RunError> {
    client
        .query_one(include_str!("../../../sql/queries/runs/release_workers.sql"), &[&schemas.own])
        .await
        .map_err(RunError::database("release_workers"))?;
    Ok(())
}

/// A holder as the lease has it.
struct Noted {
    holder: Holder,
    backend_pid: i32,
    silent_seconds: Option<f64>,
}

async fn holder(client: &Client) -> Result<Option<Noted>, RunError> {
    let row = client
        .query_opt(include_str!("../../../sql/queries/runs/lease.sql"), &[])
        .await
        .map_err(RunError::database("lease"))?;
    Ok(row.map(|row| Noted {
        holder: Holder { host: row.get("host"), pid: row.get("pid"), doing: row.get("doing"), since: row.get("since") },
        backend_pid: row.get("backend_pid"),
        silent_seconds: row.get("silent_seconds"),
    }))
}

/// The name of this host, as the kernel has it.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
