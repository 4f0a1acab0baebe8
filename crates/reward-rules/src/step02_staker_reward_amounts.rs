//! Step 2, `gold_2_staker_reward_amounts` (spec/03 §2): what `avs` rewards give to stakers and their operators.
//!
//! 1. A line reaches the operators registered with its AVS that restake its strategy (Q20).
//! 2. Their stakers are weighted by Σ multiplier × shares; the total is over all operators.
//! 3. The payout T of a staker depends on the fork: float8 with 15 digits before Amazon, float8 by its shortest
//!    text before Nile, exact after (Q7, Q18).
//! 4. The operator's part: 10 % rounded before Nile (Q8), 10 % floored before Arno, splits after.

use std::sync::LazyLock;

use pg_numeric::{Numeric, NumericError, float8};

use crate::amounts::Proportion;
use crate::error::At;
use crate::reward::V1Line;
use crate::rows::step_row;
use crate::stakers::{Offer, Offers, Weighted, total, weigh};
use crate::{Day, DayState, Fork, Id, Mode, RuleError, Rules, Split, Step, V1Type};

/// Payouts are cast to numeric(38,0).
pub(crate) const PAYOUT_DIGITS: u32 = 38;

/// `0.10`, the operators' part before splits existed.
static TEN_PERCENT: LazyLock<Numeric> = LazyLock::new(|| Numeric::from_parts(10, 2));

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

/// How a payout is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutRule {
    /// In float8, cast with 15 digits: `avs` before Amazon.
    Float15,
    /// In float8, cast through its shortest text: `avs` before Nile, `all_stakers` always.
    FloatText,
    /// Exact, floored.
    Exact,
}

/// The rule for what a staker and its operator get together.
pub(crate) fn payout_rule(line: &V1Line, snapshot: Day, rules: &Rules) -> PayoutRule {
    if !rules.floats() {
        PayoutRule::Exact
    } else if rules.pre(Fork::Amazon, snapshot, line.submission_date) {
        PayoutRule::Float15
    } else if rules.pre(Fork::Nile, snapshot, line.submission_date) {
        PayoutRule::FloatText
    } else {
        PayoutRule::Exact
    }
}

fn payout(line: &V1Line, snapshot: Day, proportion: &Proportion, rules: &Rules) -> Result<Numeric, NumericError> {
    let float_payout = || float8::mul(proportion.numeric().to_f64(), line.tokens_per_day);
    match payout_rule(line, snapshot, rules) {
        PayoutRule::Float15 => float8::to_numeric_15(float_payout())?.cast_integer(PAYOUT_DIGITS),
        PayoutRule::FloatText => payout_by_text(float_payout()),
        PayoutRule::Exact => Ok(proportion.floor_of(&line.tokens_per_day_decimal)),
    }
}

/// How the operator's part of a staker's payout is computed (also of step 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorRule {
    /// 10 %, rounded half up: `avs` before Nile (Q8).
    TenPercentRounded,
    /// 10 %, floored: before Arno.
    TenPercentFloored,
    /// By the operator's split.
    Split(Split),
}

impl OperatorRule {
    /// The operator's part of a payout.
    pub(crate) fn part(self, payout: &Numeric, mode: Mode) -> Result<Numeric, NumericError> {
        match self {
            Self::TenPercentRounded => Ok((payout * &*TEN_PERCENT).round_half_away()),
            Self::TenPercentFloored => Ok((payout * &*TEN_PERCENT).floor()),
            Self::Split(split) => mode.cut(payout, split),
        }
    }
}

/// The rule for the operator's part.
pub(crate) fn operator_rule(line: &V1Line, operator: Id, state: &DayState, rules: &Rules) -> OperatorRule {
    let pre = |fork| rules.pre(fork, state.day, line.submission_date);
    if pre(Fork::Amazon) || pre(Fork::Nile) {
        OperatorRule::TenPercentRounded
    } else if pre(Fork::Arno) {
        OperatorRule::TenPercentFloored
    } else {
        OperatorRule::Split(rules.split(state.avs_split(operator, line.avs, !pre(Fork::Trinity))))
    }
}

/// What a staker and its operator get together, with the first row of its group (also of step 5).
pub(crate) struct StakerPart<'a, 'w> {
    pub(crate) line: &'a V1Line,
    pub(crate) weighted: &'w Weighted<'w>,
    pub(crate) total_weight: &'w Numeric,
    pub(crate) proportion: Proportion,
    pub(crate) payout: Numeric,
    pub(crate) operator_tokens: Numeric,
    pub(crate) staker_tokens: Numeric,
}

/// Whether a line reaches an operator that is registered with its AVS: the operator restakes its strategy (Q20).
pub(crate) fn reaches(line: &V1Line, operator: Id, state: &DayState) -> bool {
    state.restaked.contains(&(operator, line.avs, line.strategy))
}

/// What the lines offer to the operators that they reach.
pub(crate) fn offers<'a>(active: &[&'a V1Line], state: &DayState) -> Offers<'a> {
    let lines = || active.iter().enumerate().filter(|(_, line)| line.reward_type == V1Type::Avs);
    let mut avss: Vec<Id> = lines().map(|(_, line)| line.avs).collect();
    avss.sort_unstable();
    avss.dedup();
    let offers = avss.iter().flat_map(|&avs| {
        state.avs_operators.get(avs).iter().flat_map(move |&operator| {
            lines()
                .filter(move |(_, line)| line.avs == avs)
                .filter(move |(_, line)| reaches(line, operator, state))
                .map(move |(at, line)| {
                    (operator, Offer { line: at, strategy: line.strategy, multiplier: &line.multiplier })
                })
        })
    });
    Offers::to_each(offers)
}

/// The parts of one (reward, day).
///
/// # Errors
/// A payout that does not fit numeric(38,0).
pub(crate) fn parts<'a>(
    reward_hash: Id,
    active: &[&'a V1Line],
    state: &DayState,
    rules: &Rules,
    mut each: impl FnMut(&StakerPart<'a, '_>),
) -> Result<(), RuleError> {
    let weighted = weigh(state, &offers(active, state), |_| false);
    let proportions = rules.proportions(total(&weighted));
    let at = At { step: Step::StakerRewardAmounts, snapshot: state.day, reward_hash };
    for row in &weighted {
        let line = active[row.line];
        let part = || {
            let proportion = proportions.proportion(&row.weight)?;
            let payout = payout(line, state.day, &proportion, rules)?;
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
pub(crate) fn row(part: &StakerPart<'_, '_>, reward_hash: Id, snapshot: Day) -> StakerRewardAmount {
    StakerRewardAmount {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_day: part.line.tokens_per_day,
        tokens_per_day_decimal: part.line.tokens_per_day_decimal.clone(),
        avs: part.line.avs,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_type: part.line.reward_type,
        reward_submission_date: part.line.submission_date,
        operator: part.weighted.operator,
        staker: part.weighted.staker,
        shares: part.weighted.shares.clone(),
        staker_weight: part.weighted.weight.clone(),
        total_weight: part.total_weight.clone(),
        staker_proportion: part.proportion.numeric(),
        total_staker_operator_payout: part.payout.clone(),
        operator_tokens: part.operator_tokens.clone(),
        staker_tokens: part.staker_tokens.clone(),
    }
}
