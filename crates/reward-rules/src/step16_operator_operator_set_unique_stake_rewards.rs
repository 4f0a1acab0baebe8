//! Step 16, `gold_16_operator_operator_set_unique_stake_rewards` (spec/03 §16): what operators of a set get of a pool
//! weighted by allocated stake.
//!
//! 1. A term per (operator, strategy): `pgdiv(shares × magnitude, max_magnitude) × multiplier`, in this order and
//!    with its display scale (spec/04 §5).
//! 2. An operator's weight is the sum of its terms; the pool is divided by the sum over the operators.
//! 3. The operator keeps its split; the rest is for its stakers (step 17).

use pg_numeric::{Numeric, NumericError};

use crate::amounts::split_pct;
use crate::error::At;
use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::{Day, DayState, Id, IdMap, RuleError, Rules, Split, StakeType, Step};

step_row! {
    /// A row of step 16 (spec/03 §16).
    OperatorOperatorSetUniqueStakeRewards => OperatorUniqueStakeReward {
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
        operator_allocated_weight: Numeric,
        adjusted_tokens_per_snapshot: Numeric,
        split_pct: Numeric,
        operator_tokens: Numeric,
    }
}

/// An operator's part of a pool, with the line and shares of its kept row.
pub(crate) struct PoolPart<'a> {
    pub(crate) line: &'a StakeLine,
    pub(crate) operator: Id,
    pub(crate) shares: &'a Numeric,
    pub(crate) weight: Numeric,
    /// Σ of the weights of all operators.
    pub(crate) total_weight: Numeric,
    /// What operator and stakers get together.
    pub(crate) tokens: Numeric,
    pub(crate) split: Split,
    pub(crate) operator_tokens: Numeric,
}

/// The shares of an operator for a line, and their weight, if the line counts for it.
pub(crate) fn pool_term<'s>(
    operator: Id,
    line: &StakeLine,
    state: &'s DayState,
    term: impl Fn(Id, &StakeLine, &Numeric) -> Option<Result<Numeric, NumericError>>,
) -> Option<(&'s Numeric, Result<Numeric, NumericError>)> {
    let shares = state.operator_shares.get(&(operator, line.strategy)).filter(|shares| shares.is_positive())?;
    Some((shares, term(operator, line, shares)?))
}

/// The parts of a day's pools of one type (steps 16 and 19): `term` gives an operator's weight for a line from its
/// shares, or `None` if the line does not count for it.
///
/// One part per operator: its kept row is the first with a multiplier other than 0, else the first (multiplier 0
/// counts, with weight 0; Q31). Nothing is paid if the total weight is 0.
pub(crate) fn pool_parts<'a>(
    reward_hash: Id,
    active: &[&'a StakeLine],
    reward_type: StakeType,
    state: &'a DayState,
    rules: &Rules,
    step: Step,
    term: impl Fn(Id, &StakeLine, &Numeric) -> Option<Result<Numeric, NumericError>>,
) -> Result<Vec<PoolPart<'a>>, RuleError> {
    let at = At { step, snapshot: state.day, reward_hash };
    let mut operators: Vec<(Id, &'a StakeLine, &'a Numeric, Numeric)> = Vec::new();
    let mut positions = IdMap::default();
    for &line in active.iter().filter(|line| line.reward_type == reward_type) {
        for &operator in state.set_operators.get(line.set) {
            let Some((shares, term)) = pool_term(operator, line, state, &term) else { continue };
            let term = term.map_err(at.error(Some(operator)))?;
            let position = *positions.entry(operator).or_insert_with(|| {
                operators.push((operator, line, shares, Numeric::ZERO));
                operators.len() - 1
            });
            let (_, kept, kept_shares, weight) = &mut operators[position];
            if kept.multiplier.is_zero() && !line.multiplier.is_zero() {
                *kept = line;
                *kept_shares = shares;
            }
            *weight += &term;
        }
    }

    let total: Numeric = operators.iter().map(|(_, _, _, weight)| weight).sum();
    if !total.is_positive() {
        return Ok(Vec::new());
    }
    operators
        .into_iter()
        .map(|(operator, line, shares, weight)| {
            let part = || {
                let tokens = rules.mode.floor_of_quotient(&(&line.tokens_per_day_decimal * &weight), &total)?;
                let split = rules.split(state.set_split(operator, line.set));
                Ok((split, rules.mode.cut(&tokens, split)?, tokens))
            };
            let (split, operator_tokens, tokens) = part().map_err(at.error(Some(operator)))?;
            let total_weight = total.clone();
            Ok(PoolPart { line, operator, shares, weight, total_weight, tokens, split, operator_tokens })
        })
        .collect()
}

/// Stake allocated to the line's set: `pgdiv(shares × magnitude, max_magnitude) × multiplier`; `None` without a
/// positive allocation.
pub(crate) fn allocated_weight(
    state: &DayState,
    operator: Id,
    line: &StakeLine,
    shares: &Numeric,
) -> Option<Result<Numeric, NumericError>> {
    let (magnitude, max_magnitude) = state.allocation(operator, line.set, line.strategy)?;
    if !magnitude.is_positive() || !max_magnitude.is_positive() {
        return None;
    }
    Some((shares * magnitude).pgdiv(max_magnitude).map(|stake| &stake * &line.multiplier))
}

/// The parts of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn parts<'a>(
    reward_hash: Id,
    active: &[&'a StakeLine],
    state: &'a DayState,
    rules: &Rules,
) -> Result<Vec<PoolPart<'a>>, RuleError> {
    let step = Step::OperatorOperatorSetUniqueStakeRewards;
    pool_parts(reward_hash, active, StakeType::UniqueStake, state, rules, step, |operator, line, shares| {
        allocated_weight(state, operator, line, shares)
    })
}

/// The row of a part.
pub(crate) fn row(part: &PoolPart<'_>, reward_hash: Id, snapshot: Day) -> OperatorUniqueStakeReward {
    OperatorUniqueStakeReward {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_registered_snapshot_decimal: part.tokens.clone(),
        avs: part.line.set.avs,
        operator_set_id: part.line.set.number,
        operator: part.operator,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_submission_date: part.line.submission_date,
        operator_allocated_weight: part.weight.clone(),
        adjusted_tokens_per_snapshot: part.tokens.clone(),
        split_pct: split_pct(part.split.bips),
        operator_tokens: part.operator_tokens.clone(),
    }
}
