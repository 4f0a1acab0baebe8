//! One run, from lock to commit (spec/00 §5).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use batch_writer::{GoldWriter, Windows, WriteError};
use bronze::{Finding, Severity};
use delta_extractor::{RunInput, Source, prepare, refresh_silver};
use pg_numeric::Numeric;
use planner::PlanReport;
use reward_rules::{Chain, Day, Dictionary, Fork, ForkDates, Step};
use tokio::sync::mpsc;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, GenericClient, IsolationLevel, Transaction};

use crate::compute::{ComputedDay, Known, Question, StepTable, Work, compute, read_work};
use crate::lifecycle::{done_by, purge, require_same_chain, resolve_cutoff};
use crate::lock::{lock, unlock};
use crate::migrate::require_current;
use crate::plan::read_plan;
use crate::sql_engine::{self, Appended};
use crate::{CutoffArgument, Event, Observer, RunError, Schemas};

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
    /// Keep the rows of steps 1–22 for comparison; costs memory in proportion to the run.
    pub collect_steps: bool,
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
/// 1. Takes the schema's lock, forgets a run that did not finish, and checks chain, cutoff and source.
/// 2. Records the run as `processing`.
/// 3. In one transaction: silver, plan, state, rows, windows, watermarks and `complete`.
///
/// # Errors
/// If the run is refused, nothing was written. If it fails, its transaction was rolled back and its record says
/// `failed` with the message; the same call starts it again.
pub async fn run(
    client: &mut Client,
    schemas: &Schemas,
    request: &RunRequest,
    observer: &dyn Observer,
) -> Result<RunOutcome, RunError> {
    require_current(client, schemas).await?;
    lock(client, &schemas.own).await?;
    let outcome = run_locked(client, schemas, request, observer).await;
    // After a lost connection the server has given the lock back itself.
    let unlocked = if client.is_closed() { Ok(()) } else { unlock(client, &schemas.own).await };
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
    purge(client, observer).await?;
    if let Some(done_by) = done_by(client, cutoff).await? {
        return Ok(RunOutcome::AlreadyComplete { cutoff, done_by });
    }
    if request.source == Source::Snapshots {
        require_daily_tables(client, schemas).await?;
    }
    let quarantine = check_source(client, request, cutoff, observer).await?;

    let run_id = record(client, request, cutoff).await?;

    let job = Job { schemas, request, observer, cutoff, run_id };
    match job.execute(client, &quarantine).await {
        Ok(done) => {
            let Done { rows, rewards, paid, plan, steps } = done;
            observer.event(Event::Committed { rows });
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
            // If this fails too, the record stays `processing` and the next run purges it; the first error matters.
            if let Err(second) =
                client.execute(include_str!("../../../sql/queries/runs/fail.sql"), &[&run_id, &message]).await
            {
                tracing::warn!(run_id, error = %second, "could not record that the run failed");
            }
            Err(error)
        }
    }
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

/// A submission to set aside.
struct SetAside {
    finding: Finding,
}

/// Checks the rows of the source that this run reads; returns the submissions to set aside.
async fn check_source(
    client: &Client,
    request: &RunRequest,
    cutoff: Day,
    observer: &dyn Observer,
) -> Result<Vec<SetAside>, RunError> {
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
        errors.partition(|error| request.quarantine && error.quarantinable);
    if !refused.is_empty() {
        return Err(RunError::BadInput(refused));
    }
    Ok(set_aside.into_iter().map(|finding| SetAside { finding }).collect())
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

/// A run that is recorded as `processing`.
pub(crate) struct Job<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) request: &'a RunRequest,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cutoff: Day,
    pub(crate) run_id: i64,
}

/// What a job did.
pub(crate) struct Done {
    rows: u64,
    rewards: usize,
    paid: BTreeMap<String, Paid>,
    plan: PlanReport,
    steps: BTreeMap<Step, StepTable>,
}

impl Job<'_> {
    /// The transaction of the run.
    async fn execute(&self, client: &mut Client, quarantine: &[SetAside]) -> Result<Done, RunError> {
        let transaction = begin(client).await?;
        self.set_aside(&transaction, quarantine).await?;
        let done = self.compute_and_write(&transaction).await?;
        transaction.commit().await.map_err(RunError::database("commit"))?;
        Ok(done)
    }

    /// Everything between begin and commit, but for the quarantine.
    pub(crate) async fn compute_and_write(&self, transaction: &Transaction<'_>) -> Result<Done, RunError> {
        let cutoff = self.cutoff;
        let extract = |source| RunError::Extract { cutoff, source };
        let input = RunInput { chain: self.request.chain, cutoff };
        prepare(transaction, input).await.map_err(extract)?;
        if self.request.source == Source::Events {
            for relation in refresh_silver(transaction, input).await.map_err(extract)? {
                self.observer.event(Event::SilverRefreshed {
                    table: relation.table,
                    refresh: relation.refresh,
                    removed: relation.removed,
                    added: relation.added,
                });
            }
        }

        let mut dictionary = Dictionary::new();
        let (plan, submissions) = read_plan(transaction, self.request.chain, cutoff, &mut dictionary).await?;
        let report = PlanReport::new(&plan, &dictionary);
        self.observer.event(Event::Planned(Box::new(report.clone())));
        if self.excluded_list_matters(plan.needs.every_operator) && submissions.excluded.is_empty() {
            self.observer.event(Event::NobodyExcluded);
        }

        let done = match self.request.engine {
            Engine::Native => {
                let days = plan.needs.days;
                let collect_steps = self.request.collect_steps;
                let known = Known { plan, submissions, dictionary };
                let work = read_work(transaction, self.schemas, self.question(), known, collect_steps).await?;
                self.write(transaction, work, days, report).await?
            }
            Engine::Sql => self.ask_oracle(transaction, report).await?,
        };
        let database = RunError::database;
        let stored_rows = i64::try_from(done.rows).unwrap_or(i64::MAX);
        transaction
            .execute(include_str!("../../../sql/queries/runs/complete.sql"), &[&self.run_id, &stored_rows])
            .await
            .map_err(database("complete"))?;
        Ok(done)
    }

    fn question(&self) -> Question {
        Question { chain: self.request.chain, cutoff: self.cutoff, source: self.request.source }
    }

    /// Computes with the oracle and appends what it says.
    async fn ask_oracle(&self, transaction: &Transaction<'_>, plan: PlanReport) -> Result<Done, RunError> {
        sql_engine::compute(transaction, self.schemas, self.question(), self.observer).await?;
        let Appended { rows, rewards, paid } = sql_engine::append(transaction, self.cutoff, self.run_id).await?;
        let steps = if self.request.collect_steps { sql_engine::steps(transaction).await? } else { BTreeMap::new() };
        Ok(Done { rows, rewards, paid, plan, steps })
    }

    /// Whether the run computes days on which the reference left addresses out; only mainnet lists any (Q28).
    fn excluded_list_matters(&self, every_operator: Option<reward_rules::ActiveDays>) -> bool {
        let chain = self.request.chain;
        let panama = ForkDates::of(chain).date(Fork::Panama);
        chain == Chain::Mainnet && every_operator.is_some_and(|days| days.first < panama)
    }

    async fn set_aside(&self, transaction: &Transaction<'_>, quarantine: &[SetAside]) -> Result<(), RunError> {
        for SetAside { finding } in quarantine {
            transaction
                .execute(
                    include_str!("../../../sql/queries/runs/quarantine.sql"),
                    &[&finding.key, &finding.table, &finding.reason, &self.cutoff.date()],
                )
                .await
                .map_err(RunError::database("quarantine"))?;
            self.observer
                .event(Event::Quarantined { reward_hash: finding.key.clone(), reason: finding.reason.clone() });
        }
        Ok(())
    }

    /// Computes on a thread of its own while the rows of earlier days stream into gold_table.
    async fn write(
        &self,
        transaction: &Transaction<'_>,
        work: Work,
        days: Option<reward_rules::ActiveDays>,
        plan: PlanReport,
    ) -> Result<Done, RunError> {
        let write_error = |source: WriteError| RunError::Write { cutoff: self.cutoff, source };
        let dictionary = Arc::clone(&work.dictionary);
        let (sender, mut receiver) = mpsc::channel(1);
        let computing = tokio::task::spawn_blocking(move || compute(&work, &sender));

        let mut windows = Windows::default();
        let mut paid: BTreeMap<String, Paid> = BTreeMap::new();
        let mut steps: BTreeMap<Step, StepTable> = BTreeMap::new();
        let mut writer = GoldWriter::start(transaction, days).await.map_err(write_error)?;
        while let Some(computed) = receiver.recv().await {
            let ComputedDay { day, units, rows_of, paid_of, batches, steps: of_day } = computed?;
            for (step, table) in of_day {
                steps.entry(step).or_default().extend(table);
            }
            let mut rows = 0;
            for (reward_hash, count) in rows_of {
                windows.add(reward_hash, day, count);
                rows += count;
            }
            for (token, more) in paid_of {
                let paid = paid.entry(dictionary.text(token).to_owned()).or_default();
                paid.rows += more.rows;
                paid.amount += &more.amount;
            }
            for batch in &batches {
                writer.write(batch, &dictionary).await.map_err(write_error)?;
            }
            self.observer.event(Event::DayComputed { day, rows, units });
        }
        computing.await.map_err(|_| RunError::Stopped)?;
        let written = writer.finish(transaction, self.run_id, &windows, &dictionary).await.map_err(write_error)?;
        Ok(Done { rows: written.rows, rewards: windows.rewards(), paid, plan, steps })
    }
}
