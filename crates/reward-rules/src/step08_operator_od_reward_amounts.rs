//! Step 8, `gold_8_operator_od_reward_amounts` (spec/03 §8): the operators' parts of operator-directed rewards.

use pg_numeric::Numeric;

use crate::amounts::split_pct;
use crate::error::At;
use crate::reward::OdLine;
use crate::rows::step_row;
use crate::{Day, DayState, Fork, Id, IdSet, RuleError, Rules, SetId, Split, Step};

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

/// The split of the line's operator: of its set if the line has one (no fork), else of its AVS.
pub(crate) fn split(line: &OdLine, state: &DayState, rules: &Rules) -> Split {
    rules.split(match set_of(line) {
        Some(set) => state.set_split(line.operator, set),
        None => {
            let with_default = !rules.pre(Fork::Trinity, state.day, line.submission_date);
            state.avs_split(line.operator, line.avs, with_default)
        }
    })
}

/// An operator's part of a day, with its first line.
pub(crate) struct OperatorPart<'a> {
    pub(crate) line: &'a OdLine,
    pub(crate) split: Split,
    pub(crate) operator_tokens: Numeric,
}

/// The parts of the operators that are registered that day, one per operator. Strategies are not checked (Q19).
pub(crate) fn parts<'a>(
    reward_hash: Id,
    active: &[&'a OdLine],
    state: &DayState,
    rules: &Rules,
    step: Step,
) -> Result<Vec<OperatorPart<'a>>, RuleError> {
    let at = At { step, snapshot: state.day, reward_hash };
    first_per_operator(active.iter().copied().filter(|line| is_registered(line, state)))
        .map(|line| {
            let split = split(line, state, rules);
            let tokens = rules.mode.cut(&line.tokens_per_registered_snapshot_decimal, split);
            Ok(OperatorPart { line, split, operator_tokens: tokens.map_err(at.error(Some(line.operator)))? })
        })
        .collect()
}

/// The first line of each operator, in line order.
pub(crate) fn first_per_operator<'a>(lines: impl Iterator<Item = &'a OdLine>) -> impl Iterator<Item = &'a OdLine> {
    let mut seen = IdSet::default();
    lines.filter(move |line| seen.insert(line.operator))
}

/// The row of a part.
pub(crate) fn row(part: &OperatorPart<'_>, reward_hash: Id, snapshot: Day) -> OperatorOdRewardAmount {
    OperatorOdRewardAmount {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_registered_snapshot_decimal: part.line.tokens_per_registered_snapshot_decimal.clone(),
        avs: part.line.avs,
        operator: part.line.operator,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_submission_date: part.line.submission_date,
        split_pct: split_pct(part.split.bips),
        operator_tokens: part.operator_tokens.clone(),
    }
}
