//! One run, from lock to commit (spec/00 §5).

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use batch_writer::BatchLimits;
use bronze::{Finding, FindingKind, Severity, Since};
use chrono::NaiveDate;
use delta_extractor::{Marks, Source, read_marks};
use memory_budget::Budget;
use pg_numeric::Numeric;
use planner::PlanReport;
use reward_rules::{Chain, Day, Mode, RULE_VERSION, Step};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, GenericClient, IsolationLevel, Row, Transaction};

use crate::balances::balance;
use crate::begin::Begun;
use crate::compute::StepTable;
use crate::error::error_chain;
use crate::indexer::Indexer;
use crate::job::{Checked, Done, Job};
use crate::ledger::PAIRS_PER_UNIT;
use crate::lifecycle::{done_by, require_possible, resolve_cutoff};
use crate::lock::with_lock;
use crate::manifest::{StoreRoot, store_missing_root, store_root};
use crate::migrate::require_current;
use crate::monitor::Monitor;
use crate::partitions::AHEAD_MONTHS;
use crate::roots::{CompleteRun, Cumulative, addresses, all_counts};
use crate::sweep::{Planned, Sweep};
use crate::tidy::tidy;
use crate::{CutoffArgument, Event, Observer, RunError, Schemas, Sessions, Stage, Stages, Stop};

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
    /// Compatible or strict.
    pub mode: Mode,
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
    /// How many workers of this process compute units at the same time; more than one need `sessions`.
    pub workers: NonZeroUsize,
    /// For further workers, and for renewing the lease.
    pub sessions: Option<Sessions>,
    /// For everything the run keeps in memory.
    pub memory: Budget,
    /// How much is committed at once.
    pub batch: BatchLimits,
    /// Partitions are made up to so many months after the cutoff; [`crate::AHEAD_MONTHS`] usually.
    pub ahead_months: u32,
    /// From how many rows on that are not in the balances complete runs are included in them; `None`, as usual, when it pays.
    pub balance_rows: Option<u64>,
    /// When the root is stored with the manifest.
    pub root: StoreRoot,
    /// Stops the run at the next unit boundary when asked.
    pub stop: Stop,
    /// Keep the rows of steps 1–22 for comparison; costs memory in proportion to the run.
    pub collect_steps: bool,
    /// What the time goes into.
    pub stages: Stages,
}

impl RunRequest {
    /// A run of the native engine on the indexer's events that refuses what a run has to refuse.
    #[must_use]
    pub fn new(chain: Chain, cutoff: CutoffArgument) -> Self {
        Self {
            chain,
            mode: Mode::Compatible,
            cutoff,
            source: Source::Events,
            engine: Engine::Native,
            quarantine: false,
            past_newest_block: false,
            pairs_per_unit: PAIRS_PER_UNIT,
            workers: NonZeroUsize::MIN,
            sessions: None,
            memory: Budget::default(),
            batch: BatchLimits::DEFAULT,
            ahead_months: AHEAD_MONTHS,
            balance_rows: None,
            root: StoreRoot::default(),
            stop: Stop::default(),
            collect_steps: false,
            stages: Stages::default(),
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
    /// The root of the day before the cutoff, if it was stored.
    pub root: Option<String>,
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
/// 3. A new run commits silver, its plan and its units; then workers commit unit by unit the rows, windows and watermarks
///    with the mark; then one update makes the run complete and its rows visible.
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
    with_lock(client, schemas, request.sessions.as_ref(), "run", async |client, monitor| {
        require_possible(client, schemas, request).await?;
        let cutoff = resolve_cutoff(client, schemas, request.chain, request.cutoff, request.past_newest_block).await?;
        if request.source == Source::Snapshots {
            require_daily_tables(client, schemas).await?;
        }
        let cumulative = Arc::new(Cumulative::new(&request.memory));
        let cumulative = &cumulative;
        let driver = Driver { schemas, request, observer, monitor, last_cutoff: cutoff, concludes: true, cumulative };
        let outcome = driver.run(client, cutoff, &mut None, None).await?;
        if matches!(outcome, RunOutcome::AlreadyComplete { .. }) {
            // It may have been interrupted after its last commit.
            tidy(client, request.sessions.as_ref(), schemas, &request.stages, None, None).await;
            Box::pin(store_missing_root(client, schemas, request)).await;
            request.stages.time(Stage::Balance, balance(client, request.balance_rows, None)).await;
        }
        Ok(outcome)
    })
    .await
}

/// Drives runs, one after another, up to a last cutoff.
#[derive(Clone, Copy)]
pub(crate) struct Driver<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) request: &'a RunRequest,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) monitor: Option<&'a Monitor>,
    /// What is read is read at this cutoff, once for all of them.
    pub(crate) last_cutoff: Day,
    /// Whether indexes, statistics and balances follow each run; a backfill sees to them itself.
    pub(crate) concludes: bool,
    /// What has been paid, for roots and balances.
    pub(crate) cumulative: &'a Arc<Cumulative>,
}

impl Driver<'_> {
    /// One run. `checked` are the submissions to set aside, if the source has been checked already; `sweep` is what earlier
    /// runs have read.
    pub(crate) async fn run(
        self,
        client: &mut Client,
        cutoff: Day,
        sweep: &mut Option<Sweep>,
        checked: Option<Checked>,
    ) -> Result<RunOutcome, RunError> {
        let Self { request, observer, .. } = self;
        let started = Instant::now();
        let resumable = unfinished_run(client, request, cutoff, observer).await?;
        if let Some(done_by) = done_by(client, cutoff).await? {
            return Ok(RunOutcome::AlreadyComplete { cutoff, done_by });
        }
        let begun = match checked {
            Some(checked) => Begun::Checked(checked),
            None if resumable.is_none() && sweep.is_none() => {
                Box::pin(self.check_and_start(client, cutoff, sweep)).await?
            }
            None => Begun::Checked(request.stages.time(Stage::Check, self.check(client, cutoff)).await?),
        };
        let (job, planned) = match begun {
            Begun::Started(job, planned) => (job, Ok(*planned)),
            Begun::Checked(checked) => match self.resume(client, resumable, cutoff, sweep, &checked.set_aside).await? {
                Some((job, planned)) => (job, Ok(planned)),
                None => {
                    let job = self.job(cutoff, record(client, request, cutoff).await?);
                    (job, job.start(client, sweep, self.last_cutoff, checked).await)
                }
            },
        };
        let indexer = match (&planned, &request.sessions) {
            // What one run does not finish of a month, the next runs of a backfill do.
            (Ok(planned), Some(sessions)) if self.concludes && planned.is_of_several_months() => {
                Some(Indexer::start(sessions, self.schemas, None))
            }
            _ => None,
        };
        let done = match (planned, sweep.as_mut()) {
            (Ok(planned), Some(sweep)) => {
                if request.engine == Engine::Native {
                    self.cumulative.begin_run();
                }
                // On the heap, as for what follows: together they are more than the stack of a thread has room for.
                let finish = Box::pin(job.finish(client, sweep, planned));
                beside(finish, Box::pin(self.read_beside(job.run_id, cutoff))).await
            }
            (Ok(_), None) => Err(RunError::Stopped),
            (Err(error), _) => Err(error),
        };
        match done {
            Ok(done) => {
                let Done { rows, rewards, paid, plan, steps } = done;
                observer.event(Event::Committed { cutoff, rows });
                let run = CompleteRun { run_id: job.run_id, cutoff, rows };
                let root = Box::pin(self.conclude(client, run, sweep.as_ref(), indexer)).await;
                Ok(RunOutcome::Completed(Box::new(RunSummary {
                    run_id: job.run_id,
                    cutoff,
                    gold_rows: rows,
                    rewards,
                    root,
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
                    client.execute(include_str!("../../../sql/queries/runs/fail.sql"), &[&job.run_id, &message]).await
                {
                    tracing::warn!(run_id = job.run_id, error = %second, "could not record that the run failed");
                }
                Err(error)
            }
        }
    }

    /// Reads what earlier runs have paid, in a further session, unless it is known.
    async fn read_beside(self, run_id: i64, cutoff: Day) {
        let Self { request, cumulative, schemas, .. } = self;
        if !cumulative.is_unread() {
            return;
        }
        let read = async {
            if let Some(mut client) = open_helper(schemas, request.sessions.as_ref()).await {
                cumulative.read(&mut client, run_id, cutoff).await;
            }
        };
        request.stages.time(Stage::Balance, read).await;
    }

    /// What follows a run that is complete: indexes and statistics, while its root is made; then its root and the balances are
    /// stored. Gives the root.
    async fn conclude(
        self,
        client: &mut Client,
        run: CompleteRun,
        sweep: Option<&Sweep>,
        indexer: Option<Indexer>,
    ) -> Option<String> {
        let Self { request, schemas, cumulative, concludes, .. } = self;
        let (sessions, stages) = (request.sessions.as_ref(), &request.stages);
        let wanted = request.root == StoreRoot::Now;
        if cumulative.is_unread() {
            // There was no further session, or it was lost.
            stages.time(Stage::Balance, cumulative.read(client, run.run_id, run.cutoff)).await;
        }
        let addresses = match wanted {
            // Without them there is no root here, and it is read instead.
            true => addresses(client, cumulative.unknown_earners(), sweep.and_then(Sweep::numbered)).await.ok(),
            false => None,
        };
        let making = {
            let cumulative = Arc::clone(cumulative);
            tokio::task::spawn_blocking(move || cumulative.include(run, addresses.as_ref()))
        };
        // While it is made; with the watermarks of this run, and as the source is now.
        let counts = match wanted {
            true => {
                stages.time(Stage::Root, all_counts(client, run.cutoff.previous())).await.is_ok_and(|counts| counts)
            }
            false => false,
        };
        if concludes {
            tidy(client, sessions, schemas, stages, indexer, Some(run.run_id)).await;
        }
        let made = stages.time(Stage::Root, making).await.ok().flatten().filter(|_| counts);
        let mut root = None;
        if wanted {
            // In the middle of a backfill that has too little memory for sums, whoever asks first reads.
            let or_read = concludes || !cumulative.has_given_up();
            let store = store_root(client, schemas, run.run_id, made, or_read, &request.memory);
            root = stages.time(Stage::Root, store).await;
        }
        if concludes {
            stages.time(Stage::Balance, balance(client, request.balance_rows, Some(cumulative))).await;
        }
        root
    }

    /// Checks the rows of the source that this run reads: those that no earlier run has checked, if the others are the same.
    pub(crate) async fn check(&self, client: &mut Client, cutoff: Day) -> Result<Checked, RunError> {
        let Self { request, observer, .. } = *self;
        let mut helper = open_helper(self.schemas, request.sessions.as_ref()).await;
        let mut marks = None;
        if request.source == Source::Events {
            marks = Some(take_marks(client, &mut helper, cutoff).await?);
        }
        let since = marks.as_ref().and_then(not_checked);
        let set_aside =
            check_source(client, helper.as_ref(), request.quarantine, request.mode, cutoff, since, observer).await?;
        Ok(Checked { set_aside, marks: marks.map(Marks::checked) })
    }

    pub(crate) fn job(&self, cutoff: Day, run_id: i64) -> Job<'_> {
        let Self { schemas, request, observer, monitor, .. } = *self;
        let cumulative = Some(&**self.cumulative);
        Job { schemas, request, observer, monitor, cutoff, run_id, attempt: 1, cumulative }
    }

    /// Goes on with a run that did not finish, or removes it.
    async fn resume(
        &self,
        client: &mut Client,
        unfinished: Option<Unfinished>,
        cutoff: Day,
        sweep: &mut Option<Sweep>,
        quarantine: &[Finding],
    ) -> Result<Option<(Job<'_>, Planned)>, RunError> {
        let Some(unfinished) = unfinished else { return Ok(None) };
        let job = self.job(cutoff, unfinished.run_id);
        let resumed = job.resume(client, sweep, self.last_cutoff, quarantine).await?;
        if resumed.is_none() {
            unfinished.remove(client, self.observer).await?;
        }
        Ok(resumed)
    }
}

/// Does two things at once; the second only as long as the first does not fail.
async fn beside<T, E>(first: impl Future<Output = Result<T, E>>, second: impl Future<Output = ()>) -> Result<T, E> {
    let second = async {
        second.await;
        Ok(())
    };
    tokio::try_join!(first, second).map(|(done, ())| done)
}

/// Which rows have not been checked yet; `None`: all of them are to be checked.
pub(crate) fn not_checked(marks: &Marks) -> Option<Since> {
    let (first_sample_block, first_event_block) = (marks.first_sample_block(), marks.first_event_block());
    marks.checked_since().map(|day| Since { day: day.date(), first_sample_block, first_event_block })
}

/// Another session, for what two can do at the same time; without one, or if it cannot be opened, one does all.
pub(crate) async fn open_helper(schemas: &Schemas, sessions: Option<&Sessions>) -> Option<Client> {
    match sessions?.open(schemas).await {
        Ok(helper) => Some(helper),
        Err(error) => {
            tracing::debug!(error = error_chain(&error), "no further session for the checks");
            None
        }
    }
}

/// Which rows are there, before they are checked.
pub(crate) async fn take_marks(
    client: &mut Client,
    helper: &mut Option<Client>,
    cutoff: Day,
) -> Result<Marks, RunError> {
    let marks = take_marks_with(client, helper.as_mut(), cutoff).await;
    if helper.take_if(|helper| helper.is_closed()).is_none() || marks.is_ok() {
        return marks;
    }
    take_marks_with(client, None, cutoff).await
}

async fn take_marks_with(client: &mut Client, helper: Option<&mut Client>, cutoff: Day) -> Result<Marks, RunError> {
    let helping = match helper {
        Some(helper) => Some(begin(helper).await?),
        None => None,
    };
    let transaction = begin(client).await?;
    let marks = read_marks(&transaction, helping.as_ref(), cutoff).await;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    if let Some(helping) = helping {
        helping.rollback().await.map_err(RunError::database("rollback"))?;
    }
    marks.map_err(|source| RunError::Extract { cutoff, source })
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

/// The newest run, if it did not finish.
pub(crate) async fn unfinished(client: &Client) -> Result<Option<Row>, RunError> {
    client
        .query_opt(include_str!("../../../sql/queries/runs/unfinished.sql"), &[])
        .await
        .map_err(RunError::database("unfinished"))
}

/// The run that did not finish, if it may be resumed for this request; otherwise it is removed.
async fn unfinished_run(
    client: &Client,
    request: &RunRequest,
    cutoff: Day,
    observer: &dyn Observer,
) -> Result<Option<Unfinished>, RunError> {
    let Some(row) = unfinished(client).await? else { return Ok(None) };
    let of: NaiveDate = row.get("cutoff");
    let unfinished = Unfinished { run_id: row.get("id"), cutoff: of.to_string(), status: row.get("status") };
    let same = of == cutoff.date()
        && row.get::<_, &str>("engine") == request.engine.name()
        && row.get::<_, &str>("source") == request.source.name()
        && row.get::<_, &str>("version") == env!("CARGO_PKG_VERSION")
        && row.get::<_, Option<i32>>("rule_version") == Some(RULE_VERSION)
        && !request.collect_steps;
    if same {
        return Ok(Some(unfinished));
    }
    unfinished.remove(client, observer).await?;
    Ok(None)
}

/// Records that a run is processing; gives its number.
pub(crate) async fn record<C: GenericClient>(client: &C, request: &RunRequest, cutoff: Day) -> Result<i64, RunError> {
    let parameters: [&(dyn ToSql + Sync); 7] = [
        &request.chain.name(),
        &cutoff.date(),
        &request.engine.name(),
        &request.source.name(),
        &env!("CARGO_PKG_VERSION"),
        &RULE_VERSION,
        &request.mode.name(),
    ];
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/begin.sql"), &parameters)
        .await
        .map_err(RunError::database("runs/begin"))?;
    Ok(row.get("id"))
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

/// Checks the rows of the source that a run reads, or those of days from `since` on; returns the submissions to set aside.
pub(crate) async fn check_source(
    client: &Client,
    helper: Option<&Client>,
    quarantine: bool,
    mode: Mode,
    cutoff: Day,
    since: Option<Since>,
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
    let findings = match bronze::validate(client, helper, cutoff.date(), since).await {
        Err(_) if helper.is_some_and(Client::is_closed) => bronze::validate(client, None, cutoff.date(), since).await?,
        findings => findings?,
    };
    let (errors, warnings): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .map(|finding| judged(finding, mode))
        .partition(|finding| finding.severity == Severity::Error);
    for warning in &warnings {
        tracing::info!(kind = warning.kind.name(), table = warning.table, key = warning.key, "{}", warning.reason);
    }
    let since = since.map(|since| Day::from(since.day));
    observer.event(Event::Validated { since, warnings: warnings.len() });
    let errors = errors.into_iter().filter(|error| !(error.quarantinable && quarantined.contains(&error.key)));
    let (set_aside, refused): (Vec<Finding>, Vec<Finding>) =
        errors.partition(|error| quarantine && error.quarantinable);
    if !refused.is_empty() {
        return Err(RunError::BadInput(refused));
    }
    Ok(set_aside)
}

/// What a submission holds whose rows disagree is not defined, so no strict run can promise to pay no more.
fn judged(finding: Finding, mode: Mode) -> Finding {
    match (mode, finding.kind) {
        (Mode::Strict, FindingKind::SubmissionDisagrees) => {
            Finding { severity: Severity::Error, quarantinable: true, ..finding }
        }
        _ => finding,
    }
}

/// A transaction on one snapshot of the database that writes nothing.
pub(crate) async fn begin_reading(client: &mut Client) -> Result<Transaction<'_>, RunError> {
    client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(RunError::database("begin"))
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
