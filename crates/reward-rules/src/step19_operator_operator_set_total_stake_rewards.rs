//! Step 19, `gold_19_operator_operator_set_total_stake_rewards` (spec/03 §19): what operators of a set get of a pool
//! weighted by all their stake. Step 16 with the term `shares × multiplier`.

use pg_numeric::{Numeric, NumericError};

use crate::amounts::split_pct;
use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step16_operator_operator_set_unique_stake_rewards::{PoolPart, pool_parts};
use crate::{Day, DayState, Id, RuleError, Rules, StakeType, Step};

step_row! {
    /// A row of step 19 (spec/03 §19).
    OperatorOperatorSetTotalStakeRewards => OperatorTotalStakeReward {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_registered_snapshot_decimal: Numeric,
        avs: Id,
        operator_set_id: i64,
        operator: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_submission_date: Day,
        operator_total_shares: Numeric,
        operator_total_weight: Numeric,
        split_pct: Numeric,
        operator_tokens: Numeric,
    }
}

/// All stake: `shares × multiplier`.
#[allow(clippy::unnecessary_wraps, reason = "the shape of a term, as that of step 16")]
pub(crate) fn total_weight(line: &StakeLine, shares: &Numeric) -> Option<Result<Numeric, NumericError>> {
    Some(Ok(shares * &line.multiplier))
}

/// The parts of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn parts<'a>(
    reward_hash: Id,
    active: &[&'a StakeLine],
    state: &'a DayState,
    rules: &Rules,
) -> Result<Vec<PoolPart<'a>>, RuleError> {
    let step = Step::OperatorOperatorSetTotalStakeRewards;
    pool_parts(reward_hash, active, StakeType::TotalStake, state, rules, step, |_, line, shares| {
        total_weight(line, shares)
    })
}

/// The row of a part.
pub(crate) fn row(part: &PoolPart<'_>, reward_hash: Id, snapshot: Day) -> OperatorTotalStakeReward {
    OperatorTotalStakeReward {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_registered_snapshot_decimal: part.tokens.clone(),
        avs: part.line.set.avs,
        operator_set_id: part.line.set.number,
        operator: part.operator,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_submission_date: part.line.submission_date,
        operator_total_shares: part.shares.clone(),
        operator_total_weight: part.weight.clone(),
        split_pct: split_pct(part.split.bips),
        operator_tokens: part.operator_tokens.clone(),
    }
}
