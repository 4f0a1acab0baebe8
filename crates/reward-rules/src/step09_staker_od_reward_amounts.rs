//! Step 9, `gold_9_staker_od_reward_amounts` (spec/03 §9): the stakers' parts of operator-directed rewards.
//!
//! Each operator's amount, less its own part, goes to its own stakers: totals are per operator. Days without
//! stakers lose the stakers' part; nothing is refunded (Q19).

use std::collections::HashMap;

use pg_numeric::{Numeric, NumericError};

use crate::error::At;
use crate::reward::OdLine;
use crate::rows::step_row;
use crate::stakers::{Offer, Weighted, by_operator, weigh};
use crate::step08_operator_od_reward_amounts::{is_registered, split};
use crate::{Day, DayState, ForkDates, Id, RuleError, Step, prop, rest};

step_row! {
    /// A row of step 9 (spec/03 §9).
    StakerOdRewardAmounts => StakerOdRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_registered_snapshot_decimal: Numeric,
        avs: Id,
        operator: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_submission_date: Day,
        staker_split: Numeric,
        staker: Id,
        shares: Numeric,
        staker_weight: Numeric,
        total_weight: Numeric,
        staker_proportion: Numeric,
        staker_tokens: Numeric,
    }
}

/// A staker's part of a day, with the first line of its group.
pub(crate) struct StakerPart<'a> {
    pub(crate) line: &'a OdLine,
    pub(crate) weighted: Weighted,
    pub(crate) staker_split: Numeric,
    pub(crate) total_weight: Numeric,
    pub(crate) staker_proportion: Numeric,
    pub(crate) staker_tokens: Numeric,
}

/// The parts of the stakers of registered operators, over the lines that `counts` lets through.
pub(crate) fn staker_parts<'a>(
    reward_hash: Id,
    active: &[&'a OdLine],
    state: &DayState,
    forks: &ForkDates,
    step: Step,
    counts: impl Fn(&OdLine) -> bool,
) -> Result<Vec<StakerPart<'a>>, RuleError> {
    let offers = active
        .iter()
        .enumerate()
        .filter(|(_, line)| is_registered(line, state) && counts(line))
        .map(|(index, line)| {
            (line.operator, Offer { line: index, strategy: line.strategy, multiplier: &line.multiplier })
        })
        .collect();
    let offers = by_operator(offers);
    let weighted = weigh(state, offers.iter().map(|(operator, offers)| (*operator, offers.as_slice())), |_| false);

    let mut totals: HashMap<Id, Numeric> = HashMap::new();
    for row in &weighted {
        *totals.entry(row.operator).or_default() += &row.weight;
    }
    let at = At { step, snapshot: state.day, reward_hash };
    weighted
        .into_iter()
        .map(|weighted| {
            let line = active[weighted.line];
            let total_weight = totals[&weighted.operator].clone();
            let amounts = || -> Result<_, NumericError> {
                let staker_split = rest(&line.tokens_per_registered_snapshot_decimal, split(line, state, forks))?;
                let proportion = prop(&weighted.weight, &total_weight)?;
                let tokens = (&proportion * &staker_split).floor();
                Ok((staker_split, proportion, tokens))
            };
            let (staker_split, staker_proportion, staker_tokens) =
                amounts().map_err(at.error(Some(weighted.staker)))?;
            Ok(StakerPart { line, weighted, staker_split, total_weight, staker_proportion, staker_tokens })
        })
        .collect()
}

/// The rows of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn rows(
    reward_hash: Id,
    active: &[&OdLine],
    state: &DayState,
    forks: &ForkDates,
) -> Result<Vec<StakerOdRewardAmount>, RuleError> {
    let parts = staker_parts(reward_hash, active, state, forks, Step::StakerOdRewardAmounts, |_| true)?;
    Ok(parts
        .into_iter()
        .map(|part| StakerOdRewardAmount {
            reward_hash,
            snapshot: state.day,
            token: part.line.token,
            tokens_per_registered_snapshot_decimal: part.line.tokens_per_registered_snapshot_decimal.clone(),
            avs: part.line.avs,
            operator: part.weighted.operator,
            strategy: part.line.strategy,
            multiplier: part.line.multiplier.clone(),
            reward_submission_date: part.line.submission_date,
            staker_split: part.staker_split,
            staker: part.weighted.staker,
            shares: part.weighted.shares,
            staker_weight: part.weighted.weight,
            total_weight: part.total_weight,
            staker_proportion: part.staker_proportion,
            staker_tokens: part.staker_tokens,
        })
        .collect())
}
