//! Step 4, `gold_4_rewards_for_all` (spec/03 §4): `all_stakers` rewards, straight to whoever holds shares.
//!
//! No delegation, no operator, and float8 for all dates: this step never switched to exact amounts (Q7).

use pg_numeric::{Numeric, float8};

use crate::error::At;
use crate::rows::step_row;
use crate::stakers::{Offer, total, weigh_holder};
use crate::step01_active_rewards::ActiveReward;
use crate::step02_staker_reward_amounts::payout_by_text;
use crate::{Day, DayState, Id, RuleError, Step, V1Type, prop};

step_row! {
    /// A row of step 4 (spec/03 §4).
    RewardsForAll => RewardForAll {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_day: f64,
        avs: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_type: V1Type,
        staker: Id,
        shares: Numeric,
        staker_weight: Numeric,
        total_staker_weight: Numeric,
        staker_proportion: Numeric,
        staker_tokens: Numeric,
    }
}

/// The rows of one (reward, day).
///
/// # Errors
/// A payout that does not fit numeric(38,0).
pub(crate) fn rows(active: &[ActiveReward], state: &DayState) -> Result<Vec<RewardForAll>, RuleError> {
    let offers: Vec<Offer<'_>> = active
        .iter()
        .enumerate()
        .filter(|(_, row)| row.reward_type == V1Type::AllStakers)
        .map(|(line, row)| Offer { line, strategy: row.strategy, multiplier: &row.multiplier })
        .collect();
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let weighted: Vec<_> =
        state.staker_shares.iter().filter_map(|(staker, _)| weigh_holder(state, staker, staker, &offers)).collect();
    let total_staker_weight = total(&weighted);
    weighted
        .into_iter()
        .map(|row| {
            let first = &active[row.line];
            let at = At { step: Step::RewardsForAll, snapshot: state.day, reward_hash: first.reward_hash };
            let amounts = || {
                let proportion = prop(&row.weight, &total_staker_weight)?;
                let tokens = payout_by_text(float8::mul(first.tokens_per_day, proportion.to_f64()))?;
                Ok((proportion, tokens))
            };
            let (staker_proportion, staker_tokens) = amounts().map_err(at.error(Some(row.staker)))?;
            Ok(RewardForAll {
                reward_hash: first.reward_hash,
                snapshot: state.day,
                token: first.token,
                tokens_per_day: first.tokens_per_day,
                avs: first.avs,
                strategy: first.strategy,
                multiplier: first.multiplier.clone(),
                reward_type: first.reward_type,
                staker: row.staker,
                shares: row.shares,
                staker_weight: row.weight,
                total_staker_weight: total_staker_weight.clone(),
                staker_proportion,
                staker_tokens,
            })
        })
        .collect()
}
