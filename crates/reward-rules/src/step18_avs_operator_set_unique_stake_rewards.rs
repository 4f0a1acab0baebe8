//! Step 18, `gold_18_avs_operator_set_unique_stake_rewards` (spec/03 §18): a day's pool goes back to the AVS if
//! nothing of it was distributed. Leftovers of a distribution are lost (Q22).

use pg_numeric::Numeric;

use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::{Day, Id, SetId, StakeType};

step_row! {
    /// A row of step 18 (spec/03 §18).
    AvsOperatorSetUniqueStakeRewards => AvsUniqueStakeReward {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        avs: Id,
        operator_set_id: i64,
        avs_tokens: Numeric,
    }
}

/// What operators and stakers got of the pools of each set (steps 18 and 21).
#[derive(Default)]
pub(crate) struct Distributed(Vec<(SetId, Numeric)>);

impl Distributed {
    pub(crate) fn add(&mut self, set: SetId, tokens: &Numeric) {
        match self.0.iter_mut().find(|(known, _)| *known == set) {
            Some((_, sum)) => *sum += tokens,
            None => self.0.push((set, tokens.clone())),
        }
    }

    /// The sum of a set, if anybody was to get something.
    fn of(&self, set: SetId) -> Option<&Numeric> {
        self.0.iter().find(|(known, _)| *known == set).map(|(_, sum)| sum)
    }
}

/// A pool that goes back.
pub(crate) struct Refund {
    pub(crate) token: Id,
    pub(crate) set: SetId,
    pub(crate) tokens: Numeric,
}

/// The pools of one type of which nothing was distributed.
pub(crate) fn undistributed(active: &[&StakeLine], reward_type: StakeType, distributed: &Distributed) -> Vec<Refund> {
    let mut pools: Vec<Refund> = Vec::new();
    for line in active.iter().filter(|line| line.reward_type == reward_type) {
        match pools.iter_mut().find(|pool| pool.token == line.token && pool.set == line.set) {
            Some(pool) => {
                if line.tokens_per_day_decimal > pool.tokens {
                    pool.tokens = line.tokens_per_day_decimal.clone();
                }
            }
            None => {
                pools.push(Refund { token: line.token, set: line.set, tokens: line.tokens_per_day_decimal.clone() })
            }
        }
    }
    pools.retain(|pool| distributed.of(pool.set).is_none_or(Numeric::is_zero));
    pools
}

/// The parts of one (reward, day).
pub(crate) fn parts(active: &[&StakeLine], distributed: &Distributed) -> Vec<Refund> {
    undistributed(active, StakeType::UniqueStake, distributed)
}

/// The row of a refund.
pub(crate) fn row(refund: &Refund, reward_hash: Id, snapshot: Day) -> AvsUniqueStakeReward {
    AvsUniqueStakeReward {
        reward_hash,
        snapshot,
        token: refund.token,
        avs: refund.set.avs,
        operator_set_id: refund.set.number,
        avs_tokens: refund.tokens.clone(),
    }
}
