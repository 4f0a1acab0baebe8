//! Step 21, `gold_21_avs_operator_set_total_stake_rewards` (spec/03 §21): step 18 for total stake.

use pg_numeric::Numeric;

use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step18_avs_operator_set_unique_stake_rewards::undistributed;
use crate::step19_operator_operator_set_total_stake_rewards::OperatorTotalStakeReward;
use crate::step20_staker_operator_set_total_stake_rewards::StakerTotalStakeReward;
use crate::{Day, Id, SetId, StakeType};

step_row! {
    /// A row of step 21 (spec/03 §21).
    AvsOperatorSetTotalStakeRewards => AvsTotalStakeReward {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        avs: Id,
        operator_set_id: i64,
        avs_tokens: Numeric,
    }
}

/// The rows of one (reward, day).
pub(crate) fn rows(
    reward_hash: Id,
    active: &[&StakeLine],
    operators: &[OperatorTotalStakeReward],
    stakers: &[StakerTotalStakeReward],
    snapshot: Day,
) -> Vec<AvsTotalStakeReward> {
    let set = |avs, number| SetId { avs, number };
    let distributed = (operators.iter().map(|row| (set(row.avs, row.operator_set_id), &row.operator_tokens)))
        .chain(stakers.iter().map(|row| (set(row.avs, row.operator_set_id), &row.staker_tokens)));
    undistributed(active, StakeType::TotalStake, distributed)
        .into_iter()
        .map(|(token, set, avs_tokens)| AvsTotalStakeReward {
            reward_hash,
            snapshot,
            token,
            avs: set.avs,
            operator_set_id: set.number,
            avs_tokens,
        })
        .collect()
}
