//! Step 19, `gold_19_operator_operator_set_total_stake_rewards` (spec/03 §19): what operators of a set get of a pool
//! weighted by all their stake. Step 16 with the term `shares × multiplier`.

use pg_numeric::Numeric;

use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step16_operator_operator_set_unique_stake_rewards::pool_parts;
use crate::{Day, DayState, Id, RuleError, StakeType, Step};

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

/// The rows of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn rows(
    reward_hash: Id,
    active: &[&StakeLine],
    state: &DayState,
) -> Result<Vec<OperatorTotalStakeReward>, RuleError> {
    let step = Step::OperatorOperatorSetTotalStakeRewards;
    let parts = pool_parts(reward_hash, active, StakeType::TotalStake, state, step, |_, line, shares| {
        Some(Ok(shares * &line.multiplier))
    })?;
    Ok(parts
        .into_iter()
        .map(|part| OperatorTotalStakeReward {
            reward_hash,
            snapshot: state.day,
            token: part.line.token,
            tokens_per_registered_snapshot_decimal: part.tokens,
            avs: part.line.set.avs,
            operator_set_id: part.line.set.number,
            operator: part.operator,
            strategy: part.line.strategy,
            multiplier: part.line.multiplier.clone(),
            reward_submission_date: part.line.submission_date,
            operator_total_shares: part.shares,
            operator_total_weight: part.weight,
            split_pct: part.split_pct,
            operator_tokens: part.operator_tokens,
        })
        .collect())
}
