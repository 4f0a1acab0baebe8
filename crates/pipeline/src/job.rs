//! The parts of a run: start or resume, units, completion. The driver in `run` commits between them; a comparison does all
//! of them in one transaction and rolls back.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bronze::Finding;
use chrono::Datelike;
use delta_extractor::{Marks, Refresh, RunInput, Source, prepare, read_marks, refresh_silver};
use futures_util::future::join_all;
use memory_budget::Budget;
use planner::PlanReport;
use reward_rules::{ActiveDays, Chain, Day};
use tokio::time::Instant;
use tokio_postgres::{Client, Transaction};

use crate::error::error_chain;
use crate::ledger::{self, Unit};
use crate::lock::{release_workers, say_who_works};
use crate::manifest::{self, Subject};
use crate::monitor::Monitor;
use crate::partitions::ensure_ahead;
use crate::roots::Cumulative;
use crate::run::begin;
use crate::sweep::{Planned, Question, Sweep};
use crate::worker::{Steps, Worker};
use crate::{Engine, Event, Observer, Paid, RunError, RunRequest, Schemas, Sessions, Silent, Stage};

/// A run that is recorded as `processing`.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) request: &'a RunRequest,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) monitor: Option<&'a Monitor>,
    pub(crate) cutoff: Day,
    pub(crate) run_id: i64,
    pub(crate) attempt: i32,
    /// Where its rows are added up.
    pub(crate) cumulative: Option<&'a Cumulative>,
}

/// What checking the source has found out.
#[derive(Clone, Default)]
pub(crate) struct Checked {
    /// Submissions to set aside.
    pub(crate) set_aside: Vec<Finding>,
    /// Which rows are there.
    pub(crate) marks: Option<Marks>,
}

/// What a job did.
pub(crate) struct Done {
    pub(crate) rows: u64,
    pub(crate) rewards: usize,
    pub(crate) paid: BTreeMap<String, Paid>,
    pub(crate) plan: PlanReport,
    pub(crate) steps: Steps,
}

/// How often a run looks whether other processes have done the units that it could not take.
const LOOK: Duration = Duration::from_millis(100);

/// Brings silver up to a cutoff. `marks` may be from shortly before: what has changed since shows in the next ones.
pub(crate) async fn refresh(
    transaction: &Transaction<'_>,
    chain: Chain,
    cutoff: Day,
    marks: Option<Marks>,
    budget: &Budget,
    observer: &dyn Observer,
) -> Result<Vec<Refresh>, RunError> {
    let extract = |source| RunError::Extract { cutoff, source };
    let input = RunInput { chain, cutoff, resumed_run: None };
    prepare(transaction, input).await.map_err(extract)?;
    let marks = match marks {
        Some(marks) => marks,
        None => read_marks(transaction, None, cutoff).await.map_err(extract)?,
    };
    let mut done = Vec::new();
    for relation in refresh_silver(transaction, input, &marks, budget).await.map_err(extract)? {
        done.push(relation.refresh);
        observer.event(Event::SilverRefreshed {
            table: relation.table,
            refresh: relation.refresh,
            removed: relation.removed,
            added: relation.added,
        });
    }
    Ok(done)
}

impl Job<'_> {
    /// Commits silver, the plan and the units of a new run. What is read for it stays in `sweep`, or is there already.
    pub(crate) async fn start(
        self,
        client: &mut Client,
        sweep: &mut Option<Sweep>,
        last_cutoff: Day,
        checked: Checked,
    ) -> Result<Planned, RunError> {
        let transaction = begin(client).await?;
        let (read, planned) = self.start_in(&transaction, sweep.take(), last_cutoff, checked).await?;
        let commit = self.request.stages.time(Stage::Commit, transaction.commit());
        commit.await.map_err(RunError::database("commit"))?;
        *sweep = Some(read);
        Ok(planned)
    }

    /// The same in a transaction that is still to be committed.
    pub(crate) async fn start_in(
        self,
        transaction: &Transaction<'_>,
        kept: Option<Sweep>,
        last_cutoff: Day,
        Checked { set_aside, marks }: Checked,
    ) -> Result<(Sweep, Planned), RunError> {
        self.set_aside(transaction, &set_aside).await?;
        let kept = kept.filter(|_| set_aside.is_empty());
        let marks = marks.filter(|marks| marks.cutoff() == last_cutoff);
        let (read, planned) = self.plan(transaction, kept, last_cutoff, marks).await?;
        let started = Instant::now();
        // All partitions that units need: two workers must not make one at the same time.
        let days: Vec<Day> = planned.rewards_per_day().into_keys().collect();
        let month = |day: &Day| (day.date().year(), day.date().month());
        for days in days.chunk_by(|one, next| month(one) == month(next)) {
            let days = ActiveDays { first: days[0], last: days[days.len() - 1] };
            batch_writer::ensure_partitions(transaction, days)
                .await
                .map_err(|source| RunError::Write { cutoff: self.cutoff, source })?;
        }
        ensure_ahead(transaction, self.cutoff, self.request.ahead_months).await?;
        self.request.stages.add(Stage::Plan, started.elapsed());
        Ok((read, planned))
    }

    /// Goes on with a run that did not finish; `None` if its plan would be another one now.
    pub(crate) async fn resume(
        self,
        client: &mut Client,
        sweep: &mut Option<Sweep>,
        last_cutoff: Day,
        quarantine: &[Finding],
    ) -> Result<Option<(Self, Planned)>, RunError> {
        if !quarantine.is_empty() {
            return Ok(None);
        }
        let transaction = begin(client).await?;
        if last_cutoff != self.cutoff && self.request.source == Source::Events {
            let refresh =
                refresh(&transaction, self.request.chain, last_cutoff, None, &self.request.memory, self.observer);
            let done = self.request.stages.time(Stage::Silver, refresh).await?;
            // Units that are done have been computed from what is not there any more.
            let concerns_us = |refresh: &Refresh| match refresh {
                Refresh::Extended | Refresh::Rewound => false,
                Refresh::Built => true,
                Refresh::Corrected { first_changed } => *first_changed < self.cutoff,
            };
            if done.iter().any(concerns_us) {
                transaction.rollback().await.map_err(RunError::database("rollback"))?;
                return Ok(None);
            }
        }
        let recalled = self.request.stages.time(Stage::Plan, self.recall(&transaction, last_cutoff, true)).await?;
        let Some((read, planned)) = recalled else {
            transaction.rollback().await.map_err(RunError::database("rollback"))?;
            return Ok(None);
        };
        let attempt = transaction
            .query_one(include_str!("../../../sql/queries/runs/resume.sql"), &[&self.run_id])
            .await
            .map_err(RunError::database("runs/resume"))?
            .get("attempt");
        let units = ledger::left(&transaction, self.run_id).await?;
        transaction.commit().await.map_err(RunError::database("commit"))?;
        *sweep = Some(read);
        self.observer.event(Event::Resumed { run_id: self.run_id, units });
        Ok(Some((Self { attempt, ..self }, planned)))
    }

    /// Reads what a run that is stored is about; `None` if its plan would be another one now. Who does most of the units, or all
    /// of them, reads the state for all of them at once.
    pub(crate) async fn recall(
        self,
        transaction: &Transaction<'_>,
        last_cutoff: Day,
        does_most: bool,
    ) -> Result<Option<(Sweep, Planned)>, RunError> {
        let question = Question { cutoff: last_cutoff, ..self.question() };
        let mut sweep = Sweep::read(transaction, question, Some(self.run_id), &self.request.memory).await?;
        if does_most {
            sweep.look_ahead();
        }
        let planned = sweep.plan(transaction, self.schemas, self.cutoff, Some(self.run_id), self.observer).await?;
        let same = ledger::has_plan(transaction, self.run_id, &planned.stored).await?;
        Ok(same.then_some((sweep, planned)))
    }

    /// Lets the workers do all units, then commits the run.
    pub(crate) async fn finish(
        self,
        client: &mut Client,
        sweep: &mut Sweep,
        planned: Planned,
    ) -> Result<Done, RunError> {
        release_workers(client, self.schemas).await?;
        let failed = AtomicBool::new(false);
        let others = self.request.workers.get() - 1;
        let sessions = self.request.sessions.as_ref();
        let mut steps = {
            // This session has the lock: if it is lost, the whole run has to begin again.
            let first = Worker { job: self, reconnect: None, failed: &failed, may_give_up: false };
            let units = ledger::left(client, self.run_id).await?;
            let assisted = sessions.filter(|_| others > 0 && units > 1);
            let others = (0..others.min(units.saturating_sub(1))).map(|_| self.assist(assisted, &failed));
            let (steps, others) = tokio::join!(first.work(client, sweep, &planned), join_all(others));
            let steps = steps?.steps;
            others.into_iter().collect::<Result<Vec<()>, RunError>>()?;
            steps
        };
        // Other processes may have units that this one could not take; if they die, it can.
        let mut since = Instant::now();
        while ledger::left(client, self.run_id).await? > 0 {
            say_who_works(client, self.schemas, &mut since).await?;
            tokio::time::sleep(LOOK).await;
            let again = Worker { job: self, reconnect: None, failed: &failed, may_give_up: false };
            for (step, table) in again.work(client, sweep, &planned).await?.steps {
                steps.entry(step).or_default().extend(table);
            }
        }
        let transaction = begin(client).await?;
        let stages = &self.request.stages;
        let done = stages.time(Stage::Complete, self.complete(&transaction, planned.report, steps)).await?;
        stages.time(Stage::Complete, transaction.commit()).await.map_err(RunError::database("commit"))?;
        Ok(done)
    }

    /// A further worker of this process, with a session of its own. One that cannot begin is missed, not needed.
    async fn assist(self, sessions: Option<&Sessions>, failed: &AtomicBool) -> Result<(), RunError> {
        let Some(sessions) = sessions else { return Ok(()) };
        let (mut client, mut sweep, planned) = match self.prepare_to_assist(sessions).await {
            Ok(prepared) => prepared,
            Err(error) => {
                tracing::warn!(
                    error = error_chain(&error),
                    "a further worker could not begin; the others do its units"
                );
                return Ok(());
            }
        };
        let worker = Worker { job: self, reconnect: Some(sessions), failed, may_give_up: true };
        worker.work(&mut client, &mut sweep, &planned).await.map(drop)
    }

    async fn prepare_to_assist(self, sessions: &Sessions) -> Result<(Client, Sweep, Planned), RunError> {
        let mut client = sessions.open(self.schemas).await?;
        let transaction = begin(&mut client).await?;
        let silent = Self { observer: &Silent, ..self };
        let recalled = silent.recall(&transaction, self.cutoff, false).await?;
        transaction.rollback().await.map_err(RunError::database("rollback"))?;
        let (sweep, planned) = recalled.ok_or(RunError::RunGone(self.run_id))?;
        Ok((client, sweep, planned))
    }

    /// All of a run in the caller's transaction.
    pub(crate) async fn all(self, transaction: &Transaction<'_>) -> Result<Done, RunError> {
        let (mut sweep, planned) = self.plan(transaction, None, self.cutoff, None).await?;
        let failed = AtomicBool::new(false);
        let worker = Worker { job: self, reconnect: None, failed: &failed, may_give_up: false };
        let steps = worker.all(transaction, &mut sweep, &planned).await?;
        self.complete(transaction, planned.report, steps).await
    }

    /// Brings silver up to the last cutoff, plans, and stores the plan with its units.
    async fn plan(
        self,
        transaction: &Transaction<'_>,
        kept: Option<Sweep>,
        last_cutoff: Day,
        marks: Option<Marks>,
    ) -> Result<(Sweep, Planned), RunError> {
        let (budget, stages) = (&self.request.memory, &self.request.stages);
        let mut sweep = match kept.filter(|sweep| sweep.last_cutoff() == last_cutoff) {
            Some(sweep) => sweep,
            None => {
                if self.request.source == Source::Events {
                    let refresh = refresh(transaction, self.request.chain, last_cutoff, marks, budget, self.observer);
                    stages.time(Stage::Silver, refresh).await?;
                }
                let question = Question { cutoff: last_cutoff, ..self.question() };
                let read = Sweep::read(transaction, question, None, budget);
                let mut sweep = stages.time(Stage::Plan, read).await?;
                sweep.look_ahead();
                sweep
            }
        };
        let plan = sweep.plan(transaction, self.schemas, self.cutoff, None, self.observer);
        let planned = stages.time(Stage::Plan, plan).await?;
        let units = match self.request.engine {
            Engine::Native => ledger::cut(&planned.rewards_per_day(), self.request.pairs_per_unit),
            // The oracle finds out itself whether there is anything to do.
            Engine::Sql => {
                let days = planned.plan.needs.days;
                let days = days.unwrap_or(ActiveDays { first: self.cutoff, last: self.cutoff });
                vec![Unit { number: 1, days }]
            }
        };
        stages.time(Stage::Plan, ledger::store(transaction, self.run_id, &planned.stored, &units)).await?;
        Ok((sweep, planned))
    }

    fn question(self) -> Question {
        Question {
            chain: self.request.chain,
            mode: self.request.mode,
            cutoff: self.cutoff,
            source: self.request.source,
        }
    }

    pub(crate) async fn set_aside(self, transaction: &Transaction<'_>, quarantine: &[Finding]) -> Result<(), RunError> {
        for finding in quarantine {
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

    /// Makes the run complete: its rows become visible.
    async fn complete(self, transaction: &Transaction<'_>, plan: PlanReport, steps: Steps) -> Result<Done, RunError> {
        let (rows, rewards) = ledger::totals(transaction, self.run_id).await?;
        let paid = ledger::paid(transaction, self.run_id).await?;
        let stored_rows = i64::try_from(rows).unwrap_or(i64::MAX);
        let completed = transaction
            .execute(include_str!("../../../sql/queries/runs/complete.sql"), &[&self.run_id, &stored_rows])
            .await
            .map_err(RunError::database("complete"))?;
        if completed != 1 {
            return Err(RunError::RunGone(self.run_id));
        }
        let Self { run_id, cutoff, .. } = self;
        let subject = Subject {
            run_id,
            cutoff,
            rows,
            chain: self.request.chain,
            mode: self.request.mode,
            source: self.request.source,
        };
        manifest::store(transaction, &subject).await?;
        Ok(Done { rows, rewards, paid, plan, steps })
    }
}
