//! `paydirt work`: helps with a run that another process has begun.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use delta_extractor::Source;
use memory_budget::Budget;
use reward_rules::{Chain, Day, RULE_VERSION};
use tokio_postgres::{Client, Row};

use crate::job::Job;
use crate::ledger;
use crate::lifecycle::mode_of;
use crate::migrate::require_current;
use crate::monitor::Monitor;
use crate::run::{begin, unfinished};
use crate::sweep::{Planned, Sweep};
use crate::worker::Worker;
use crate::{CutoffArgument, Engine, Observer, RunError, RunRequest, Schemas, Sessions, Stop};

/// How to help.
#[derive(Clone, Debug)]
pub struct WorkRequest {
    /// For watching over the session, and for replacing one that is lost.
    pub sessions: Sessions,
    /// For everything that is kept in memory.
    pub memory: Budget,
    /// How long to wait for a run to begin, and for the next one after it.
    pub wait: Duration,
    /// Stops at the next unit boundary when asked.
    pub stop: Stop,
}

/// How often to look whether there is a run.
const LOOK: Duration = Duration::from_millis(100);

/// Takes units of the run that is in progress, whichever process on whichever host has begun it, until there is none left;
/// gives how many this call has done. The run is completed by the process that began it, or by whoever begins it again.
///
/// # Errors
/// If a unit fails and trying again does not help; what it wrote is rolled back, and another worker can take it.
pub async fn work(
    client: &mut Client,
    schemas: &Schemas,
    request: &WorkRequest,
    observer: &dyn Observer,
) -> Result<usize, RunError> {
    require_current(client, schemas).await?;
    let monitor = Monitor::start(request.sessions.clone(), schemas.clone(), None);
    let mut units = 0;
    let mut known = None;
    let mut idle_since = Instant::now();
    while !request.stop.is_requested() {
        let run = unfinished(client).await?;
        let helpable = run.filter(|row| row.get::<_, &str>("status") == "processing" && row.get("planned"));
        let done = match helpable {
            Some(row) => help(client, schemas, request, &row, &monitor, observer, &mut known).await?,
            None => 0,
        };
        units += done;
        if done > 0 {
            idle_since = Instant::now();
        } else if idle_since.elapsed() >= request.wait {
            break;
        } else {
            tokio::time::sleep(LOOK).await;
        }
    }
    Ok(units)
}

/// What has been read for a run.
struct Known {
    run_id: i64,
    attempt: i32,
    sweep: Sweep,
    planned: Planned,
}

async fn help(
    client: &mut Client,
    schemas: &Schemas,
    request: &WorkRequest,
    row: &Row,
    monitor: &Monitor,
    observer: &dyn Observer,
    known: &mut Option<Known>,
) -> Result<usize, RunError> {
    let run_id: i64 = row.get("id");
    let (version, rules): (&str, Option<i32>) = (row.get("version"), row.get("rule_version"));
    if version != env!("CARGO_PKG_VERSION") || rules != Some(RULE_VERSION) {
        return Err(RunError::OtherVersion { run_id, version: version.to_owned() });
    }
    if ledger::left(client, run_id).await? == 0 {
        return Ok(0);
    }
    let chain: &str = row.get("chain");
    let chain: Chain =
        chain.parse().map_err(|_| RunError::Unreadable { what: "runs.chain", value: chain.to_owned() })?;
    let cutoff = Day::from(row.get::<_, NaiveDate>("cutoff"));
    let run = RunRequest {
        mode: mode_of(row)?,
        source: if row.get::<_, &str>("source") == Source::Events.name() { Source::Events } else { Source::Snapshots },
        engine: if row.get::<_, &str>("engine") == Engine::Native.name() { Engine::Native } else { Engine::Sql },
        workers: NonZeroUsize::MIN,
        sessions: Some(request.sessions.clone()),
        memory: request.memory.clone(),
        stop: request.stop.clone(),
        ..RunRequest::new(chain, CutoffArgument::Date(cutoff))
    };
    let attempt = row.get("attempt");
    let job =
        Job { schemas, request: &run, observer, monitor: Some(monitor), cutoff, run_id, attempt, cumulative: None };
    // While others have the last units there is nothing to take, and nothing new to read.
    let mut now = match known.take().filter(|known| known.run_id == run_id && known.attempt == attempt) {
        Some(known) => known,
        None => {
            let transaction = begin(client).await?;
            let recalled = job.recall(&transaction, cutoff, false).await?;
            transaction.rollback().await.map_err(RunError::database("rollback"))?;
            // Otherwise the run is another one by now, or its process is about to find out that it cannot go on.
            let Some((sweep, planned)) = recalled else { return Ok(0) };
            Known { run_id, attempt, sweep, planned }
        }
    };
    let failed = AtomicBool::new(false);
    let worker = Worker { job, reconnect: Some(&request.sessions), failed: &failed, may_give_up: false };
    let done = worker.work(client, &mut now.sweep, &now.planned).await?.units;
    *known = Some(now);
    Ok(done)
}
