//! Step 17, `gold_17_staker_operator_set_unique_stake_rewards` (spec/03 §17): what stakers get of a pool weighted by
//! allocated stake.
//!
//! Each operator's part of step 16, less what it keeps, goes to its own stakers by their allocated shares.

use pg_numeric::{Numeric, NumericError};

use crate::amounts::Proportion;
use crate::error::At;
use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step16_operator_operator_set_unique_stake_rewards::{PoolPart, allocated_weight};
use crate::{Day, DayState, Id, RuleError, Rules, Step};

step_row! {
    /// A row of step 17 (spec/03 §17).
    StakerOperatorSetUniqueStakeRewards => StakerUniqueStakeReward {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        operator: Id,
        avs: Id,
        operator_set_id: i64,
        staker: Id,
        adjusted_tokens_per_snapshot: Numeric,
        staker_split_total: Numeric,
        weighted_shares: Numeric,
        staker_weight: Numeric,
        total_operator_weight: Numeric,
        staker_proportion: Numeric,
        staker_tokens: Numeric,
    }
}

/// A staker's part of what its operator does not keep of a pool.
pub(crate) struct PoolStaker<'a> {
    /// The operator's part of the pool.
    pub(crate) pool: &'a PoolPart<'a>,
    /// The operator's part less what it keeps.
    pub(crate) staker_split_total: &'a Numeric,
    pub(crate) staker: Id,
    pub(crate) weight: &'a Numeric,
    pub(crate) total_weight: &'a Numeric,
    pub(crate) proportion: Option<Proportion>,
    pub(crate) tokens: Numeric,
}

/// The lines that count for the stakers of a pool's operator, in the order of strategies.
pub(crate) fn lines_of<'a>(pool: &PoolPart<'_>, active: &[&'a StakeLine]) -> Vec<&'a StakeLine> {
    let mut lines: Vec<&StakeLine> =
        active.iter().copied().filter(|line| line.set == pool.line.set && !line.multiplier.is_zero()).collect();
    lines.sort_by_key(|line| line.strategy);
    lines
}

/// What a staker's shares weigh, line by line of [`lines_of`].
pub(crate) fn each_term(
    staker: Id,
    lines: &[&StakeLine],
    state: &DayState,
    term: impl Fn(&StakeLine, &Numeric) -> Option<Result<Numeric, NumericError>>,
    mut each: impl FnMut(&StakeLine, &Numeric, Result<Numeric, NumericError>) -> Result<(), RuleError>,
) -> Result<(), RuleError> {
    for (strategy, shares) in state.staker_shares.get(staker).iter().filter(|(_, shares)| shares.is_positive()) {
        let first = lines.partition_point(|line| line.strategy < *strategy);
        for line in lines[first..].iter().take_while(|line| line.strategy == *strategy) {
            if let Some(term) = term(line, shares) {
                each(line, shares, term)?;
            }
        }
    }
    Ok(())
}

/// Divides one operator's pool among its stakers (steps 17 and 20): `term` gives a staker's weight for a line from
/// its shares, or `None` if the line does not count.
///
/// Proportion and tokens are 0 if the total weight is not positive.
pub(crate) fn divide(
    pool: &PoolPart<'_>,
    active: &[&StakeLine],
    state: &DayState,
    rules: &Rules,
    at: At,
    term: impl Fn(&StakeLine, &Numeric) -> Option<Result<Numeric, NumericError>>,
    mut each: impl FnMut(&PoolStaker<'_>),
) -> Result<(), RuleError> {
    let staker_split_total = &(&pool.tokens - &pool.operator_tokens);
    let lines = lines_of(pool, active);
    let mut weights: Vec<(Id, Numeric)> = Vec::new();
    for &staker in state.delegations.get(pool.operator) {
        let mut weight: Option<Numeric> = None;
        each_term(staker, &lines, state, &term, |_, _, term| {
            *weight.get_or_insert(Numeric::ZERO) += &term.map_err(at.error(Some(staker)))?;
            Ok(())
        })?;
        weights.extend(weight.map(|weight| (staker, weight)));
    }
    let proportions = rules.proportions(weights.iter().map(|(_, weight)| weight).sum());
    let total_weight = proportions.total();
    for (staker, weight) in &weights {
        let (proportion, tokens) = if total_weight.is_positive() {
            let proportion = proportions.proportion(weight).map_err(at.error(Some(*staker)))?;
            let tokens = proportion.floor_of(staker_split_total);
            (Some(proportion), tokens)
        } else {
            (None, Numeric::ZERO)
        };
        each(&PoolStaker { pool, staker_split_total, staker: *staker, weight, total_weight, proportion, tokens });
    }
    Ok(())
}

/// The parts of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn parts(
    reward_hash: Id,
    operators: &[PoolPart<'_>],
    active: &[&StakeLine],
    state: &DayState,
    rules: &Rules,
    mut each: impl FnMut(&PoolStaker<'_>),
) -> Result<(), RuleError> {
    let at = At { step: Step::StakerOperatorSetUniqueStakeRewards, snapshot: state.day, reward_hash };
    operators.iter().try_for_each(|pool| {
        let term = |line: &StakeLine, shares: &Numeric| allocated_weight(state, pool.operator, line, shares);
        divide(pool, active, state, rules, at, term, &mut each)
    })
}

/// The row of a part.
pub(crate) fn row(part: &PoolStaker<'_>, reward_hash: Id, snapshot: Day) -> StakerUniqueStakeReward {
    StakerUniqueStakeReward {
        reward_hash,
        snapshot,
        token: part.pool.line.token,
        operator: part.pool.operator,
        avs: part.pool.line.set.avs,
        operator_set_id: part.pool.line.set.number,
        staker: part.staker,
        adjusted_tokens_per_snapshot: part.pool.tokens.clone(),
        staker_split_total: part.staker_split_total.clone(),
        weighted_shares: part.weight.clone(),
        staker_weight: part.weight.clone(),
        total_operator_weight: part.total_weight.clone(),
        staker_proportion: part.proportion.as_ref().map_or(Numeric::ZERO, Proportion::numeric),
        staker_tokens: part.tokens.clone(),
    }
}
