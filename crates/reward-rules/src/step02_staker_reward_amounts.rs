//! Step 2, `gold_2_staker_reward_amounts` (spec/03 §2): what `avs` rewards give to stakers and their operators.
//!
//! 1. A line reaches the operators registered with its AVS that restake its strategy (Q20).
//! 2. Their stakers are weighted by Σ multiplier × shares; the total is over all operators.
//! 3. The payout T of a staker depends on the fork: float8 with 15 digits before Amazon, float8 by its shortest
//!    text before Nile, exact after (Q7, Q18).
//! 4. The operator's part: 10 % rounded before Nile (Q8), 10 % floored before Arno, splits after.

use std::sync::LazyLock;

use pg_numeric::{Numeric, NumericError, float8};

use crate::error::At;
use crate::rows::step_row;
use crate::stakers::{Offer, by_operator, total, weigh};
use crate::step01_active_rewards::ActiveReward;
use crate::{Day, DayState, Fork, ForkDates, Id, RuleError, Step, V1Type, cut, prop};

/// Payouts are cast to numeric(38,0).
pub(crate) const PAYOUT_DIGITS: u32 = 38;

/// `0.10`, the operators' part before splits existed.
pub(crate) static TEN_PERCENT: LazyLock<Numeric> = LazyLock::new(|| Numeric::from_parts(10, 2));

step_row! {
    /// A row of step 2 (spec/03 §2).
    StakerRewardAmounts => StakerRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_day: f64,
        tokens_per_day_decimal: Numeric,
        avs: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_type: V1Type,
        reward_submission_date: Day,
        operator: Id,
        staker: Id,
        shares: Numeric,
        staker_weight: Numeric,
        total_weight: Numeric,
        staker_proportion: Numeric,
        total_staker_operator_payout: Numeric,
        operator_tokens: Numeric,
        staker_tokens: Numeric,
    }
}

/// `num38ₜ(v)` (spec/04 §6): a float8 through its shortest text, rounded to an integer of at most 38 digits.
pub(crate) fn payout_by_text(value: f64) -> Result<Numeric, NumericError> {
    float8::to_numeric_shortest(value)?.cast_integer(PAYOUT_DIGITS)
}

fn payout(active: &ActiveReward, proportion: &Numeric, forks: &ForkDates) -> Result<Numeric, NumericError> {
    let float_payout = || float8::mul(proportion.to_f64(), active.tokens_per_day);
    if forks.pre(Fork::Amazon, active.snapshot, active.reward_submission_date) {
        float8::to_numeric_15(float_payout())?.cast_integer(PAYOUT_DIGITS)
    } else if forks.pre(Fork::Nile, active.snapshot, active.reward_submission_date) {
        payout_by_text(float_payout())
    } else {
        Ok((proportion * &active.tokens_per_day_decimal).floor())
    }
}

fn operator_part(
    active: &ActiveReward,
    operator: Id,
    payout: &Numeric,
    state: &DayState,
    forks: &ForkDates,
) -> Result<Numeric, NumericError> {
    let pre = |fork| forks.pre(fork, active.snapshot, active.reward_submission_date);
    if pre(Fork::Amazon) || pre(Fork::Nile) {
        Ok((payout * &*TEN_PERCENT).round_half_away())
    } else if pre(Fork::Arno) {
        Ok((payout * &*TEN_PERCENT).floor())
    } else {
        cut(payout, state.avs_split(operator, active.avs, !pre(Fork::Trinity)))
    }
}

/// The rows of one (reward, day).
///
/// # Errors
/// A payout that does not fit numeric(38,0).
pub(crate) fn rows(
    active: &[ActiveReward],
    state: &DayState,
    forks: &ForkDates,
) -> Result<Vec<StakerRewardAmount>, RuleError> {
    let offers = active
        .iter()
        .enumerate()
        .filter(|(_, row)| row.reward_type == V1Type::Avs)
        .flat_map(|(line, row)| {
            let offer = Offer { line, strategy: row.strategy, multiplier: &row.multiplier };
            state
                .avs_operators
                .get(row.avs)
                .iter()
                .filter(move |&&operator| state.restaked.contains(&(operator, row.avs, row.strategy)))
                .map(move |&operator| (operator, offer))
        })
        .collect();
    let offers = by_operator(offers);
    let weighted = weigh(state, offers.iter().map(|(operator, offers)| (*operator, offers.as_slice())), |_| false);
    let total_weight = total(&weighted);
    weighted
        .into_iter()
        .map(|row| {
            let first = &active[row.line];
            let at = At { step: Step::StakerRewardAmounts, snapshot: state.day, reward_hash: first.reward_hash };
            let amounts = || {
                let proportion = prop(&row.weight, &total_weight)?;
                let payout = payout(first, &proportion, forks)?;
                let operator_tokens = operator_part(first, row.operator, &payout, state, forks)?;
                Ok((proportion, payout, operator_tokens))
            };
            let (staker_proportion, payout, operator_tokens) = amounts().map_err(at.error(Some(row.staker)))?;
            Ok(StakerRewardAmount {
                reward_hash: first.reward_hash,
                snapshot: state.day,
                token: first.token,
                tokens_per_day: first.tokens_per_day,
                tokens_per_day_decimal: first.tokens_per_day_decimal.clone(),
                avs: first.avs,
                strategy: first.strategy,
                multiplier: first.multiplier.clone(),
                reward_type: first.reward_type,
                reward_submission_date: first.reward_submission_date,
                operator: row.operator,
                staker: row.staker,
                shares: row.shares,
                staker_weight: row.weight,
                total_weight: total_weight.clone(),
                staker_proportion,
                staker_tokens: &payout - &operator_tokens,
                total_staker_operator_payout: payout,
                operator_tokens,
            })
        })
        .collect()
}
