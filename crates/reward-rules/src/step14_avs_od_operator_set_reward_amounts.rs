//! Step 14, `gold_14_avs_od_operator_set_reward_amounts` (spec/03 §14): refunds of operator-directed rewards of
//! operator sets to the AVS.
//!
//! * **A**: operators registered on no day of the window, as step 10.
//! * **B**, from Colorado: the stakers' part of registered operators on days on which **none** of the reward's
//!   strategies is registered with the set (Q19).

use pg_numeric::Numeric;

use crate::error::At;
use crate::reward::OdLine;
use crate::rows::step_row;
use crate::step08_operator_od_reward_amounts::{first_per_operator, is_registered, split};
use crate::step10_avs_od_reward_amounts::unregistered;
use crate::step13_staker_od_operator_set_reward_amounts::strategy_registered;
use crate::{Day, DayState, Fork, Id, IdSet, RuleError, Rules, Step};

step_row! {
    /// A row of step 14 (spec/03 §14).
    AvsOdOperatorSetRewardAmounts => AvsOdOperatorSetRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        avs: Id,
        operator_set_id: Option<i64>,
        operator: Id,
        avs_tokens: Numeric,
    }
}

/// Part B: one line per operator whose stakers cannot be paid, and the sum of their parts.
pub(crate) fn unpayable_stakers<'a>(
    reward_hash: Id,
    active: &[&'a OdLine],
    state: &DayState,
    rules: &Rules,
) -> Result<(Vec<&'a OdLine>, Numeric), RuleError> {
    let candidates: Vec<&OdLine> = active
        .iter()
        .copied()
        .filter(|line| line.num_registered_snapshots != 0)
        .filter(|line| line.submission_date >= rules.date(Fork::Colorado))
        .filter(|line| is_registered(line, state))
        .collect();
    let payable: IdSet<(Id, Option<i64>)> = candidates
        .iter()
        .filter(|line| strategy_registered(line, state))
        .map(|line| (line.avs, line.operator_set_id))
        .collect();
    let lines: Vec<&OdLine> =
        first_per_operator(candidates.into_iter().filter(|line| !payable.contains(&(line.avs, line.operator_set_id))))
            .collect();
    let at = At { step: Step::AvsOdOperatorSetRewardAmounts, snapshot: state.day, reward_hash };
    let mut sum = Numeric::ZERO;
    for line in &lines {
        sum += &(rules.mode)
            .rest(&line.tokens_per_registered_snapshot_decimal, split(line, state, rules))
            .map_err(at.error(Some(line.operator)))?;
    }
    Ok((lines, sum))
}

/// The rows of one (reward, day): part A, then part B.
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn rows(
    reward_hash: Id,
    active: &[&OdLine],
    state: &DayState,
    rules: &Rules,
) -> Result<Vec<AvsOdOperatorSetRewardAmount>, RuleError> {
    let parts = [unregistered(active), unpayable_stakers(reward_hash, active, state, rules)?];
    Ok(parts
        .into_iter()
        .flat_map(|(lines, avs_tokens)| {
            lines.into_iter().map(move |line| AvsOdOperatorSetRewardAmount {
                reward_hash,
                snapshot: state.day,
                token: line.token,
                avs: line.avs,
                operator_set_id: line.operator_set_id,
                operator: line.operator,
                avs_tokens: avs_tokens.clone(),
            })
        })
        .collect())
}
