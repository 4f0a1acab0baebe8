//! A worker: one session that takes units of a run and computes them until none is left. A run has one or more in its own
//! process, and any number in others (`paydirt work`); whoever does a unit, its rows are the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use backon::BackoffBuilder;
use batch_writer::{GoldWriter, Pace, Windows, WriteError, record_windows};
use reward_rules::{ActiveDays, Step};
use tokio_postgres::{Client, IsolationLevel, Transaction};

use crate::compute::{self, Computed, ComputedDay, StepTable, Work};
use crate::error::error_chain;
use crate::job::Job;
use crate::ledger::{self, Unit, UnitDone};
use crate::lock::host;
use crate::monitor::Monitor;
use crate::roots::{Cumulative, UnitSums};
use crate::sweep::{Numbering, Planned, Question, Sweep};
use crate::{Engine, Event, Paid, RunError, Sessions, Stage, retry_policy, sql_engine};

/// The rows of the steps, if they are collected.
pub(crate) type Steps = BTreeMap<Step, StepTable>;

/// What a worker did.
#[derive(Default)]
pub(crate) struct Worked {
    pub(crate) units: usize,
    pub(crate) steps: Steps,
}

/// See the module's docs.
#[derive(Clone, Copy)]
pub(crate) struct Worker<'a> {
    pub(crate) job: Job<'a>,
    /// Opens a session in place of one that was lost; without, losing it ends the worker.
    pub(crate) reconnect: Option<&'a Sessions>,
    /// Set when a worker of this process has failed: the others stop too.
    pub(crate) failed: &'a AtomicBool,
    /// Whether others do the units if this one has not enough memory beside them.
    pub(crate) may_give_up: bool,
}

/// What a transaction has done so far.
#[derive(Default)]
struct Batch {
    units: Vec<Unit>,
    windows: Windows,
    sums: Vec<UnitSums>,
    rows: u64,
    bytes: u64,
}

impl Worker<'_> {
    /// Takes units until there is none to take; others may still be computing theirs.
    ///
    /// A unit that fails for a reason that goes away is tried again, a few times and with growing pauses.
    pub(crate) async fn work(
        self,
        client: &mut Client,
        sweep: &mut Sweep,
        planned: &Planned,
    ) -> Result<Worked, RunError> {
        let worked = self.work_on(client, sweep, planned).await;
        match &worked {
            Err(error) if self.may_give_up && error.is_out_of_memory() => {
                tracing::warn!(error = error_chain(error), "a further worker gives up; the others do its units");
                return Ok(Worked::default());
            }
            Err(_) => self.failed.store(true, Ordering::Relaxed),
            Ok(_) => {}
        }
        worked
    }

    async fn work_on(self, client: &mut Client, sweep: &mut Sweep, planned: &Planned) -> Result<Worked, RunError> {
        let job = self.job;
        let mut worked = Worked::default();
        let mut pace = Pace::new(job.request.batch);
        let mut pauses = retry_policy().build();
        let mut backend = backend_of(client).await?;
        self.watch(backend);
        while !self.failed.load(Ordering::Relaxed) {
            if job.request.stop.is_requested() {
                let left = ledger::left(client, job.run_id).await?;
                if left > 0 {
                    return Err(RunError::Interrupted { cutoff: job.cutoff, left });
                }
                break;
            }
            if job.monitor.is_some_and(Monitor::has_lost_lease) {
                return Err(RunError::LeaseLost { schema: job.schemas.own.clone() });
            }
            let mut unit = None;
            let error = match self.batch(client, backend, sweep, planned, &mut pace, &mut worked.steps, &mut unit).await
            {
                Ok(0) => break,
                Ok(units) => {
                    worked.units += units;
                    pauses = retry_policy().build();
                    continue;
                }
                Err(error) => error,
            };
            sweep.forget_ids();
            if error.is_out_of_memory() && job.cumulative.is_some_and(|cumulative| cumulative.make_room(&error)) {
                continue;
            }
            let pause = if error.is_transient() { pauses.next() } else { None };
            let pause = pause.filter(|_| !client.is_closed() || self.reconnect.is_some());
            if client.is_closed()
                && let Some(sessions) = self.reconnect
                && pause.is_some()
            {
                // The server may not be there yet; then the next attempt fails, and is the next to be tried again.
                if let Ok(session) = sessions.open(job.schemas).await {
                    *client = session;
                    if let Ok(replaced) = backend_of(client).await {
                        backend = replaced;
                        self.watch(backend);
                    }
                }
            }
            if let Some(unit) = unit {
                let message = error_chain(&error);
                // The first error matters, not that it could not be noted.
                if let Err(second) = ledger::mark_failed(client, job.run_id, unit, &message, pause.is_some()).await {
                    tracing::debug!(unit = unit.number, error = %second, "could not note why a unit failed");
                }
            }
            match pause {
                Some(pause) => {
                    job.observer.event(Event::Retrying {
                        unit: unit.map(|unit| unit.number),
                        pause,
                        why: error.to_string(),
                    });
                    tokio::time::sleep(pause).await;
                }
                None => {
                    return Err(match unit {
                        Some(Unit { number: unit, days: ActiveDays { first, last } }) => {
                            RunError::InUnit { run_id: job.run_id, unit, first, last, source: Box::new(error) }
                        }
                        None => error,
                    });
                }
            }
        }
        Ok(worked)
    }

    fn watch(self, backend: i32) {
        if let Some(monitor) = self.job.monitor {
            monitor.add(backend);
        }
    }

    /// Computes units in one transaction, until there is enough to commit; gives how many.
    #[expect(clippy::too_many_arguments, reason = "the parts of a worker's loop, each with a life of its own")]
    async fn batch(
        self,
        client: &mut Client,
        backend: i32,
        sweep: &mut Sweep,
        planned: &Planned,
        pace: &mut Pace,
        steps: &mut Steps,
        current: &mut Option<Unit>,
    ) -> Result<usize, RunError> {
        let job = self.job;
        // Every statement sees what is committed by then: with a snapshot, taking a unit that another worker has just done
        // would be an error instead of the next unit. Silver does not change while a run is in progress.
        let transaction = client
            .build_transaction()
            .isolation_level(IsolationLevel::ReadCommitted)
            .start()
            .await
            .map_err(RunError::database("begin"))?;
        transaction
            .query_one(include_str!("../../../sql/queries/runs/join_workers.sql"), &[&job.schemas.own])
            .await
            .map_err(RunError::database("join_workers"))?;
        let started = Instant::now();
        let mut batch = Batch::default();
        while let Some(unit) = ledger::claim(&transaction, job.run_id, job.attempt).await? {
            *current = Some(unit);
            self.unit(&transaction, backend, sweep, planned, unit, &mut batch, steps).await?;
            let stop = job.request.stop.is_requested() || self.failed.load(Ordering::Relaxed);
            if stop || pace.limits().is_full(batch.rows, batch.bytes, started.elapsed()) {
                break;
            }
        }
        if batch.units.is_empty() {
            transaction.rollback().await.map_err(RunError::database("rollback"))?;
            return Ok(0);
        }
        let waited = |monitor: &Monitor| monitor.lock_wait_seconds(backend);
        let waited_before = job.monitor.map(waited).unwrap_or_default();
        let windows = record_windows(&transaction, job.run_id, &batch.windows, sweep.dictionary());
        let stages = &job.request.stages;
        stages.time(Stage::Ledger, windows).await.map_err(|source| RunError::Write { cutoff: job.cutoff, source })?;
        if let (Some(monitor), Some(last)) = (job.monitor, batch.units.last()) {
            let more = seconds_between(waited_before, waited(monitor));
            ledger::add_lock_wait(&transaction, job.run_id, *last, more).await?;
        }
        let committing = Instant::now();
        stages.time(Stage::Commit, transaction.commit()).await.map_err(RunError::database("commit"))?;
        pace.committed(committing.elapsed());
        if let Some(cumulative) = job.cumulative {
            batch.sums.iter().for_each(|unit| cumulative.add(unit, sweep.dictionary()));
        }
        for unit in &batch.units {
            job.observer.event(Event::UnitCommitted { unit: unit.number });
        }
        Ok(batch.units.len())
    }

    /// Computes the days of a unit, writes their rows and marks it.
    #[expect(clippy::too_many_arguments, reason = "as for a batch")]
    async fn unit(
        self,
        transaction: &Transaction<'_>,
        backend: i32,
        sweep: &mut Sweep,
        planned: &Planned,
        unit: Unit,
        batch: &mut Batch,
        steps: &mut Steps,
    ) -> Result<(), RunError> {
        let job = self.job;
        let stages = &job.request.stages;
        let started = Instant::now();
        let waited = |monitor: &Monitor| monitor.lock_wait_seconds(backend);
        let waited_before = job.monitor.map(waited).unwrap_or_default();
        let mut done = match job.request.engine {
            Engine::Native => {
                let mut done = UnitDone::default();
                let mut days = unit.days;
                loop {
                    let numbering =
                        Numbering { transaction, sessions: job.request.sessions.as_ref(), schemas: job.schemas };
                    let work = Work {
                        run_id: i32::try_from(job.run_id).map_err(|_| RunError::TooManyRuns(job.run_id))?,
                        collect_steps: job.request.collect_steps,
                        add_up: job.cumulative.filter(|cumulative| cumulative.is_adding()).map(Cumulative::memory),
                        ..stages.time(Stage::State, sweep.work(numbering, planned, days)).await?
                    };
                    let last = work.days.last;
                    self.write(transaction, work, batch, &mut done, steps).await?;
                    if last >= days.last {
                        break;
                    }
                    days.first = last.next();
                }
                done
            }
            Engine::Sql => {
                let question = Question {
                    chain: job.request.chain,
                    mode: job.request.mode,
                    cutoff: job.cutoff,
                    source: job.request.source,
                };
                let compute = sql_engine::compute(transaction, job.schemas, question, job.observer);
                stages.time(Stage::Sql, compute).await?;
                let done = stages.time(Stage::Sql, sql_engine::append(transaction, job.cutoff, job.run_id)).await?;
                if job.request.collect_steps {
                    *steps = sql_engine::steps(transaction).await?;
                }
                done
            }
        };
        done.seconds = started.elapsed().as_secs_f64();
        done.worker = format!("{}:{}", host(), std::process::id());
        // A difference of multiples of the same power of two.
        done.lock_wait_seconds = job.monitor.map(|monitor| seconds_between(waited_before, waited(monitor)));
        stages.time(Stage::Ledger, ledger::mark_done(transaction, job.run_id, unit, &done)).await?;
        batch.rows += done.rows;
        batch.bytes += done.bytes;
        batch.units.push(unit);
        Ok(())
    }

    /// Computes on a thread of its own while the rows of earlier days stream to the server.
    async fn write(
        self,
        transaction: &Transaction<'_>,
        work: Work,
        batch: &mut Batch,
        done: &mut UnitDone,
        steps: &mut Steps,
    ) -> Result<(), RunError> {
        let job = self.job;
        let write_error = |source: WriteError| RunError::Write { cutoff: job.cutoff, source };
        let (days, dictionary) = (work.days, Arc::clone(&work.dictionary));
        let (mut receiver, computing) = compute::start(work);

        let stages = &job.request.stages;
        let mut writer = stages.time(Stage::Write, GoldWriter::start(transaction, days)).await.map_err(write_error)?;
        while let Some(computed) = stages.time(Stage::Compute, receiver.recv()).await {
            match computed? {
                Computed::Rows { encoded, rows, _memory } => {
                    stages.time(Stage::Write, writer.write(encoded, rows)).await.map_err(write_error)?;
                }
                Computed::Day(ComputedDay { day, units, digest, rows_of, paid_of, steps: of_day }) => {
                    if digest.rows > 0 {
                        done.days.entry(day).or_default().add(digest);
                    }
                    for (step, table) in of_day {
                        steps.entry(step).or_default().extend(table);
                    }
                    let mut rows = 0;
                    for (reward_hash, count) in rows_of {
                        batch.windows.add(reward_hash, day, count);
                        rows += count;
                    }
                    for (token, more) in paid_of {
                        let paid: &mut Paid = done.paid.entry(dictionary.text(token).to_owned()).or_default();
                        paid.rows += more.rows;
                        paid.amount += &more.amount;
                    }
                    job.observer.event(Event::DayComputed { day, rows, units });
                }
                Computed::Sums(sums) => batch.sums.push(sums),
            }
        }
        computing.await.map_err(|_| RunError::Stopped)?;
        let written = stages.time(Stage::Write, writer.finish()).await.map_err(write_error)?;
        done.rows += written.rows;
        done.bytes += written.bytes;
        Ok(())
    }

    /// All units in the caller's transaction.
    pub(crate) async fn all(
        self,
        transaction: &Transaction<'_>,
        sweep: &mut Sweep,
        planned: &Planned,
    ) -> Result<Steps, RunError> {
        let mut steps = Steps::new();
        let mut batch = Batch::default();
        while let Some(unit) = ledger::claim(transaction, self.job.run_id, self.job.attempt).await? {
            self.unit(transaction, 0, sweep, planned, unit, &mut batch, &mut steps).await?;
        }
        record_windows(transaction, self.job.run_id, &batch.windows, sweep.dictionary())
            .await
            .map_err(|source| RunError::Write { cutoff: self.job.cutoff, source })?;
        Ok(steps)
    }
}

async fn backend_of(client: &Client) -> Result<i32, RunError> {
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/backend.sql"), &[])
        .await
        .map_err(RunError::database("runs/backend"))?;
    Ok(row.get("backend_pid"))
}

/// Time on a clock, not money.
#[expect(clippy::float_arithmetic, reason = "seconds for people")]
fn seconds_between(earlier: f64, later: f64) -> f64 {
    later - earlier
}
