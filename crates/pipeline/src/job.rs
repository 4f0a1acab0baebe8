//! The parts of a run: start or resume, units, completion. The driver in `run` commits between them; a comparison does all
//! of them in one transaction and rolls back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use batch_writer::{GoldWriter, Windows, WriteError};
use bronze::Finding;
use delta_extractor::{RunInput, Source, prepare, refresh_silver};
use planner::PlanReport;
use reward_rules::{ActiveDays, Day, Dictionary, Fork, ForkDates, Step};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_postgres::{Client, Transaction};

use crate::compute::{Computation, ComputedDay, Known, Question, StepTable, Work, compute};
use crate::ledger::{self, Unit, UnitDone};
use crate::partitions::ensure_ahead;
use crate::plan::read_plan;
use crate::run::begin;
use crate::{Engine, Event, Observer, Paid, RunError, RunRequest, Schemas, sql_engine};

/// A run that is recorded as `processing`.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) request: &'a RunRequest,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) cutoff: Day,
    pub(crate) run_id: i64,
}

/// A run whose plan and units are stored.
pub(crate) struct Begun {
    computation: Computation,
    plan: PlanReport,
    units: Vec<Unit>,
    steps: BTreeMap<Step, StepTable>,
}

/// What a job did.
pub(crate) struct Done {
    pub(crate) rows: u64,
    pub(crate) rewards: usize,
    pub(crate) paid: BTreeMap<String, Paid>,
    pub(crate) plan: PlanReport,
    pub(crate) steps: BTreeMap<Step, StepTable>,
}

impl Job<'_> {
    /// Commits silver, the plan and the units of a new run.
    pub(crate) async fn start(self, client: &mut Client, quarantine: &[Finding]) -> Result<Begun, RunError> {
        let transaction = begin(client).await?;
        self.set_aside(&transaction, quarantine).await?;
        let begun = self.plan(&transaction).await?;
        ensure_ahead(&transaction, self.cutoff, self.request.ahead_months).await?;
        transaction.commit().await.map_err(RunError::database("commit"))?;
        Ok(begun)
    }

    /// Goes on with a run that did not finish; `None` if its plan would be another one now.
    pub(crate) async fn resume(self, client: &mut Client, quarantine: &[Finding]) -> Result<Option<Begun>, RunError> {
        if !quarantine.is_empty() {
            return Ok(None);
        }
        let transaction = begin(client).await?;
        let (computation, plan, stored) = self.read(&transaction, Some(self.run_id)).await?;
        if !ledger::has_plan(&transaction, self.run_id, &stored).await? {
            transaction.rollback().await.map_err(RunError::database("rollback"))?;
            return Ok(None);
        }
        let units = ledger::pending(&transaction, self.run_id).await?;
        transaction
            .execute(include_str!("../../../sql/queries/runs/resume.sql"), &[&self.run_id])
            .await
            .map_err(RunError::database("runs/resume"))?;
        transaction.commit().await.map_err(RunError::database("commit"))?;
        self.observer.event(Event::Resumed { run_id: self.run_id, units: units.len() });
        Ok(Some(Begun { computation, plan, units, steps: BTreeMap::new() }))
    }

    /// Commits unit by unit, then the run.
    pub(crate) async fn finish(self, client: &mut Client, mut begun: Begun) -> Result<Done, RunError> {
        for (done, unit) in begun.units.clone().into_iter().enumerate() {
            if self.request.stop.is_requested() {
                let units = begun.units.len();
                return Err(RunError::Interrupted { cutoff: self.cutoff, left: units - done, units });
            }
            let transaction = begin(client).await?;
            self.unit(&transaction, &mut begun, unit).await?;
            transaction.commit().await.map_err(RunError::database("commit"))?;
            self.observer.event(Event::UnitCommitted { unit: unit.number, of: begun.units.len() });
        }
        let transaction = begin(client).await?;
        let done = self.complete(&transaction, begun).await?;
        transaction.commit().await.map_err(RunError::database("commit"))?;
        Ok(done)
    }

    /// All of a run in the caller's transaction.
    pub(crate) async fn all(self, transaction: &Transaction<'_>) -> Result<Done, RunError> {
        let mut begun = self.plan(transaction).await?;
        for unit in begun.units.clone() {
            self.unit(transaction, &mut begun, unit).await?;
        }
        self.complete(transaction, begun).await
    }

    /// Brings silver up to the cutoff, plans, and stores the plan with its units.
    async fn plan(self, transaction: &Transaction<'_>) -> Result<Begun, RunError> {
        let extract = |source| RunError::Extract { cutoff: self.cutoff, source };
        let input = self.input(None);
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
        let (computation, plan, stored) = self.read(transaction, None).await?;
        let units = match (self.request.engine, computation.days()) {
            (Engine::Native, _) => ledger::cut(&computation.rewards_per_day(), self.request.pairs_per_unit),
            // The oracle finds out itself whether there is anything to do.
            (Engine::Sql, days) => {
                let days = days.unwrap_or(ActiveDays { first: self.cutoff, last: self.cutoff });
                vec![Unit { number: 1, days }]
            }
        };
        ledger::store(transaction, self.run_id, &stored, &units).await?;
        Ok(Begun { computation, plan, units, steps: BTreeMap::new() })
    }

    fn input(self, resumed_run: Option<i64>) -> RunInput {
        RunInput { chain: self.request.chain, cutoff: self.cutoff, resumed_run }
    }

    fn question(self) -> Question {
        Question { chain: self.request.chain, cutoff: self.cutoff, source: self.request.source }
    }

    /// Reads the facts and plans: the computation, the plan for people, and the plan as it is stored.
    async fn read(
        self,
        transaction: &Transaction<'_>,
        resumed_run: Option<i64>,
    ) -> Result<(Computation, PlanReport, Value), RunError> {
        prepare(transaction, self.input(resumed_run))
            .await
            .map_err(|source| RunError::Extract { cutoff: self.cutoff, source })?;
        let mut dictionary = Dictionary::new();
        let (plan, submissions) = read_plan(transaction, self.request.chain, self.cutoff, &mut dictionary).await?;
        let report = PlanReport::new(&plan, &dictionary);
        self.observer.event(Event::Planned(Box::new(report.clone())));
        if self.excluded_list_matters(plan.needs.every_operator) && submissions.excluded.is_empty() {
            self.observer.event(Event::NobodyExcluded);
        }
        // The report has windows and reasons; the digest also covers amounts, multipliers and who is excluded. Ids are
        // given in the order of reading, which is stated, so equal facts give equal texts.
        let mut excluded: Vec<_> = submissions.excluded.iter().map(|&id| dictionary.text(id)).collect();
        excluded.sort_unstable();
        let digest = Sha256::digest(format!("{:?} {excluded:?}", plan.rewards).as_bytes());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let stored = serde_json::json!({ "report": report, "digest": digest });
        let known = Known { plan, submissions, dictionary };
        let (question, collect_steps) = (self.question(), self.request.collect_steps);
        let computation =
            Computation::prepare(transaction, self.schemas, question, known, self.run_id, collect_steps).await?;
        Ok((computation, report, stored))
    }

    /// Whether the run computes days on which the reference left addresses out; only mainnet lists any (Q28).
    fn excluded_list_matters(self, every_operator: Option<ActiveDays>) -> bool {
        let chain = self.request.chain;
        let panama = ForkDates::of(chain).date(Fork::Panama);
        chain == reward_rules::Chain::Mainnet && every_operator.is_some_and(|days| days.first < panama)
    }

    async fn set_aside(self, transaction: &Transaction<'_>, quarantine: &[Finding]) -> Result<(), RunError> {
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

    /// Computes the days of a unit and writes their rows, windows, watermarks and its mark.
    async fn unit(self, transaction: &Transaction<'_>, begun: &mut Begun, unit: Unit) -> Result<(), RunError> {
        let started = Instant::now();
        let mut done = match self.request.engine {
            Engine::Native => {
                prepare(transaction, self.input(Some(self.run_id)))
                    .await
                    .map_err(|source| RunError::Extract { cutoff: self.cutoff, source })?;
                let work = begun.computation.work(transaction, self.schemas, unit.days).await?;
                let dictionary = Arc::clone(&work.dictionary);
                let done = self.write(transaction, work, unit.days, &dictionary, &mut begun.steps).await?;
                begun.computation.take_back(dictionary)?;
                done
            }
            Engine::Sql => self.ask_oracle(transaction, &mut begun.steps).await?,
        };
        done.seconds = started.elapsed().as_secs_f64();
        ledger::mark_done(transaction, self.run_id, unit, &done).await
    }

    /// Computes on a thread of its own while the rows of earlier days stream to the server.
    async fn write(
        self,
        transaction: &Transaction<'_>,
        work: Work,
        days: ActiveDays,
        dictionary: &Dictionary,
        steps: &mut BTreeMap<Step, StepTable>,
    ) -> Result<UnitDone, RunError> {
        let write_error = |source: WriteError| RunError::Write { cutoff: self.cutoff, source };
        let (sender, mut receiver) = mpsc::channel(1);
        let computing = tokio::task::spawn_blocking(move || compute(&work, &sender));

        let mut windows = Windows::default();
        let mut paid: BTreeMap<String, Paid> = BTreeMap::new();
        let mut writer = GoldWriter::start(transaction, Some(days)).await.map_err(write_error)?;
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
                writer.write(batch, dictionary).await.map_err(write_error)?;
            }
            self.observer.event(Event::DayComputed { day, rows, units });
        }
        computing.await.map_err(|_| RunError::Stopped)?;
        let written = writer.finish(transaction, self.run_id, &windows, dictionary).await.map_err(write_error)?;
        Ok(UnitDone { rows: written.rows, bytes: written.bytes, seconds: 0.0, paid })
    }

    /// Computes with the oracle and appends what it says.
    async fn ask_oracle(
        self,
        transaction: &Transaction<'_>,
        steps: &mut BTreeMap<Step, StepTable>,
    ) -> Result<UnitDone, RunError> {
        sql_engine::compute(transaction, self.schemas, self.question(), self.observer).await?;
        let done = sql_engine::append(transaction, self.cutoff, self.run_id).await?;
        if self.request.collect_steps {
            *steps = sql_engine::steps(transaction).await?;
        }
        Ok(done)
    }

    /// Makes the run complete: its rows become visible.
    async fn complete(self, transaction: &Transaction<'_>, begun: Begun) -> Result<Done, RunError> {
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
        let Begun { plan, steps, .. } = begun;
        Ok(Done { rows, rewards, paid, plan, steps })
    }
}
