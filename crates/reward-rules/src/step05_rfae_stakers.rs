//! Step 5, `gold_5_rfae_stakers` (spec/03 §5): programmatic incentives (`all_earners`), stakers.
//!
//! 1. The operators of the day are those registered with any AVS or, from Mississippi, any operator set (Q29).
//! 2. Before Panama, excluded stakers are left out before anything is summed, so their operator's part goes too (Q28).
//! 3. Exact amounts on all dates; 10 % to the operator before Arno, PI splits after.

use pg_numeric::{Numeric, NumericError};

use crate::error::At;
use crate::rows::step_row;
use crate::stakers::{Offer, total, weigh};
use crate::step01_active_rewards::ActiveReward;
use crate::step02_staker_reward_amounts::TEN_PERCENT;
use crate::{Day, DayState, Fork, ForkDates, Id, RuleError, Step, V1Type, cut, prop};

step_row! {
    /// A row of step 5 (spec/03 §5).
    RfaeStakers => RfaeStaker {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_day_decimal: Numeric,
        avs: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_type: V1Type,
        reward_submission_date: Day,
        operator: Id,
        staker: Id,
        shares: Numeric,
        excluded_address: Option<Id>,
        staker_weight: Numeric,
        total_weight: Numeric,
        staker_proportion: Numeric,
        total_staker_operator_payout: Numeric,
        operator_tokens: Numeric,
        staker_tokens: Numeric,
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
    if pre(Fork::Arno) {
        Ok((payout * &*TEN_PERCENT).floor())
    } else {
        cut(payout, state.pi_split(operator, !pre(Fork::Trinity)))
    }
}

/// The operators that count on a day, in id order.
fn operators(state: &DayState, forks: &ForkDates) -> Vec<Id> {
    let mut operators: Vec<Id> = state.any_avs_operators.iter().copied().collect();
    if state.day >= forks.date(Fork::Mississippi) {
        operators.extend(&state.any_set_operators);
    }
    operators.sort_unstable();
    operators.dedup();
    operators
}

/// The rows of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn rows(active: &[ActiveReward], state: &DayState, forks: &ForkDates) -> Result<Vec<RfaeStaker>, RuleError> {
    let offers: Vec<Offer<'_>> = active
        .iter()
        .enumerate()
        .filter(|(_, row)| row.reward_type == V1Type::AllEarners)
        .map(|(line, row)| Offer { line, strategy: row.strategy, multiplier: &row.multiplier })
        .collect();
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let exclusion_in_force = state.day < forks.date(Fork::Panama);
    let operators = operators(state, forks);
    let weighted = weigh(state, operators.iter().map(|&operator| (operator, offers.as_slice())), |staker| {
        exclusion_in_force && state.excluded.contains(&staker)
    });
    let total_weight = total(&weighted);
    weighted
        .into_iter()
        .map(|row| {
            let first = &active[row.line];
            let at = At { step: Step::RfaeStakers, snapshot: state.day, reward_hash: first.reward_hash };
            let amounts = || {
                let proportion = prop(&row.weight, &total_weight)?;
                let payout = (&proportion * &first.tokens_per_day_decimal).floor();
                let operator_tokens = operator_part(first, row.operator, &payout, state, forks)?;
                Ok((proportion, payout, operator_tokens))
            };
            let (staker_proportion, payout, operator_tokens) = amounts().map_err(at.error(Some(row.staker)))?;
            Ok(RfaeStaker {
                reward_hash: first.reward_hash,
                snapshot: state.day,
                token: first.token,
                tokens_per_day_decimal: first.tokens_per_day_decimal.clone(),
                avs: first.avs,
                strategy: first.strategy,
                multiplier: first.multiplier.clone(),
                reward_type: first.reward_type,
                reward_submission_date: first.reward_submission_date,
                operator: row.operator,
                staker: row.staker,
                shares: row.shares,
                excluded_address: state.excluded.contains(&row.staker).then_some(row.staker),
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
