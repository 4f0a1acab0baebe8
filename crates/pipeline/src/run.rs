//! One run, from lock to commit (spec/00 §5).

use std::collections::BTreeMap;
use std::time::Instant;

use bronze::{Finding, Severity};
use chrono::NaiveDate;
use delta_extractor::Source;
use pg_numeric::Numeric;
use planner::PlanReport;
use reward_rules::{Chain, Day, Step};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, GenericClient, IsolationLevel, Transaction};

use crate::compute::StepTable;
use crate::job::{Done, Job};
use crate::ledger::PAIRS_PER_UNIT;
use crate::lifecycle::{done_by, require_same_chain, resolve_cutoff};
use crate::lock::{lock, unlock};
use crate::migrate::require_current;
use crate::partitions::AHEAD_MONTHS;
use crate::statistics::analyze_touched;
use crate::{CutoffArgument, Event, Observer, RunError, Schemas, Stop};

/// Which implementation of the rules computes gold; their results are the same (design D9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// [`reward_rules`].
    Native,
    /// `sql/oracle`: slow, and independent of the other.
    Sql,
}

impl Engine {
    /// The name in the CLI and in stored runs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Sql => "sql",
        }
    }
}

/// What to run.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// Whose fork dates hold.
    pub chain: Chain,
    /// D.
    pub cutoff: CutoffArgument,
    /// Where silver comes from.
    pub source: Source,
    /// Which of the two implementations of the rules computes gold.
    pub engine: Engine,
    /// Set submissions aside that no rule is defined for, instead of refusing the run.
    pub quarantine: bool,
    /// Go on although the newest block is older than the cutoff. The reference refuses that (spec/00 §5 item 4), because
    /// later blocks could still change the day before; only conformance cases, whose data is all there is, set it.
    pub past_newest_block: bool,
    /// How many (reward, day) pairs are committed at once, unless a month ends before; [`crate::PAIRS_PER_UNIT`] usually.
    pub pairs_per_unit: u64,
    /// Partitions are made up to so many months after the cutoff; [`crate::AHEAD_MONTHS`] usually.
    pub ahead_months: u32,
    /// Stops the run at the next unit boundary when asked.
    pub stop: Stop,
    /// Keep the rows of steps 1–22 for comparison; costs memory in proportion to the run.
    pub collect_steps: bool,
}

impl RunRequest {
    /// A run of the native engine on the indexer's events that refuses what a run has to refuse.
    #[must_use]
    pub fn new(chain: Chain, cutoff: CutoffArgument) -> Self {
        Self {
            chain,
            cutoff,
            source: Source::Events,
            engine: Engine::Native,
            quarantine: false,
            past_newest_block: false,
            pairs_per_unit: PAIRS_PER_UNIT,
            ahead_months: AHEAD_MONTHS,
            stop: Stop::default(),
            collect_steps: false,
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum RunOutcome {
    /// A complete run has this cutoff or a later one; nothing was done.
    AlreadyComplete {
        /// The cutoff asked for.
        cutoff: Day,
        /// The cutoff of the complete run.
        done_by: Day,
    },
    /// The run is complete and visible.
    Completed(Box<RunSummary>),
}

/// What a run did.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// Its number in `runs`.
    pub run_id: i64,
    /// D.
    pub cutoff: Day,
    /// Rows appended to `gold_table`.
    pub gold_rows: u64,
    /// Submissions that got rows.
    pub rewards: usize,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// What was paid, per token text.
    pub paid: BTreeMap<String, Paid>,
    /// Its plan.
    pub plan: PlanReport,
    /// Rows of steps 1–22, if asked for.
    pub steps: BTreeMap<Step, StepTable>,
}

/// What a run paid in one token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// Rows.
    pub rows: u64,
    /// Sum of their amounts.
    pub amount: Numeric,
}

/// The daily tables `--source snapshots` reads.
const DAILY_TABLES: [&str; 12] = [
    "staker_share_snapshots",
    "operator_share_snapshots",
    "staker_delegation_snapshots",
    "operator_avs_split_snapshots",
    "operator_pi_split_snapshots",
    "operator_set_split_snapshots",
    "default_operator_split_snapshots",
    "operator_avs_registration_snapshots",
    "operator_avs_strategy_snapshots",
    "operator_set_operator_registration_snapshots",
    "operator_set_strategy_registration_snapshots",
    "operator_allocation_snapshots",
];

/// Runs the gold calculation for one cutoff.
///
/// 1. Takes the schema's lock, and checks chain, cutoff and source.
/// 2. Resumes the run that did not finish, if it was for this cutoff and comes to the same plan; removes it otherwise.
/// 3. A new run commits silver, its plan and its units; then every unit commits its rows, windows and watermarks with
///    its mark; then one update makes the run complete and its rows visible.
///
/// # Errors
/// If the run is refused, nothing was written. If it fails, no row of it is visible, its record says `failed` with the
/// message, and the same call goes on with the units that are not done.
pub async fn run(
    client: &mut Client,
    schemas: &Schemas,
    request: &RunRequest,
    observer: &dyn Observer,
) -> Result<RunOutcome, RunError> {
    require_current(client, schemas).await?;
    lock(client, schemas, "run").await?;
    let outcome = run_locked(client, schemas, request, observer).await;
    // After a lost connection the server has given the lock back itself.
    let unlocked = if client.is_closed() { Ok(()) } else { unlock(client, schemas).await };
    let outcome = outcome?;
    unlocked?;
    Ok(outcome)
}

async fn run_locked(
    client: &mut Client,
    schemas: &Schemas,
    request: &RunRequest,
    observer: &dyn Observer,
) -> Result<RunOutcome, RunError> {
    let started = Instant::now();
    require_same_chain(client, schemas, request.chain).await?;
    let cutoff = resolve_cutoff(client, schemas, request.chain, request.cutoff, request.past_newest_block).await?;
    let resumable = unfinished_run(client, schemas, request, cutoff, observer).await?;
    if let Some(done_by) = done_by(client, cutoff).await? {
        return Ok(RunOutcome::AlreadyComplete { cutoff, done_by });
    }
    if request.source == Source::Snapshots {
        require_daily_tables(client, schemas).await?;
    }
    let quarantine = check_source(client, request.quarantine, cutoff, observer).await?;
    let job = |run_id| Job { schemas, request, observer, cutoff, run_id };

    let mut resumed = None;
    if let Some(unfinished) = resumable {
        let run_id = unfinished.run_id;
        resumed = job(run_id).resume(client, &quarantine).await?.map(|begun| (run_id, begun));
        if resumed.is_none() {
            unfinished.remove(client, observer).await?;
        }
    }
    let (run_id, begun) = match resumed {
        Some((run_id, begun)) => (run_id, Ok(begun)),
        None => {
            let run_id = record(client, request, cutoff).await?;
            (run_id, job(run_id).start(client, &quarantine).await)
        }
    };
    let done = match begun {
        Ok(begun) => job(run_id).finish(client, begun).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => {
            let Done { rows, rewards, paid, plan, steps } = done;
            observer.event(Event::Committed { rows });
            analyze_touched(client, run_id).await;
            Ok(RunOutcome::Completed(Box::new(RunSummary {
                run_id,
                cutoff,
                gold_rows: rows,
                rewards,
                seconds: started.elapsed().as_secs_f64(),
                paid,
                plan,
                steps,
            })))
        }
        Err(error) => {
            let message = error_chain(&error);
            // If this fails too, the record stays `processing` and the next call resumes it; the first error matters.
            if let Err(second) =
                client.execute(include_str!("../../../sql/queries/runs/fail.sql"), &[&run_id, &message]).await
            {
                tracing::warn!(run_id, error = %second, "could not record that the run failed");
            }
            Err(error)
        }
    }
}

/// A run that did not finish.
struct Unfinished {
    run_id: i64,
    cutoff: String,
    status: String,
}

impl Unfinished {
    /// Removes it with what it wrote.
    async fn remove(self, client: &Client, observer: &dyn Observer) -> Result<(), RunError> {
        let row = client
            .query_one(include_str!("../../../sql/queries/runs/remove.sql"), &[&self.run_id])
            .await
            .map_err(RunError::database("runs/remove"))?;
        let rows = u64::try_from(row.get::<_, i64>("gold_rows")).unwrap_or_default();
        observer.event(Event::Purged { cutoff: self.cutoff, status: self.status, rows });
        Ok(())
    }
}

/// The run that did not finish, if it may be resumed for this request; otherwise it is removed.
async fn unfinished_run(
    client: &Client,
    schemas: &Schemas,
    request: &RunRequest,
    cutoff: Day,
    observer: &dyn Observer,
) -> Result<Option<Unfinished>, RunError> {
    schemas.own_first(client).await.map_err(RunError::database("set_search_path"))?;
    let unfinished = client
        .query_opt(include_str!("../../../sql/queries/runs/unfinished.sql"), &[])
        .await
        .map_err(RunError::database("unfinished"))?;
    let Some(row) = unfinished else { return Ok(None) };
    let of: NaiveDate = row.get("cutoff");
    let unfinished = Unfinished { run_id: row.get("id"), cutoff: of.to_string(), status: row.get("status") };
    let same = of == cutoff.date()
        && row.get::<_, &str>("engine") == request.engine.name()
        && row.get::<_, &str>("source") == request.source.name()
        && row.get::<_, &str>("version") == env!("CARGO_PKG_VERSION")
        && !request.collect_steps;
    if same {
        return Ok(Some(unfinished));
    }
    unfinished.remove(client, observer).await?;
    Ok(None)
}

/// Records that a run is processing; gives its number.
pub(crate) async fn record<C: GenericClient>(client: &C, request: &RunRequest, cutoff: Day) -> Result<i64, RunError> {
    let parameters: [&(dyn ToSql + Sync); 5] = [
        &request.chain.name(),
        &cutoff.date(),
        &request.engine.name(),
        &request.source.name(),
        &env!("CARGO_PKG_VERSION"),
    ];
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/begin.sql"), &parameters)
        .await
        .map_err(RunError::database("runs/begin"))?;
    Ok(row.get("id"))
}

/// An error with its causes, on one line.
fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

pub(crate) async fn require_daily_tables<C: GenericClient>(client: &C, schemas: &Schemas) -> Result<(), RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/runs/daily_tables.sql"), &[&schemas.source, &DAILY_TABLES.as_slice()])
        .await
        .map_err(RunError::database("daily_tables"))?;
    if rows.is_empty() {
        return Ok(());
    }
    let missing = rows.iter().map(|row| row.get("name")).collect();
    Err(RunError::NoDailyTables { schema: schemas.source.clone(), missing })
}

/// Checks the rows of the source that this run reads; returns the submissions to set aside.
pub(crate) async fn check_source(
    client: &Client,
    quarantine: bool,
    cutoff: Day,
    observer: &dyn Observer,
) -> Result<Vec<Finding>, RunError> {
    let quarantined: Vec<String> = client
        .query(include_str!("../../../sql/queries/runs/quarantined.sql"), &[])
        .await
        .map_err(RunError::database("quarantined"))?
        .iter()
        .map(|row| row.get("reward_hash"))
        .collect();
    if !quarantined.is_empty() {
        observer.event(Event::LeavingOut { submissions: quarantined.len() });
    }
    let findings = bronze::validate(client, cutoff.date()).await?;
    let (errors, warnings): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.severity == Severity::Error);
    for warning in &warnings {
        tracing::info!(kind = warning.kind.name(), table = warning.table, key = warning.key, "{}", warning.reason);
    }
    observer.event(Event::Validated { warnings: warnings.len() });
    let errors = errors.into_iter().filter(|error| !(error.quarantinable && quarantined.contains(&error.key)));
    let (set_aside, refused): (Vec<Finding>, Vec<Finding>) =
        errors.partition(|error| quarantine && error.quarantinable);
    if !refused.is_empty() {
        return Err(RunError::BadInput(refused));
    }
    Ok(set_aside)
}

/// The transaction of a run or of a comparison.
pub(crate) async fn begin(client: &mut Client) -> Result<Transaction<'_>, RunError> {
    client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .start()
        .await
        .map_err(RunError::database("begin"))
}
