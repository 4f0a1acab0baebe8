//! Step 20, `gold_20_staker_operator_set_total_stake_rewards` (spec/03 §20): what stakers get of a pool weighted by
//! all stake. Step 17 with the term `shares × multiplier`.

use pg_numeric::Numeric;

use crate::amounts::Proportion;
use crate::error::At;
use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step16_operator_operator_set_unique_stake_rewards::PoolPart;
use crate::step17_staker_operator_set_unique_stake_rewards::{PoolStaker, divide};
use crate::step19_operator_operator_set_total_stake_rewards::total_weight;
use crate::{Day, DayState, Id, RuleError, Rules, Step};

step_row! {
    /// A row of step 20 (spec/03 §20).
    StakerOperatorSetTotalStakeRewards => StakerTotalStakeReward {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        operator: Id,
        avs: Id,
        operator_set_id: i64,
        staker: Id,
        tokens_per_registered_snapshot_decimal: Numeric,
        staker_split_total: Numeric,
        weighted_shares: Numeric,
        staker_weight: Numeric,
        total_operator_weight: Numeric,
        staker_proportion: Numeric,
        staker_tokens: Numeric,
    }
}

/// The parts of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn parts(
    reward_hash: Id,
    operators: &[PoolPart<'_>],
    active: &[&StakeLine],
    state: &DayState,
    rules: &Rules,
    mut each: impl FnMut(&PoolStaker<'_>),
) -> Result<(), RuleError> {
    let at = At { step: Step::StakerOperatorSetTotalStakeRewards, snapshot: state.day, reward_hash };
    operators.iter().try_for_each(|pool| divide(pool, active, state, rules, at, total_weight, &mut each))
}

/// The row of a part.
pub(crate) fn row(part: &PoolStaker<'_>, reward_hash: Id, snapshot: Day) -> StakerTotalStakeReward {
    StakerTotalStakeReward {
        reward_hash,
        snapshot,
        token: part.pool.line.token,
        operator: part.pool.operator,
        avs: part.pool.line.set.avs,
        operator_set_id: part.pool.line.set.number,
        staker: part.staker,
        tokens_per_registered_snapshot_decimal: part.pool.tokens.clone(),
        staker_split_total: part.staker_split_total.clone(),
        weighted_shares: part.weight.clone(),
        staker_weight: part.weight.clone(),
        total_operator_weight: part.total_weight.clone(),
        staker_proportion: part.proportion.as_ref().map_or(Numeric::ZERO, Proportion::numeric),
        staker_tokens: part.tokens.clone(),
    }
}
