//! Step 13, `gold_13_staker_od_operator_set_reward_amounts` (spec/03 §13): the stakers' parts of operator-directed
//! rewards of operator sets.
//!
//! Step 9 with registrations and splits of the set, over strategies that are registered with the set only (Q19).

use pg_numeric::Numeric;

use crate::reward::OdLine;
use crate::rows::step_row;
use crate::step08_operator_od_reward_amounts::set_of;
use crate::step09_staker_od_reward_amounts::{self as step09, StakerPart};
use crate::{Day, DayState, Id, RuleError, Rules, Step};

step_row! {
    /// A row of step 13 (spec/03 §13).
    StakerOdOperatorSetRewardAmounts => StakerOdOperatorSetRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_registered_snapshot_decimal: Numeric,
        avs: Id,
        operator_set_id: Option<i64>,
        operator: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_submission_date: Day,
        staker_split: Numeric,
        staker: Id,
        shares: Numeric,
        staker_weight: Numeric,
        total_weight: Numeric,
        staker_proportion: Numeric,
        staker_tokens: Numeric,
    }
}

/// Whether the line's strategy is registered with its operator set that day.
pub(crate) fn strategy_registered(line: &OdLine, state: &DayState) -> bool {
    set_of(line).is_some_and(|set| state.set_strategies.contains(&(set, line.strategy)))
}

/// The parts of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn parts(
    reward_hash: Id,
    active: &[&OdLine],
    state: &DayState,
    rules: &Rules,
    each: impl FnMut(&StakerPart<'_>),
) -> Result<(), RuleError> {
    let step = Step::StakerOdOperatorSetRewardAmounts;
    step09::parts(reward_hash, active, state, rules, step, |line| strategy_registered(line, state), each)
}

/// The row of a part.
pub(crate) fn row(part: &StakerPart<'_>, reward_hash: Id, snapshot: Day) -> StakerOdOperatorSetRewardAmount {
    StakerOdOperatorSetRewardAmount {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_registered_snapshot_decimal: part.line.tokens_per_registered_snapshot_decimal.clone(),
        avs: part.line.avs,
        operator_set_id: part.line.operator_set_id,
        operator: part.weighted.operator,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_submission_date: part.line.submission_date,
        staker_split: part.staker_split.clone(),
        staker: part.weighted.staker,
        shares: part.weighted.shares.clone(),
        staker_weight: part.weighted.weight.clone(),
        total_weight: part.total_weight.clone(),
        staker_proportion: part.proportion.numeric(),
        staker_tokens: part.staker_tokens.clone(),
    }
}
