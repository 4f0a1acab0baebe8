//! From a plan and its state to gold rows: day by day, all rewards of a day in parallel.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::RecordBatch;
use batch_writer::{BatchLimits, gold_batch};
use delta_extractor::State;
use planner::Plan;
use rayon::prelude::*;
use reward_rules::{
    Day, Dictionary, ForkDates, GroupRows, Id, Reward, RuleError, Step, compute_group, od_lines, od_set_lines,
    stake_lines, v1_lines,
};
use tokio::sync::mpsc;

use crate::{Paid, RunError};

/// The rows of one step of a run as text, for comparing with what is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTable {
    /// Column names.
    pub columns: Vec<&'static str>,
    /// Rows, in the order they were computed.
    pub rows: Vec<Vec<String>>,
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
}

/// The lines of every planned reward (steps 1, 7, 11 and 15 without their snapshots).
pub(crate) fn rewards(plan: &Plan, state: &State, dictionary: &Dictionary) -> Result<Vec<Reward>, RunError> {
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
/// Blocks; runs on a thread of its own. Returns the collected steps.
pub(crate) fn compute(work: &Work, days: &mpsc::Sender<Result<ComputedDay, RunError>>) -> BTreeMap<Step, StepTable> {
    let mut steps = BTreeMap::new();
    let mut by_day: BTreeMap<Day, Vec<&Reward>> = BTreeMap::new();
    for reward in &work.rewards {
        for day in reward.days().into_iter().flat_map(reward_rules::ActiveDays::iter) {
            by_day.entry(day).or_default().push(reward);
        }
    }
    for (day, rewards) in by_day {
        let computed = compute_day(work, day, &rewards, &mut steps);
        let failed = computed.is_err();
        if days.blocking_send(computed).is_err() || failed {
            break; // the receiver gave up, or has been told why we do
        }
    }
    steps
}

fn compute_day(
    work: &Work,
    day: Day,
    rewards: &[&Reward],
    steps: &mut BTreeMap<Step, StepTable>,
) -> Result<ComputedDay, RunError> {
    let state = work.state.day(day).map_err(|source| RunError::Extract { cutoff: work.cutoff, source })?;
    let groups: Vec<GroupRows> = rewards
        .par_iter()
        .map(|reward| compute_group(reward, &state, &work.forks, &work.dictionary))
        .collect::<Result<_, RuleError>>()
        .map_err(|error| RunError::Rule { cutoff: work.cutoff, message: error.describe(&work.dictionary) })?;
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
    Ok(ComputedDay { day, units: rewards.len() as u64, rows_of, paid_of, batches })
}
