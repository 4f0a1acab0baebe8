//! Step 17, `gold_17_staker_operator_set_unique_stake_rewards` (spec/03 §17): what stakers get of a pool weighted by
//! allocated stake.
//!
//! Each operator's part of step 16, less what it keeps, goes to its own stakers by their allocated shares.

use pg_numeric::{Numeric, NumericError};

use crate::error::At;
use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step16_operator_operator_set_unique_stake_rewards::{OperatorUniqueStakeReward, allocated_weight};
use crate::{Day, DayState, Id, RuleError, SetId, Step, prop};

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

/// What the stakers of one operator share on a day.
pub(crate) struct StakerPool {
    pub(crate) operator: Id,
    pub(crate) set: SetId,
    /// The operator's part less what it keeps.
    pub(crate) staker_split_total: Numeric,
}

/// A staker's part of its operator's pool.
pub(crate) struct PoolStaker {
    pub(crate) staker: Id,
    pub(crate) weight: Numeric,
    pub(crate) total_weight: Numeric,
    pub(crate) proportion: Numeric,
    pub(crate) tokens: Numeric,
}

/// Divides one operator's pool among its stakers (steps 17 and 20): `term` gives a staker's weight for a line from
/// its shares, or `None` if the line does not count.
///
/// Proportion and tokens are 0 if the total weight is not positive.
pub(crate) fn divide(
    pool: &StakerPool,
    active: &[&StakeLine],
    state: &DayState,
    at: At,
    term: impl Fn(&StakeLine, &Numeric) -> Option<Result<Numeric, NumericError>>,
) -> Result<Vec<PoolStaker>, RuleError> {
    let lines: Vec<&StakeLine> =
        active.iter().copied().filter(|line| line.set == pool.set && !line.multiplier.is_zero()).collect();
    let mut weights: Vec<(Id, Numeric)> = Vec::new();
    for &staker in state.delegations.get(pool.operator) {
        let mut weight: Option<Numeric> = None;
        for line in &lines {
            for (_, shares) in state
                .staker_shares
                .get(staker)
                .iter()
                .filter(|(strategy, shares)| *strategy == line.strategy && shares.is_positive())
            {
                if let Some(term) = term(line, shares) {
                    *weight.get_or_insert(Numeric::ZERO) += &term.map_err(at.error(Some(staker)))?;
                }
            }
        }
        weights.extend(weight.map(|weight| (staker, weight)));
    }
    let total_weight: Numeric = weights.iter().map(|(_, weight)| weight).sum();
    weights
        .into_iter()
        .map(|(staker, weight)| {
            let (proportion, tokens) = if total_weight.is_positive() {
                let proportion = prop(&weight, &total_weight).map_err(at.error(Some(staker)))?;
                let tokens = (&proportion * &pool.staker_split_total).floor();
                (proportion, tokens)
            } else {
                (Numeric::ZERO, Numeric::ZERO)
            };
            Ok(PoolStaker { staker, weight, total_weight: total_weight.clone(), proportion, tokens })
        })
        .collect()
}

/// The rows of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn rows(
    operators: &[OperatorUniqueStakeReward],
    active: &[&StakeLine],
    state: &DayState,
) -> Result<Vec<StakerUniqueStakeReward>, RuleError> {
    let mut rows = Vec::new();
    for row in operators {
        let at =
            At { step: Step::StakerOperatorSetUniqueStakeRewards, snapshot: state.day, reward_hash: row.reward_hash };
        let pool = StakerPool {
            operator: row.operator,
            set: SetId { avs: row.avs, number: row.operator_set_id },
            staker_split_total: &row.adjusted_tokens_per_snapshot - &row.operator_tokens,
        };
        let parts =
            divide(&pool, active, state, at, |line, shares| allocated_weight(state, row.operator, line, shares))?;
        rows.extend(parts.into_iter().map(|part| StakerUniqueStakeReward {
            reward_hash: row.reward_hash,
            snapshot: row.snapshot,
            token: row.token,
            operator: row.operator,
            avs: row.avs,
            operator_set_id: row.operator_set_id,
            staker: part.staker,
            adjusted_tokens_per_snapshot: row.adjusted_tokens_per_snapshot.clone(),
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
