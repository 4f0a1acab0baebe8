//! Step 8, `gold_8_operator_od_reward_amounts` (spec/03 §8): the operators' parts of operator-directed rewards.

use std::collections::HashSet;

use pg_numeric::Numeric;

use crate::amounts::split_pct;
use crate::error::At;
use crate::reward::OdLine;
use crate::rows::step_row;
use crate::{Day, DayState, Fork, ForkDates, Id, RuleError, SetId, Step, cut};

step_row! {
    /// A row of step 8 (spec/03 §8).
    OperatorOdRewardAmounts => OperatorOdRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_registered_snapshot_decimal: Numeric,
        avs: Id,
        operator: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_submission_date: Day,
        split_pct: Numeric,
        operator_tokens: Numeric,
    }
}

/// The operator set of a line of step 11.
pub(crate) fn set_of(line: &OdLine) -> Option<SetId> {
    line.operator_set_id.map(|number| SetId { avs: line.avs, number })
}

/// Whether the line's operator is registered, with its set if the line has one, else with its AVS.
pub(crate) fn is_registered(line: &OdLine, state: &DayState) -> bool {
    match set_of(line) {
        Some(set) => state.set_registered(set, line.operator),
        None => state.registered(line.avs, line.operator),
    }
}

/// The split of the line's operator in bips: of its set if the line has one (no fork), else of its AVS.
pub(crate) fn split(line: &OdLine, state: &DayState, forks: &ForkDates) -> i32 {
    match set_of(line) {
        Some(set) => state.set_split(line.operator, set),
        None => {
            let with_default = !forks.pre(Fork::Trinity, state.day, line.submission_date);
            state.avs_split(line.operator, line.avs, with_default)
        }
    }
}

/// An operator's part of a day, with its first line.
pub(crate) struct OperatorPart<'a> {
    pub(crate) line: &'a OdLine,
    pub(crate) split_pct: Numeric,
    pub(crate) operator_tokens: Numeric,
}

/// The parts of the operators that are registered that day, one per operator. Strategies are not checked (Q19).
pub(crate) fn operator_parts<'a>(
    reward_hash: Id,
    active: &[&'a OdLine],
    state: &DayState,
    forks: &ForkDates,
    step: Step,
) -> Result<Vec<OperatorPart<'a>>, RuleError> {
    let at = At { step, snapshot: state.day, reward_hash };
    first_per_operator(active.iter().copied().filter(|line| is_registered(line, state)))
        .map(|line| {
            let bips = split(line, state, forks);
            let part = || {
                let operator_tokens = cut(&line.tokens_per_registered_snapshot_decimal, bips)?;
                Ok(OperatorPart { line, split_pct: split_pct(bips)?, operator_tokens })
            };
            part().map_err(at.error(Some(line.operator)))
        })
        .collect()
}

/// The first line of each operator, in line order.
pub(crate) fn first_per_operator<'a>(lines: impl Iterator<Item = &'a OdLine>) -> impl Iterator<Item = &'a OdLine> {
    let mut seen = HashSet::new();
    lines.filter(move |line| seen.insert(line.operator))
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
) -> Result<Vec<OperatorOdRewardAmount>, RuleError> {
    let parts = operator_parts(reward_hash, active, state, forks, Step::OperatorOdRewardAmounts)?;
    Ok(parts
        .into_iter()
        .map(|OperatorPart { line, split_pct, operator_tokens }| OperatorOdRewardAmount {
            reward_hash,
            snapshot: state.day,
            token: line.token,
            tokens_per_registered_snapshot_decimal: line.tokens_per_registered_snapshot_decimal.clone(),
            avs: line.avs,
            operator: line.operator,
            strategy: line.strategy,
            multiplier: line.multiplier.clone(),
            reward_submission_date: line.submission_date,
            split_pct,
            operator_tokens,
        })
        .collect())
}
