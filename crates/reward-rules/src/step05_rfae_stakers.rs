//! Step 5, `gold_5_rfae_stakers` (spec/03 §5): programmatic incentives (`all_earners`), stakers.
//!
//! 1. The operators of the day are those registered with any AVS or, from Mississippi, any operator set (Q29).
//! 2. Before Panama, excluded stakers are left out before anything is summed, so their operator's part goes too (Q28).
//! 3. Exact amounts on all dates; 10 % to the operator before Arno, PI splits after.

use pg_numeric::Numeric;

use crate::error::At;
use crate::reward::V1Line;
use crate::rows::step_row;
use crate::stakers::{Offer, Offers, total, weigh};
use crate::step02_staker_reward_amounts::{OperatorRule, StakerPart};
use crate::{Day, DayState, Fork, Id, RuleError, Rules, Step, V1Type};

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

/// The rule for the operator's part.
pub(crate) fn operator_rule(line: &V1Line, operator: Id, state: &DayState, rules: &Rules) -> OperatorRule {
    let pre = |fork| rules.pre(fork, state.day, line.submission_date);
    if pre(Fork::Arno) {
        OperatorRule::TenPercentFloored
    } else {
        OperatorRule::Split(rules.split(state.pi_split(operator, !pre(Fork::Trinity))))
    }
}

/// Whether an operator counts on a day (Q29).
pub(crate) fn counts(operator: Id, state: &DayState, rules: &Rules) -> bool {
    state.any_avs_operators.contains(&operator)
        || (sets_count(state.day, rules) && state.any_set_operators.contains(&operator))
}

/// Whether being registered with an operator set is enough.
pub(crate) fn sets_count(day: Day, rules: &Rules) -> bool {
    day >= rules.date(Fork::Mississippi)
}

/// Whether a staker is left out (Q28).
pub(crate) fn excludes(staker: Id, state: &DayState, rules: &Rules) -> bool {
    state.day < rules.date(Fork::Panama) && state.excluded.contains(&staker)
}

/// The operators that count on a day, in id order.
fn operators(state: &DayState, rules: &Rules) -> Vec<Id> {
    let mut operators: Vec<Id> = state.any_avs_operators.iter().copied().collect();
    if sets_count(state.day, rules) {
        operators.extend(&state.any_set_operators);
    }
    operators.sort_unstable();
    operators.dedup();
    operators
}

/// What the lines of the type offer to the operators that count, if there is any line.
pub(crate) fn offers<'a>(active: &[&'a V1Line], state: &DayState, rules: &Rules) -> Option<Offers<'a>> {
    let mut lines = active.iter().enumerate().filter(|(_, line)| line.reward_type == V1Type::AllEarners).peekable();
    lines.peek()?;
    let offers = lines.map(|(at, line)| Offer { line: at, strategy: line.strategy, multiplier: &line.multiplier });
    Some(Offers::to_all(&operators(state, rules), offers))
}

/// The parts of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn parts<'a>(
    reward_hash: Id,
    active: &[&'a V1Line],
    state: &DayState,
    rules: &Rules,
    mut each: impl FnMut(&StakerPart<'a, '_>),
) -> Result<(), RuleError> {
    let Some(offers) = offers(active, state, rules) else { return Ok(()) };
    let weighted = weigh(state, &offers, |staker| excludes(staker, state, rules));
    let proportions = rules.proportions(total(&weighted));
    let at = At { step: Step::RfaeStakers, snapshot: state.day, reward_hash };
    for row in &weighted {
        let line = active[row.line];
        let part = || {
            let proportion = proportions.proportion(&row.weight)?;
            let payout = proportion.floor_of(&line.tokens_per_day_decimal);
            let operator_tokens = operator_rule(line, row.operator, state, rules).part(&payout, rules.mode)?;
            let staker_tokens = &payout - &operator_tokens;
            let total_weight = proportions.total();
            Ok(StakerPart { line, weighted: row, total_weight, proportion, payout, operator_tokens, staker_tokens })
        };
        each(&part().map_err(at.error(Some(row.staker)))?);
    }
    Ok(())
}

/// The row of a part.
pub(crate) fn row(part: &StakerPart<'_, '_>, reward_hash: Id, state: &DayState) -> RfaeStaker {
    let staker = part.weighted.staker;
    RfaeStaker {
        reward_hash,
        snapshot: state.day,
        token: part.line.token,
        tokens_per_day_decimal: part.line.tokens_per_day_decimal.clone(),
        avs: part.line.avs,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_type: part.line.reward_type,
        reward_submission_date: part.line.submission_date,
        operator: part.weighted.operator,
        staker,
        shares: part.weighted.shares.clone(),
        excluded_address: state.excluded.contains(&staker).then_some(staker),
        staker_weight: part.weighted.weight.clone(),
        total_weight: part.total_weight.clone(),
        staker_proportion: part.proportion.numeric(),
        total_staker_operator_payout: part.payout.clone(),
        operator_tokens: part.operator_tokens.clone(),
        staker_tokens: part.staker_tokens.clone(),
    }
}
