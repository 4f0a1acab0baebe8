//! Step 4, `gold_4_rewards_for_all` (spec/03 §4): `all_stakers` rewards, straight to whoever holds shares.
//!
//! No delegation, no operator, and float8 for all dates: this step never switched to exact amounts (Q7). Strict
//! mode has exact ones.

use pg_numeric::{Numeric, float8};

use crate::amounts::Proportion;
use crate::error::At;
use crate::reward::V1Line;
use crate::rows::step_row;
use crate::stakers::{Offer, Offers, Weighted, total, weigh_all};
use crate::step02_staker_reward_amounts::payout_by_text;
use crate::{Day, DayState, Id, RuleError, Rules, Step, V1Type};

step_row! {
    /// A row of step 4 (spec/03 §4).
    RewardsForAll => RewardForAll {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_day: f64,
        avs: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_type: V1Type,
        staker: Id,
        shares: Numeric,
        staker_weight: Numeric,
        total_staker_weight: Numeric,
        staker_proportion: Numeric,
        staker_tokens: Numeric,
    }
}

/// What a holder gets, with the first row of its group.
pub(crate) struct HolderPart<'a> {
    pub(crate) line: &'a V1Line,
    pub(crate) weighted: &'a Weighted<'a>,
    pub(crate) total_weight: &'a Numeric,
    pub(crate) proportion: Proportion,
    pub(crate) tokens: Numeric,
}

/// What the lines of the type offer to everybody, if there is any line.
pub(crate) fn offers<'a>(active: &[&'a V1Line]) -> Option<Offers<'a>> {
    let mut lines = active.iter().enumerate().filter(|(_, line)| line.reward_type == V1Type::AllStakers).peekable();
    lines.peek()?;
    let offers = lines.map(|(at, line)| Offer { line: at, strategy: line.strategy, multiplier: &line.multiplier });
    Some(Offers::to_all(&[], offers))
}

/// The parts of one (reward, day).
///
/// # Errors
/// A payout that does not fit numeric(38,0).
pub(crate) fn parts(
    reward_hash: Id,
    active: &[&V1Line],
    state: &DayState,
    rules: &Rules,
    mut each: impl FnMut(&HolderPart<'_>),
) -> Result<(), RuleError> {
    let Some(offers) = offers(active) else { return Ok(()) };
    let weighted = weigh_all(state, &offers);
    let proportions = rules.proportions(total(&weighted));
    let at = At { step: Step::RewardsForAll, snapshot: state.day, reward_hash };
    for row in &weighted {
        let line = active[row.line];
        let part = || {
            let proportion = proportions.proportion(&row.weight)?;
            let tokens = if rules.floats() {
                payout_by_text(float8::mul(line.tokens_per_day, proportion.numeric().to_f64()))?
            } else {
                proportion.floor_of(&line.tokens_per_day_decimal)
            };
            Ok(HolderPart { line, weighted: row, total_weight: proportions.total(), proportion, tokens })
        };
        each(&part().map_err(at.error(Some(row.staker)))?);
    }
    Ok(())
}

/// The row of a part.
pub(crate) fn row(part: &HolderPart<'_>, reward_hash: Id, snapshot: Day) -> RewardForAll {
    RewardForAll {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_day: part.line.tokens_per_day,
        avs: part.line.avs,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_type: part.line.reward_type,
        staker: part.weighted.staker,
        shares: part.weighted.shares.clone(),
        staker_weight: part.weighted.weight.clone(),
        total_staker_weight: part.total_weight.clone(),
        staker_proportion: part.proportion.numeric(),
        staker_tokens: part.tokens.clone(),
    }
}
