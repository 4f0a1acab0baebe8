//! Step 21, `gold_21_avs_operator_set_total_stake_rewards` (spec/03 §21): step 18 for total stake.

use pg_numeric::Numeric;

use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step18_avs_operator_set_unique_stake_rewards::{Distributed, Refund, undistributed};
use crate::{Day, Id, StakeType};

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

/// The parts of one (reward, day).
pub(crate) fn parts(active: &[&StakeLine], distributed: &Distributed) -> Vec<Refund> {
    undistributed(active, StakeType::TotalStake, distributed)
}

/// The row of a refund.
pub(crate) fn row(refund: &Refund, reward_hash: Id, snapshot: Day) -> AvsTotalStakeReward {
    AvsTotalStakeReward {
        reward_hash,
        snapshot,
        token: refund.token,
        avs: refund.set.avs,
        operator_set_id: refund.set.number,
        avs_tokens: refund.tokens.clone(),
    }
}
