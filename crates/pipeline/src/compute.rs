//! From a plan and its state to gold rows: day by day, all rewards of a day in parallel.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::RecordBatch;
use batch_writer::{BatchLimits, gold_batch};
use delta_extractor::{Source, State, Submissions, read_state};
use planner::Plan;
use rayon::prelude::*;
use reward_rules::{
    Chain, Day, Dictionary, ForkDates, GroupRows, Id, Reward, RuleError, Step, compute_group, od_lines, od_set_lines,
    stake_lines, v1_lines,
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

/// Everything the computing threads need, immutable.
pub(crate) struct Work {
    pub(crate) rewards: Vec<Reward>,
    pub(crate) state: State,
    pub(crate) forks: ForkDates,
    pub(crate) dictionary: Arc<Dictionary>,
    pub(crate) cutoff: Day,
    pub(crate) collect_steps: bool,
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

/// Reads the state that a plan needs. Leaves the search path with the own schema first.
pub(crate) async fn read_work(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    question: Question,
    known: Known,
    collect_steps: bool,
) -> Result<Work, RunError> {
    let Question { chain, cutoff, source } = question;
    let Known { plan, submissions, mut dictionary } = known;
    let search_path = || RunError::database("set_search_path");
    if source == Source::Snapshots {
        schemas.source_first(transaction).await.map_err(search_path())?;
    }
    let state = read_state(transaction, source, &plan.needs, submissions.excluded, &mut dictionary)
        .await
        .map_err(|source| RunError::Extract { cutoff, source })?;
    schemas.own_first(transaction).await.map_err(search_path())?;
    Ok(Work {
        rewards: rewards(&plan, &state, &dictionary)?,
        state,
        forks: ForkDates::of(chain),
        dictionary: Arc::new(dictionary),
        cutoff,
        collect_steps,
    })
}

/// The lines of every planned reward (steps 1, 7, 11 and 15 without their snapshots).
fn rewards(plan: &Plan, state: &State, dictionary: &Dictionary) -> Result<Vec<Reward>, RunError> {
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
                    od: od_lines(&planned.od, state.registered(), dictionary).map_err(at(Step::ActiveOdRewards))?,
                    od_set: od_set_lines(&planned.od_set, state.registered(), dictionary)
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
    for reward in &work.rewards {
        for day in reward.days().into_iter().flat_map(reward_rules::ActiveDays::iter) {
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
    let batches =
        gold.par_chunks(BatchLimits::DEFAULT.rows).map(gold_batch).collect::<Result<_, _>>().map_err(|source| {
            RunError::Write {
                cutoff: work.cutoff,
                source: batch_writer::WriteError::Copy { what: "gold_table", source },
            }
        })?;
    Ok(ComputedDay { day, units: rewards.len() as u64, rows_of, paid_of, batches, steps })
}
