//! `paydirt backfill`: the runs of many cutoffs, one after another, with everything read once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::Datelike;
use delta_extractor::Source;
use planner::PlanReport;
use reward_rules::{ActiveDays, Day};
use serde::Serialize;
use tokio_postgres::{Client, Transaction};

use crate::balances::{BALANCE_ROWS, balance};
use crate::compute::{self, Computed};
use crate::indexer::Indexer;
use crate::job::{Checked, refresh};
use crate::lifecycle::{done_by, require_possible, resolve_cutoff};
use crate::lock::with_lock;
use crate::manifest::store_missing_root;
use crate::migrate::require_current;
use crate::roots::Cumulative;
use crate::run::{Driver, begin, check_source, open_helper, require_daily_tables, take_marks, unfinished};
use crate::statistics::analyze_touched;
use crate::sweep::{Numbering, Planned, Question, Sweep};
use crate::tidy::tidy;
use crate::{CutoffArgument, Event, Observer, RunError, RunOutcome, RunRequest, Schemas, Stage};

/// Which cutoffs to run.
#[derive(Clone, Debug)]
pub struct BackfillRequest {
    /// How to run each of them; its own cutoff is the last one.
    pub run: RunRequest,
    /// The first cutoff.
    pub from: Day,
    /// Days from one to the next.
    pub every: u32,
}

/// What a backfill did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BackfillSummary {
    /// The cutoffs that were run now.
    pub runs: Vec<BackfilledRun>,
    /// How many were complete already, or covered by a later run that is.
    pub already_complete: usize,
    /// Rows appended to `gold_table`.
    pub gold_rows: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// What they went into, by [`Stage::name`].
    pub stages: BTreeMap<&'static str, f64>,
}

/// One cutoff of a backfill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BackfilledRun {
    /// D, `YYYY-MM-DD`.
    pub cutoff: String,
    /// Its number in `runs`.
    pub run_id: i64,
    /// Rows appended.
    pub gold_rows: u64,
    /// The root of the day before the cutoff, if it was stored.
    pub root: Option<String>,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// What a backfill would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BackfillPlan {
    /// The chain.
    pub chain: String,
    /// The cutoffs it would run, `YYYY-MM-DD`.
    pub cutoffs: Vec<String>,
    /// How many more are complete already.
    pub already_complete: usize,
    /// What is to be paid up to the last cutoff; each cutoff takes its part.
    pub plan: PlanReport,
    /// About how many rows, from days that were computed on trial.
    pub expected_rows: u64,
    /// About how many bytes are sent for them.
    pub expected_bytes: u64,
    /// The days that were computed on trial.
    pub sampled_days: Vec<String>,
}

/// Runs the cutoffs one after another, with the result that single runs in this order would have, Q1–Q3 included.
///
/// 1. The source is checked at the last cutoff. If something is wrong, each cutoff is a single run, and those before the trouble
///    are done. Otherwise submissions, registrations and ranges are read once, at the last cutoff, as far ahead as memory allows; what an
///    earlier cutoff could not know is left out in memory.
/// 2. Each cutoff is a run of its own in the ledger, complete and visible before the next begins. Only silver is at the last
///    cutoff from the start.
/// 3. Cutoffs that are complete are passed over, so the same call goes on after an interruption.
///
/// # Errors
/// As [`run`](crate::run); runs that are complete stay.
pub async fn backfill(
    client: &mut Client,
    schemas: &Schemas,
    request: &BackfillRequest,
    observer: &dyn Observer,
) -> Result<BackfillSummary, RunError> {
    require_current(client, schemas).await?;
    let started = Instant::now();
    with_lock(client, schemas, request.run.sessions.as_ref(), "backfill", async |client, monitor| {
        let cutoffs = cutoffs(client, schemas, request).await?;
        let mut summary = BackfillSummary::default();
        let Some(last_cutoff) = cutoffs.last().copied() else { return Ok(summary) };
        // What is wrong at an earlier cutoff is wrong at the last one: checking that one usually suffices.
        let mut helper = open_helper(schemas, request.run.sessions.as_ref()).await;
        let marks = match request.run.source {
            Source::Events => Some(
                request.run.stages.time(Stage::Check, take_marks(client, &mut helper, last_cutoff)).await?.checked(),
            ),
            Source::Snapshots => None,
        };
        let check = check_source(client, helper.as_ref(), true, request.run.mode, last_cutoff, None, observer);
        let checked = match request.run.stages.time(Stage::Check, check).await {
            Ok(findings) if findings.is_empty() => Some(Checked { set_aside: findings, marks }),
            Ok(_) | Err(RunError::BadInput(_)) => None,
            Err(error) => return Err(error),
        };
        drop(helper);
        let mut to_run = Vec::new();
        for cutoff in cutoffs {
            match done_by(client, cutoff).await? {
                Some(_) => summary.already_complete += 1,
                None => to_run.push(cutoff),
            }
        }
        observer.event(Event::Backfilling { cutoffs: to_run.len() });
        let mut sweep = None;
        let cumulative = &Arc::new(Cumulative::new(&request.run.memory));
        // The first run whose tables have not been analyzed, and its month.
        let mut not_analyzed: Option<(i64, u32)> = None;
        let indexer =
            request.run.sessions.as_ref().map(|sessions| Indexer::start(sessions, schemas, Some(request.from)));
        for cutoff in to_run {
            if request.run.stop.is_requested() {
                return Err(RunError::BackfillInterrupted { next: cutoff });
            }
            // With rows that no rule is defined for, nothing can be read ahead.
            let last_cutoff = if checked.is_some() { last_cutoff } else { cutoff };
            let concludes = false;
            let driver =
                Driver { schemas, request: &request.run, observer, monitor, last_cutoff, concludes, cumulative };
            match driver.run(client, cutoff, &mut sweep, checked.clone()).await? {
                RunOutcome::AlreadyComplete { .. } => summary.already_complete += 1,
                RunOutcome::Completed(run) => {
                    let rows = request.run.balance_rows.or(Some(BALANCE_ROWS));
                    let balance = balance(client, rows, Some(cumulative));
                    request.run.stages.time(Stage::Balance, balance).await;
                    // Once a month: partitions are months, and what is read is in memory.
                    let month = cutoff.date().month();
                    match not_analyzed {
                        Some((first, then)) if then != month => {
                            request.run.stages.time(Stage::Analyze, analyze_touched(client, first)).await;
                            not_analyzed = None;
                        }
                        Some(_) => {}
                        None => not_analyzed = Some((run.run_id, month)),
                    }
                    summary.gold_rows += run.gold_rows;
                    summary.runs.push(BackfilledRun {
                        cutoff: cutoff.to_string(),
                        run_id: run.run_id,
                        gold_rows: run.gold_rows,
                        root: run.root,
                        seconds: run.seconds,
                    });
                }
            }
            if let Some(indexer) = &indexer {
                indexer.loaded_before(cutoff);
            }
        }
        let first = not_analyzed.map(|(first, _)| first);
        let (sessions, stages) = (request.run.sessions.as_ref(), &request.run.stages);
        tidy(client, sessions, schemas, stages, indexer, first).await;
        // What was read ahead is not needed any more, but its memory is.
        drop(sweep);
        stages.time(Stage::Balance, balance(client, request.run.balance_rows, Some(cumulative))).await;
        if let Some(root) = Box::pin(store_missing_root(client, schemas, &request.run)).await
            && let Some(last) = summary.runs.last_mut()
        {
            last.root.get_or_insert(root);
        }
        summary.stages = request.run.stages.seconds();
        summary.seconds = started.elapsed().as_secs_f64();
        Ok(summary)
    })
    .await
}

/// What [`backfill`] would do. Changes nothing: silver is brought up to date in a transaction that is rolled back.
///
/// # Errors
/// As a run would be refused.
pub async fn backfill_plan(
    client: &mut Client,
    schemas: &Schemas,
    request: &BackfillRequest,
    observer: &dyn Observer,
) -> Result<BackfillPlan, RunError> {
    require_current(client, schemas).await?;
    with_lock(client, schemas, request.run.sessions.as_ref(), "backfill --dry-run", async |client, _| {
        plan_locked(client, schemas, request, observer).await
    })
    .await
}

async fn plan_locked(
    client: &mut Client,
    schemas: &Schemas,
    request: &BackfillRequest,
    observer: &dyn Observer,
) -> Result<BackfillPlan, RunError> {
    let all = cutoffs(client, schemas, request).await?;
    let mut to_run = Vec::new();
    for &cutoff in &all {
        if done_by(client, cutoff).await?.is_none() {
            to_run.push(cutoff);
        }
    }
    // What a run that did not finish has done so far will be resumed or removed: it does not count.
    let unfinished = unfinished(client).await?.map(|row| row.get("id"));
    let transaction = begin(client).await?;
    let planned = dry_run(&transaction, schemas, request, all.last().copied(), unfinished, observer).await;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    let DryRun { plan, rows, bytes, days } = planned?;
    Ok(BackfillPlan {
        chain: request.run.chain.to_string(),
        already_complete: all.len() - to_run.len(),
        cutoffs: to_run.iter().map(Day::to_string).collect(),
        plan,
        expected_rows: rows,
        expected_bytes: bytes,
        sampled_days: days.iter().map(Day::to_string).collect(),
    })
}

/// The cutoffs of a request: the first, and every so many days, up to the last.
async fn cutoffs(client: &Client, schemas: &Schemas, request: &BackfillRequest) -> Result<Vec<Day>, RunError> {
    let BackfillRequest { run, from, every } = request;
    require_possible(client, schemas, run).await?;
    let last = resolve_cutoff(client, schemas, run.chain, run.cutoff, run.past_newest_block).await?;
    if *from > last {
        return Err(RunError::FromAfterCutoff { from: *from, cutoff: last });
    }
    resolve_cutoff(client, schemas, run.chain, CutoffArgument::Date(*from), run.past_newest_block).await?;
    if run.source == Source::Snapshots {
        require_daily_tables(client, schemas).await?;
    }
    let step = i32::try_from(*every).unwrap_or(i32::MAX).max(1);
    let span = last.0 - from.0;
    Ok((0..=span / step).map(|index| Day(from.0 + index * step)).collect())
}

struct DryRun {
    plan: PlanReport,
    rows: u64,
    bytes: u64,
    days: Vec<Day>,
}

/// How many days are computed on trial.
const SAMPLES: usize = 3;

async fn dry_run(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    request: &BackfillRequest,
    last: Option<Day>,
    unfinished: Option<i64>,
    observer: &dyn Observer,
) -> Result<DryRun, RunError> {
    let run = &request.run;
    let last = last.unwrap_or(request.from);
    if run.source == Source::Events {
        refresh(transaction, run.chain, last, None, &run.memory, observer).await?;
    }
    let question = Question { chain: run.chain, mode: run.mode, cutoff: last, source: run.source };
    let mut sweep = Sweep::read(transaction, question, unfinished, &run.memory).await?;
    let planned = sweep.plan(transaction, schemas, last, unfinished, observer).await?;
    let pairs: Vec<(Day, u64)> = planned.rewards_per_day().into_iter().collect();
    let (mut rows, mut bytes, mut days) = (0, 0, Vec::new());
    // Each sample stands for the days around it.
    for around in pairs.chunks(pairs.len().div_ceil(SAMPLES).max(1)) {
        let (day, pairs_of_day) = around[around.len() / 2];
        let (rows_of_day, bytes_of_day) = sample(transaction, schemas, &mut sweep, &planned, day).await?;
        let pairs_around: u64 = around.iter().map(|(_, pairs)| pairs).sum();
        rows += rows_of_day * pairs_around / pairs_of_day.max(1);
        bytes += bytes_of_day * pairs_around / pairs_of_day.max(1);
        days.push(day);
    }
    Ok(DryRun { plan: planned.report, rows, bytes, days })
}

/// Rows and bytes of one day.
async fn sample(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    sweep: &mut Sweep,
    planned: &Planned,
    day: Day,
) -> Result<(u64, u64), RunError> {
    let days = ActiveDays { first: day, last: day };
    let numbering = Numbering { transaction, sessions: None, schemas };
    let (mut receiver, computing) = compute::start(sweep.work(numbering, planned, days).await?);
    let (mut rows, mut bytes) = (0, 0);
    while let Some(computed) = receiver.recv().await {
        if let Computed::Rows { encoded, rows: more, .. } = computed? {
            rows += more;
            bytes += encoded.len() as u64;
        }
    }
    computing.await.map_err(|_| RunError::Stopped)?;
    Ok((rows, bytes))
}
