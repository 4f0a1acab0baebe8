//! Step 18, `gold_18_avs_operator_set_unique_stake_rewards` (spec/03 §18): a day's pool goes back to the AVS if
//! nothing of it was distributed. Leftovers of a distribution are lost (Q22).

use pg_numeric::Numeric;

use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step16_operator_operator_set_unique_stake_rewards::OperatorUniqueStakeReward;
use crate::step17_staker_operator_set_unique_stake_rewards::StakerUniqueStakeReward;
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

/// The pools of one type of which nothing was distributed: (token, set, pool). `distributed` lists what operators
/// and stakers of a set got (steps 18 and 21).
pub(crate) fn undistributed<'a>(
    active: &[&StakeLine],
    reward_type: StakeType,
    distributed: impl Iterator<Item = (SetId, &'a Numeric)>,
) -> Vec<(Id, SetId, Numeric)> {
    let mut pools: Vec<(Id, SetId, Numeric)> = Vec::new();
    for line in active.iter().filter(|line| line.reward_type == reward_type) {
        match pools.iter_mut().find(|(token, set, _)| *token == line.token && *set == line.set) {
            Some((_, _, pool)) => {
                if line.tokens_per_day_decimal > *pool {
                    *pool = line.tokens_per_day_decimal.clone();
                }
            }
            None => pools.push((line.token, line.set, line.tokens_per_day_decimal.clone())),
        }
    }
    let mut sums: Vec<(SetId, Numeric)> = Vec::new();
    for (set, tokens) in distributed {
        match sums.iter_mut().find(|(known, _)| *known == set) {
            Some((_, sum)) => *sum += tokens,
            None => sums.push((set, tokens.clone())),
        }
    }
    pools.retain(|(_, set, _)| sums.iter().find(|(known, _)| known == set).is_none_or(|(_, sum)| sum.is_zero()));
    pools
}

/// The rows of one (reward, day).
pub(crate) fn rows(
    reward_hash: Id,
    active: &[&StakeLine],
    operators: &[OperatorUniqueStakeReward],
    stakers: &[StakerUniqueStakeReward],
    snapshot: Day,
) -> Vec<AvsUniqueStakeReward> {
    let set = |avs, number| SetId { avs, number };
    let distributed = (operators.iter().map(|row| (set(row.avs, row.operator_set_id), &row.operator_tokens)))
        .chain(stakers.iter().map(|row| (set(row.avs, row.operator_set_id), &row.staker_tokens)));
    undistributed(active, StakeType::UniqueStake, distributed)
        .into_iter()
        .map(|(token, set, avs_tokens)| AvsUniqueStakeReward {
            reward_hash,
            snapshot,
            token,
            avs: set.avs,
            operator_set_id: set.number,
            avs_tokens,
        })
        .collect()
}
