//! From a plan and its state to gold rows: day by day, all rewards of a day in parallel.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;

use arrow::array::RecordBatch;
use batch_writer::{BatchLimits, gold_batch};
use delta_extractor::{Source, State, Submissions, read_registrations, read_state};
use planner::Plan;
use rayon::prelude::*;
use reward_rules::{
    ActiveDays, Chain, Day, Dictionary, ForkDates, GroupRows, Id, Needs, Registered, Reward, RuleError, Step,
    compute_group, od_lines, od_set_lines, stake_lines, v1_lines,
};
use tokio::sync::mpsc;
use tokio_postgres::Transaction;

use crate::{Paid, RunError, Schemas};

/// The rows of one step of a run as text, for comparing with what is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTable {
    /// Column names.
    pub columns: Vec<&'static str>,
    /// Rows, in the order they were computed.
    pub rows: Vec<Vec<String>>,
}

impl StepTable {
    /// Adds the rows of another day.
    pub(crate) fn extend(&mut self, other: Self) {
        self.columns = other.columns;
        self.rows.extend(other.rows);
    }
}

/// What a run computes, whichever of its days.
pub(crate) struct Computation {
    /// The lines of every reward, with their registered snapshots counted over the whole plan.
    rewards: Arc<Vec<Reward>>,
    needs: Needs,
    excluded: HashSet<Id>,
    dictionary: Dictionary,
    forks: ForkDates,
    question: Question,
    run_id: i64,
    collect_steps: bool,
}

/// Everything the computing threads need for some days, immutable.
pub(crate) struct Work {
    rewards: Arc<Vec<Reward>>,
    state: State,
    forks: ForkDates,
    pub(crate) dictionary: Arc<Dictionary>,
    cutoff: Day,
    days: ActiveDays,
    run_id: i32,
    collect_steps: bool,
}

/// The rows of one day.
pub(crate) struct ComputedDay {
    pub(crate) day: Day,
    pub(crate) units: u64,
    /// Gold rows per reward, for windows and watermarks.
    pub(crate) rows_of: Vec<(Id, u64)>,
    /// What was paid per token.
    pub(crate) paid_of: HashMap<Id, Paid>,
    pub(crate) batches: Vec<RecordBatch>,
    /// The rows of every step, if asked for.
    pub(crate) steps: BTreeMap<Step, StepTable>,
}

/// What a computation is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    pub(crate) chain: Chain,
    pub(crate) cutoff: Day,
    pub(crate) source: Source,
}

/// What planning has found out.
pub(crate) struct Known {
    pub(crate) plan: Plan,
    pub(crate) submissions: Submissions,
    pub(crate) dictionary: Dictionary,
}

impl Computation {
    /// Reads what does not depend on the day: registrations and lines. Leaves the search path with the own schema first.
    pub(crate) async fn prepare(
        transaction: &Transaction<'_>,
        schemas: &Schemas,
        question: Question,
        known: Known,
        run_id: i64,
        collect_steps: bool,
    ) -> Result<Self, RunError> {
        let Question { chain, cutoff, source } = question;
        let Known { plan, submissions, mut dictionary } = known;
        let registrations = in_source(transaction, schemas, source, async {
            read_registrations(transaction, source, &plan.needs, &mut dictionary)
                .await
                .map_err(|source| RunError::Extract { cutoff, source })
        })
        .await?;
        Ok(Self {
            rewards: Arc::new(rewards(&plan, &registrations, &dictionary)?),
            needs: plan.needs,
            excluded: submissions.excluded,
            dictionary,
            forks: ForkDates::of(chain),
            question,
            run_id,
            collect_steps,
        })
    }

    /// All days with work.
    pub(crate) fn days(&self) -> Option<ActiveDays> {
        self.needs.days
    }

    /// How many rewards each day with work has.
    pub(crate) fn rewards_per_day(&self) -> BTreeMap<Day, u64> {
        let mut rewards_per_day = BTreeMap::new();
        for day in self.rewards.iter().flat_map(Reward::days).flat_map(ActiveDays::iter) {
            *rewards_per_day.entry(day).or_default() += 1;
        }
        rewards_per_day
    }

    /// Reads the state of some days. The dictionary is given away until [`Self::take_back`].
    pub(crate) async fn work(
        &mut self,
        transaction: &Transaction<'_>,
        schemas: &Schemas,
        days: ActiveDays,
    ) -> Result<Work, RunError> {
        let Question { cutoff, source, .. } = self.question;
        let mut dictionary = std::mem::take(&mut self.dictionary);
        let needs = self.needs.within(days);
        let excluded = self.excluded.clone();
        let state = in_source(transaction, schemas, source, async {
            read_state(transaction, source, &needs, excluded, &mut dictionary)
                .await
                .map_err(|source| RunError::Extract { cutoff, source })
        })
        .await?;
        Ok(Work {
            rewards: Arc::clone(&self.rewards),
            state,
            forks: self.forks.clone(),
            dictionary: Arc::new(dictionary),
            cutoff,
            days,
            run_id: i32::try_from(self.run_id).map_err(|_| RunError::TooManyRuns(self.run_id))?,
            collect_steps: self.collect_steps,
        })
    }

    /// Takes the dictionary back from the threads that are done with it.
    pub(crate) fn take_back(&mut self, dictionary: Arc<Dictionary>) -> Result<(), RunError> {
        self.dictionary = Arc::into_inner(dictionary).ok_or(RunError::Stopped)?;
        Ok(())
    }
}

/// Does something with the names of daily tables meaning the indexer's, if they are the source.
async fn in_source<T>(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    source: Source,
    reading: impl Future<Output = Result<T, RunError>>,
) -> Result<T, RunError> {
    let search_path = || RunError::database("set_search_path");
    if source == Source::Snapshots {
        schemas.source_first(transaction).await.map_err(search_path())?;
    }
    let read = reading.await?;
    schemas.own_first(transaction).await.map_err(search_path())?;
    Ok(read)
}

/// The lines of every planned reward (steps 1, 7, 11 and 15 without their snapshots).
fn rewards(plan: &Plan, registered: &dyn Registered, dictionary: &Dictionary) -> Result<Vec<Reward>, RunError> {
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
                    v1: v1_lines(&planned.v1, dictionary).map_err(at(Step::ActiveRewards))?,
                    od: od_lines(&planned.od, registered, dictionary).map_err(at(Step::ActiveOdRewards))?,
                    od_set: od_set_lines(&planned.od_set, registered, dictionary)
                        .map_err(at(Step::ActiveOdOperatorSetRewards))?,
                    stake: stake_lines(&planned.stake, plan.cutoff, dictionary)
                        .map_err(at(Step::ActiveUniqueAndTotalStakeRewards))?,
                })
            };
            lines()
                .map_err(|error: RuleError| RunError::Rule { cutoff: plan.cutoff, message: error.describe(dictionary) })
        })
        .collect()
}

/// Computes every day with work in order and sends it; at most one computed day waits for the receiver.
///
/// Blocks; runs on a thread of its own.
pub(crate) fn compute(work: &Work, days: &mpsc::Sender<Result<ComputedDay, RunError>>) {
    let mut by_day: BTreeMap<Day, Vec<&Reward>> = BTreeMap::new();
    for reward in work.rewards.iter() {
        let days = reward.days().into_iter().flat_map(ActiveDays::iter);
        for day in days.filter(|day| (work.days.first..=work.days.last).contains(day)) {
            by_day.entry(day).or_default().push(reward);
        }
    }
    for (day, rewards) in by_day {
        let computed = compute_day(work, day, &rewards);
        let failed = computed.is_err();
        if days.blocking_send(computed).is_err() || failed {
            break; // the receiver gave up, or has been told why we do
        }
    }
}

fn compute_day(work: &Work, day: Day, rewards: &[&Reward]) -> Result<ComputedDay, RunError> {
    let state = work.state.day(day).map_err(|source| RunError::Extract { cutoff: work.cutoff, source })?;
    let groups: Vec<GroupRows> = rewards
        .par_iter()
        .map(|reward| compute_group(reward, &state, &work.forks, &work.dictionary))
        .collect::<Result<_, RuleError>>()
        .map_err(|error| RunError::Rule { cutoff: work.cutoff, message: error.describe(&work.dictionary) })?;
    let mut steps: BTreeMap<Step, StepTable> = BTreeMap::new();
    if work.collect_steps {
        for group in &groups {
            group.for_each_step(&work.dictionary, |step, columns, rows| {
                let table = steps.entry(step).or_default();
                table.columns = columns.to_vec();
                table.rows.extend(rows);
            });
        }
    }
    let rows_of =
        rewards.iter().zip(&groups).map(|(reward, group)| (reward.reward_hash, group.gold.len() as u64)).collect();
    let gold: Vec<_> = groups.into_iter().flat_map(|group| group.gold).collect();
    let mut paid_of: HashMap<Id, Paid> = HashMap::new();
    for row in &gold {
        let paid = paid_of.entry(row.token).or_default();
        paid.rows += 1;
        paid.amount += &row.amount;
    }
    let batches = gold
        .par_chunks(BatchLimits::DEFAULT.rows)
        .map(|rows| gold_batch(rows, work.run_id))
        .collect::<Result<_, _>>()
        .map_err(|source| RunError::Write {
            cutoff: work.cutoff,
            source: batch_writer::WriteError::Copy { what: "gold_rows", source },
        })?;
    Ok(ComputedDay { day, units: rewards.len() as u64, rows_of, paid_of, batches, steps })
}
