//! Step 9, `gold_9_staker_od_reward_amounts` (spec/03 §9): the stakers' parts of operator-directed rewards.
//!
//! Each operator's amount, less its own part, goes to its own stakers: totals are per operator. Days without
//! stakers lose the stakers' part; nothing is refunded (Q19).

use pg_numeric::Numeric;

use crate::amounts::{Proportion, Proportions};
use crate::error::At;
use crate::reward::OdLine;
use crate::rows::step_row;
use crate::stakers::{Offer, Offers, Weighted, total, weigh};
use crate::step08_operator_od_reward_amounts::{is_registered, split};
use crate::{Day, DayState, Id, IdMap, RuleError, Rules, Step};

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
    pub(crate) weighted: &'a Weighted<'a>,
    pub(crate) staker_split: &'a Numeric,
    pub(crate) total_weight: &'a Numeric,
    pub(crate) proportion: Proportion,
    pub(crate) staker_tokens: Numeric,
}

/// What the lines that `counts` lets through offer to their operators, if these are registered.
pub(crate) fn offers<'a>(active: &[&'a OdLine], state: &DayState, counts: impl Fn(&OdLine) -> bool) -> Offers<'a> {
    let counting = active.iter().enumerate().filter(|(_, line)| is_registered(line, state) && counts(line));
    Offers::to_each(
        counting.map(|(at, line)| {
            (line.operator, Offer { line: at, strategy: line.strategy, multiplier: &line.multiplier })
        }),
    )
}

/// The parts of the stakers of registered operators, over the lines that `counts` lets through.
pub(crate) fn parts(
    reward_hash: Id,
    active: &[&OdLine],
    state: &DayState,
    rules: &Rules,
    step: Step,
    counts: impl Fn(&OdLine) -> bool,
    mut each: impl FnMut(&StakerPart<'_>),
) -> Result<(), RuleError> {
    let weighted = weigh(state, &offers(active, state, counts), |_| false);

    let mut totals: IdMap<Id, Numeric> = IdMap::default();
    for of_operator in weighted.chunk_by(|one, next| one.operator == next.operator) {
        *totals.entry(of_operator[0].operator).or_default() += &total(of_operator);
    }
    let proportions: IdMap<Id, Proportions> =
        totals.into_iter().map(|(operator, total)| (operator, rules.proportions(total))).collect();
    let at = At { step, snapshot: state.day, reward_hash };
    let mut staker_splits: Vec<Option<Numeric>> = vec![None; active.len()];
    for of_operator in weighted.chunk_by(|one, next| one.operator == next.operator) {
        let proportions = &proportions[&of_operator[0].operator];
        for row in of_operator {
            let line = active[row.line];
            let staker_split = match &mut staker_splits[row.line] {
                Some(known) => known,
                unknown => {
                    let staker_split =
                        rules.mode.rest(&line.tokens_per_registered_snapshot_decimal, split(line, state, rules));
                    unknown.insert(staker_split.map_err(at.error(Some(row.staker)))?)
                }
            };
            let proportion = proportions.proportion(&row.weight).map_err(at.error(Some(row.staker)))?;
            let staker_tokens = proportion.floor_of(staker_split);
            let total_weight = proportions.total();
            each(&StakerPart { line, weighted: row, staker_split, total_weight, proportion, staker_tokens });
        }
    }
    Ok(())
}

/// The row of a part.
pub(crate) fn row(part: &StakerPart<'_>, reward_hash: Id, snapshot: Day) -> StakerOdRewardAmount {
    StakerOdRewardAmount {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_registered_snapshot_decimal: part.line.tokens_per_registered_snapshot_decimal.clone(),
        avs: part.line.avs,
        operator: part.weighted.operator,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_submission_date: part.line.submission_date,
        staker_split: part.staker_split.clone(),
        staker: part.weighted.staker,
        shares: part.weighted.shares.clone(),
        staker_weight: part.weighted.weight.clone(),
        total_weight: part.total_weight.clone(),
        staker_proportion: part.proportion.numeric(),
        staker_tokens: part.staker_tokens.clone(),
    }
}
