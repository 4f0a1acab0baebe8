//! What a run knows, kept from one cutoff to the next: submissions, registrations, and the state of some days.
//!
//! A range says what holds on the days after its events, so ranges and submissions read at the last cutoff of a sweep serve
//! every earlier one: what an earlier cutoff could not have known yet is left out in memory (the submission's date, the
//! days through which state is known). A single run is a sweep of one cutoff.

use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::sync::Arc;

use arrow_copy::CopyError;
use batch_writer::{GoldIds, WriteError};
use chrono::Datelike;
use delta_extractor::{
    ExtractError, Reading, Registrations, RunInput, Source, State, Submissions, TextHashes, prepare,
    read_registrations, read_state, read_submissions, read_watermarks,
};
use memory_budget::{Budget, OutOfMemory, Reservation};
use planner::{Facts, Plan, PlanReport, plan};
use reward_rules::{
    ActiveDays, Chain, Day, Dictionary, Fork, ForkDates, Id, Mode, Needs, Registered, Reward, RuleError, Rules, Step,
    od_lines, od_set_lines, stake_lines, v1_lines,
};
use serde_json::Value;
use tokio_postgres::Transaction;

use crate::compute::Work;
use crate::manifest::plan_digests;
use crate::{Event, Observer, RunError, Schemas, Sessions};

/// What a computation is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    pub(crate) chain: Chain,
    pub(crate) mode: Mode,
    pub(crate) cutoff: Day,
    pub(crate) source: Source,
}

/// What a run is going to compute.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    /// For people.
    pub(crate) report: PlanReport,
    /// For the ledger: a run is resumed if it comes to the same again.
    pub(crate) stored: Value,
    /// The lines of every reward, with their registered snapshots counted over the whole plan.
    pub(crate) rewards: Arc<Vec<Reward>>,
}

impl Planned {
    /// Whether its days are of more than one calendar month.
    pub(crate) fn is_of_several_months(&self) -> bool {
        let month = |day: Day| (day.date().year(), day.date().month());
        self.plan.needs.days.is_some_and(|days| month(days.first) != month(days.last))
    }

    /// How many rewards each day with work has.
    pub(crate) fn rewards_per_day(&self) -> BTreeMap<Day, u64> {
        let mut rewards_per_day = BTreeMap::new();
        for day in self.rewards.iter().flat_map(Reward::days).flat_map(ActiveDays::iter) {
            *rewards_per_day.entry(day).or_default() += 1;
        }
        rewards_per_day
    }
}

/// See the module's docs.
pub(crate) struct Sweep {
    chain: Chain,
    mode: Mode,
    source: Source,
    /// The cutoff at which everything is read.
    last_cutoff: Day,
    dictionary: Arc<Dictionary>,
    submissions: Submissions,
    /// Submissions that were paid up to their end when this was read.
    finished: Option<usize>,
    /// What the days up to the last cutoff need, as far as can be known now.
    ahead: Needs,
    registrations: Option<(Needs, Registrations)>,
    state: Option<(Needs, Arc<State>)>,
    /// Numbers of gold rows.
    ids: Option<Arc<GoldIds>>,
    ids_memory: Option<Reservation>,
    /// Whether everybody in `state` has one.
    ids_of_state: bool,
    /// How many days of state are read at once; fewer if memory does not suffice.
    days_at_once: u32,
    budget: Budget,
    texts: Reservation,
    /// Of the dictionary's texts.
    hashes: Arc<TextHashes>,
    hashes_memory: Reservation,
    _submissions_memory: Reservation,
}

/// A worker that assists reads the state of one unit at a time: which ones it gets is not known.
const DAYS_OF_A_UNIT: u32 = 31;

impl Sweep {
    /// Reads what is known at the last cutoff. The search path has the own schema first.
    pub(crate) async fn read(
        transaction: &Transaction<'_>,
        question: Question,
        resumed_run: Option<i64>,
        budget: &Budget,
    ) -> Result<Self, RunError> {
        let Question { chain, mode, cutoff, source } = question;
        let extract = |source| RunError::Extract { cutoff, source };
        prepare(transaction, RunInput { chain, cutoff, resumed_run }).await.map_err(extract)?;
        let mut dictionary = Dictionary::new();
        let submissions = read_submissions(transaction, &mut dictionary).await.map_err(extract)?;
        let memory = |name, bytes| {
            let mut reservation = budget.reservation(name);
            reservation.grow(bytes).map_err(|source| RunError::Memory { cutoff, source })?;
            Ok::<_, RunError>(reservation)
        };
        Ok(Self {
            chain,
            mode,
            source,
            last_cutoff: cutoff,
            ahead: Needs::default(),
            registrations: None,
            state: None,
            ids: None,
            ids_memory: None,
            ids_of_state: false,
            days_at_once: DAYS_OF_A_UNIT,
            budget: budget.clone(),
            texts: memory("texts", dictionary.memory_bytes())?,
            hashes: Arc::default(),
            hashes_memory: budget.reservation("hashes of texts"),
            _submissions_memory: memory("submissions", submissions.memory_bytes())?,
            dictionary: Arc::new(dictionary),
            submissions,
            finished: None,
        })
    }

    /// From now on reads the state of all days to come at once, as far as memory allows.
    pub(crate) fn look_ahead(&mut self) {
        self.days_at_once = u32::MAX;
    }

    /// Forgets all submissions but these.
    pub(crate) fn keep(&mut self, hashes: &[&str]) {
        let keep: HashSet<Id> = hashes.iter().filter_map(|hash| self.dictionary.get(hash)).collect();
        let Submissions { v1, od, od_set, stake, .. } = &mut self.submissions;
        v1.retain(|row| keep.contains(&row.reward_hash));
        od.retain(|row| keep.contains(&row.reward_hash));
        od_set.retain(|row| keep.contains(&row.reward_hash));
        stake.retain(|row| keep.contains(&row.reward_hash));
    }

    pub(crate) fn dictionary(&self) -> &Arc<Dictionary> {
        &self.dictionary
    }

    pub(crate) fn submissions(&self) -> &Submissions {
        &self.submissions
    }

    pub(crate) fn last_cutoff(&self) -> Day {
        self.last_cutoff
    }

    /// The id of a text that may be new.
    pub(crate) fn intern(&mut self, text: &str) -> Id {
        Self::dictionary_mut(&mut self.dictionary).intern(text)
    }

    /// Nobody else has the dictionary while nothing is being computed.
    fn dictionary_mut(dictionary: &mut Arc<Dictionary>) -> &mut Dictionary {
        Arc::make_mut(dictionary)
    }

    /// The plan alone.
    pub(crate) async fn decide(
        &mut self,
        transaction: &Transaction<'_>,
        cutoff: Day,
        resumed_run: Option<i64>,
    ) -> Result<Plan, RunError> {
        let extract = |source| RunError::Extract { cutoff, source };
        let input = RunInput { chain: self.chain, cutoff: self.last_cutoff, resumed_run };
        prepare(transaction, input).await.map_err(extract)?;
        let dictionary = Self::dictionary_mut(&mut self.dictionary);
        let watermarks = read_watermarks(transaction, dictionary).await.map_err(extract)?;
        // Paid submissions that were not read any more are finished; those set aside are not known.
        let finished = *self.finished.get_or_insert_with(|| {
            let read = self.submissions.hashes();
            let set_aside = &self.submissions.quarantined;
            watermarks.keys().filter(|hash| !read.contains(hash) && !set_aside.contains(hash)).count()
        });
        let facts = |cutoff| Facts {
            chain: self.chain,
            mode: self.mode,
            cutoff,
            v1: &self.submissions.v1,
            od: &self.submissions.od,
            od_set: &self.submissions.od_set,
            stake: &self.submissions.stake,
            finished,
            watermarks: &watermarks,
        };
        let plan_at = |cutoff| plan(&facts(cutoff), &self.dictionary);
        let plan = plan_at(cutoff);
        if self.days_at_once > DAYS_OF_A_UNIT && self.ahead.days.is_none() {
            self.ahead = if cutoff == self.last_cutoff { plan.needs.clone() } else { plan_at(self.last_cutoff).needs };
        }
        Ok(plan)
    }

    /// The plan for people.
    pub(crate) async fn report(
        &mut self,
        transaction: &Transaction<'_>,
        cutoff: Day,
        resumed_run: Option<i64>,
    ) -> Result<PlanReport, RunError> {
        let plan = self.decide(transaction, cutoff, resumed_run).await?;
        Ok(PlanReport::new(&plan, &self.dictionary))
    }

    /// Plans a run, with the watermarks as they are now but for those of the run itself.
    pub(crate) async fn plan(
        &mut self,
        transaction: &Transaction<'_>,
        schemas: &Schemas,
        cutoff: Day,
        resumed_run: Option<i64>,
        observer: &dyn Observer,
    ) -> Result<Planned, RunError> {
        let plan = self.decide(transaction, cutoff, resumed_run).await?;
        let report = PlanReport::new(&plan, &self.dictionary);
        observer.event(Event::Planned(Box::new(report.clone())));
        if self.excluded_list_matters(plan.needs.every_operator) && self.submissions.excluded.is_empty() {
            observer.event(Event::NobodyExcluded);
        }
        let stored = self.stored(&plan, &report);
        let rewards = Arc::new(self.lines(transaction, schemas, &plan).await?);
        Ok(Planned { plan, report, stored, rewards })
    }

    /// The report has windows and reasons; the digest also covers amounts, multipliers and who is excluded; the inputs are the same by table.
    fn stored(&self, plan: &Plan, report: &PlanReport) -> Value {
        let mut excluded: Vec<_> = self.submissions.excluded.iter().map(|&id| self.dictionary.text(id)).collect();
        excluded.sort_unstable();
        let (digest, inputs) = plan_digests(plan, &self.dictionary, &excluded);
        serde_json::json!({ "report": report, "digest": digest, "inputs": inputs })
    }

    /// Whether the run computes days on which the reference left addresses out; only mainnet lists any (Q28).
    fn excluded_list_matters(&self, every_operator: Option<ActiveDays>) -> bool {
        let panama = ForkDates::of(self.chain).date(Fork::Panama);
        self.chain == Chain::Mainnet && every_operator.is_some_and(|days| days.first < panama)
    }

    /// The lines of every planned reward (steps 1, 7, 11 and 15 without their snapshots).
    async fn lines(
        &mut self,
        transaction: &Transaction<'_>,
        schemas: &Schemas,
        plan: &Plan,
    ) -> Result<Vec<Reward>, RunError> {
        self.register(transaction, schemas, plan.cutoff, &plan.needs).await?;
        self.registered_lines(plan)
    }

    /// Reads who was registered when, unless that is known.
    pub(crate) async fn register(
        &mut self,
        transaction: &Transaction<'_>,
        schemas: &Schemas,
        cutoff: Day,
        needs: &Needs,
    ) -> Result<(), RunError> {
        if self.registrations.as_ref().is_some_and(|(known, _)| known.covers(needs)) {
            return Ok(());
        }
        self.registrations = None;
        let needs = self.ahead.clone().and(needs);
        let reading = Reading {
            client: transaction,
            source: self.source,
            dictionary: Self::dictionary_mut(&mut self.dictionary),
            texts: &mut self.texts,
            memory: self.budget.reservation("registrations"),
        };
        let read = in_source(transaction, schemas, self.source, read_registrations(reading, &needs));
        let read = read.await?.map_err(|source| RunError::Extract { cutoff, source })?;
        self.registrations = Some((needs, read));
        Ok(())
    }

    /// The lines of every planned reward, by the registrations that were read.
    pub(crate) fn registered_lines(&self, plan: &Plan) -> Result<Vec<Reward>, RunError> {
        let (_, registrations) = self.registrations.as_ref().ok_or(RunError::Stopped)?;
        rewards(plan, &registrations.before(plan.cutoff), &self.dictionary)
    }

    /// The state of the first of these days, and as many of the others as are there or can be read at once; also the last
    /// day it is good for.
    pub(crate) async fn state(
        &mut self,
        transaction: &Transaction<'_>,
        schemas: &Schemas,
        cutoff: Day,
        wanted: &Needs,
        days: ActiveDays,
    ) -> Result<(Arc<State>, Day), RunError> {
        loop {
            let at_most = i32::try_from(self.days_at_once - 1).unwrap_or(i32::MAX);
            let end = Day(days.first.0.saturating_add(at_most));
            let last = days.last.min(end);
            let needs = wanted.within(ActiveDays { first: days.first, last });
            if let Some((known, state)) = &self.state
                && known.covers(&needs)
            {
                return Ok((Arc::clone(state), last));
            }
            self.state = None;
            let needs = self.ahead.within(ActiveDays { first: days.first, last: end }).and(&needs);
            let reading = Reading {
                client: transaction,
                source: self.source,
                dictionary: Self::dictionary_mut(&mut self.dictionary),
                texts: &mut self.texts,
                memory: self.budget.reservation("state"),
            };
            let input = RunInput { chain: self.chain, cutoff: self.last_cutoff, resumed_run: None };
            prepare(transaction, input).await.map_err(|source| RunError::Extract { cutoff, source })?;
            let read = read_state(reading, &needs, self.submissions.excluded.clone());
            match in_source(transaction, schemas, self.source, read).await? {
                Ok(state) => {
                    self.state = Some((needs, Arc::new(state)));
                    self.ids_of_state = false;
                }
                Err(ExtractError::Memory(error)) if self.days_at_once > 1 => {
                    // Half of what was tried; 1 is tried once.
                    self.days_at_once = self.days_at_once.min(needs.days.map_or(1, ActiveDays::len)).max(2) / 2;
                    tracing::info!(%error, days = self.days_at_once, "reading the state of fewer days at once");
                }
                Err(source) => return Err(RunError::Extract { cutoff, source }),
            }
        }
    }
}

/// How the numbers of earners and submissions are found.
#[derive(Clone, Copy)]
pub(crate) struct Numbering<'a> {
    pub(crate) transaction: &'a Transaction<'a>,
    /// Where new ones are committed at once, so that other workers need not wait for the transaction.
    pub(crate) sessions: Option<&'a Sessions>,
    pub(crate) schemas: &'a Schemas,
}

impl Sweep {
    /// What is needed to compute the first of these days, and as many of the others as there is state for. The rows are of no
    /// run, and those of the steps are not wanted, unless the caller says so.
    pub(crate) async fn work(
        &mut self,
        numbering: Numbering<'_>,
        planned: &Planned,
        days: ActiveDays,
    ) -> Result<Work, RunError> {
        let Plan { chain, mode, cutoff, .. } = planned.plan;
        let (state, last) =
            self.state(numbering.transaction, numbering.schemas, cutoff, &planned.plan.needs, days).await?;
        let ids = self.ids(numbering, planned).await?;
        Ok(Work {
            rewards: Arc::clone(&planned.rewards),
            state,
            rules: Rules::of(chain, mode),
            dictionary: Arc::clone(&self.dictionary),
            ids,
            hashes: self.hashes(cutoff)?,
            cutoff,
            days: ActiveDays { first: days.first, last },
            run_id: 0,
            collect_steps: false,
            add_up: None,
            budget: self.budget.clone(),
        })
    }

    /// The hashes of all texts.
    fn hashes(&mut self, cutoff: Day) -> Result<Arc<TextHashes>, RunError> {
        Arc::make_mut(&mut self.hashes).update(&self.dictionary);
        self.hashes_memory.resize(self.hashes.memory_bytes()).map_err(|source| RunError::Memory { cutoff, source })?;
        Ok(Arc::clone(&self.hashes))
    }

    /// The numbers of everybody who may earn by the state that was read last and by what is planned.
    async fn ids(
        &mut self,
        Numbering { transaction, sessions, schemas }: Numbering<'_>,
        planned: &Planned,
    ) -> Result<Arc<GoldIds>, RunError> {
        let write = |source| RunError::Write { cutoff: planned.plan.cutoff, source };
        let mut ids = match self.ids.take() {
            Some(ids) => ids,
            None => {
                let mut ids_memory = self.budget.reservation("numbers of earners");
                let texts = &mut self.texts;
                let ids = GoldIds::read(transaction, Self::dictionary_mut(&mut self.dictionary), |dictionary, ids| {
                    texts.resize(dictionary.memory_bytes())?;
                    ids_memory.resize(ids.memory_bytes())?;
                    Ok::<(), ReadIds>(())
                })
                .await
                .map_err(|error| match error {
                    ReadIds::Copy(source) => write(WriteError::Copy { what: "gold_earners", source }),
                    ReadIds::Memory(source) => RunError::Memory { cutoff: planned.plan.cutoff, source },
                })?;
                self.ids_memory = Some(ids_memory);
                Arc::new(ids)
            }
        };
        let of_state = self.state.iter().filter(|_| !self.ids_of_state).flat_map(|(_, state)| state.earners());
        let named = planned.rewards.iter().flat_map(Reward::earners);
        let tokens = planned.rewards.iter().flat_map(|reward| reward.tokens().map(|token| (reward.reward_hash, token)));
        let unknown = ids.unknown(of_state.chain(named), tokens);
        if !unknown.is_empty() {
            let ids = Arc::make_mut(&mut ids);
            match sessions {
                Some(sessions) => ids.add(&sessions.open(schemas).await?, &unknown, &self.dictionary).await,
                None => ids.add(transaction, &unknown, &self.dictionary).await,
            }
            .map_err(write)?;
            if let Some(held) = &mut self.ids_memory {
                held.resize(ids.memory_bytes())
                    .map_err(|source| RunError::Memory { cutoff: planned.plan.cutoff, source })?;
            }
        }
        self.ids_of_state = true;
        self.ids = Some(Arc::clone(&ids));
        Ok(ids)
    }

    /// The numbers of earners of gold, if they have been read, and their texts.
    pub(crate) fn numbered(&self) -> Option<(&GoldIds, &Dictionary)> {
        self.ids.as_deref().map(|ids| (ids, &*self.dictionary))
    }

    /// What was numbered in a transaction that was rolled back has no numbers.
    pub(crate) fn forget_ids(&mut self) {
        self.ids = None;
        self.ids_memory = None;
        self.ids_of_state = false;
    }
}

/// Why the numbers of earners cannot be read.
enum ReadIds {
    Copy(CopyError),
    Memory(OutOfMemory),
}

impl From<CopyError> for ReadIds {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

impl From<OutOfMemory> for ReadIds {
    fn from(error: OutOfMemory) -> Self {
        Self::Memory(error)
    }
}

/// Does something with the names of daily tables meaning the indexer's, if they are the source.
pub(crate) async fn in_source<T>(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    source: Source,
    reading: impl Future<Output = Result<T, ExtractError>>,
) -> Result<Result<T, ExtractError>, RunError> {
    let search_path = || RunError::database("set_search_path");
    if source == Source::Snapshots {
        schemas.source_first(transaction).await.map_err(search_path())?;
    }
    let read = reading.await;
    if source == Source::Snapshots && !matches!(read, Err(ExtractError::Copy { .. } | ExtractError::Database { .. })) {
        schemas.own_first(transaction).await.map_err(search_path())?;
    }
    Ok(read)
}

fn rewards(plan: &Plan, registered: &dyn Registered, dictionary: &Dictionary) -> Result<Vec<Reward>, RunError> {
    let mode = plan.mode;
    plan.rewards
        .iter()
        .map(|planned| {
            let at = |step: Step| {
                move |source| RuleError {
                    step,
                    snapshot: planned.days.first,
                    reward_hash: planned.reward_hash,
                    earner: None,
                    source,
                }
            };
            let lines = || {
                Ok(Reward {
                    reward_hash: planned.reward_hash,
                    v1: v1_lines(&planned.v1, dictionary, mode).map_err(at(Step::ActiveRewards))?,
                    od: od_lines(&planned.od, registered, dictionary, mode).map_err(at(Step::ActiveOdRewards))?,
                    od_set: od_set_lines(&planned.od_set, registered, dictionary, mode)
                        .map_err(at(Step::ActiveOdOperatorSetRewards))?,
                    stake: stake_lines(&planned.stake, plan.cutoff, dictionary, mode)
                        .map_err(at(Step::ActiveUniqueAndTotalStakeRewards))?,
                })
            };
            lines()
                .map_err(|error: RuleError| RunError::Rule { cutoff: plan.cutoff, message: error.describe(dictionary) })
        })
        .collect()
}
