//! Step 20, `gold_20_staker_operator_set_total_stake_rewards` (spec/03 §20): what stakers get of a pool weighted by
//! all stake. Step 17 with the term `shares × multiplier`.

use pg_numeric::Numeric;

use crate::error::At;
use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step17_staker_operator_set_unique_stake_rewards::{StakerPool, divide};
use crate::step19_operator_operator_set_total_stake_rewards::OperatorTotalStakeReward;
use crate::{Day, DayState, Id, RuleError, SetId, Step};

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

/// The rows of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn rows(
    operators: &[OperatorTotalStakeReward],
    active: &[&StakeLine],
    state: &DayState,
) -> Result<Vec<StakerTotalStakeReward>, RuleError> {
    let mut rows = Vec::new();
    for row in operators {
        let at =
            At { step: Step::StakerOperatorSetTotalStakeRewards, snapshot: state.day, reward_hash: row.reward_hash };
        let pool = StakerPool {
            operator: row.operator,
            set: SetId { avs: row.avs, number: row.operator_set_id },
            staker_split_total: &row.tokens_per_registered_snapshot_decimal - &row.operator_tokens,
        };
        let parts = divide(&pool, active, state, at, |line, shares| Some(Ok(shares * &line.multiplier)))?;
        rows.extend(parts.into_iter().map(|part| StakerTotalStakeReward {
            reward_hash: row.reward_hash,
            snapshot: row.snapshot,
            token: row.token,
            operator: row.operator,
            avs: row.avs,
            operator_set_id: row.operator_set_id,
            staker: part.staker,
            tokens_per_registered_snapshot_decimal: row.tokens_per_registered_snapshot_decimal.clone(),
            staker_split_total: pool.staker_split_total.clone(),
            weighted_shares: part.weight.clone(),
            staker_weight: part.weight,
            total_operator_weight: part.total_weight,
            staker_proportion: part.proportion,
            staker_tokens: part.tokens,
        }));
    }
    Ok(rows)
}
