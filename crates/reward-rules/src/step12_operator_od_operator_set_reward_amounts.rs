//! Step 12, `gold_12_operator_od_operator_set_reward_amounts` (spec/03 §12): the operators' parts of
//! operator-directed rewards of operator sets.
//!
//! Step 8 with registrations and splits of the set; the default split counts on all dates. An operator is paid even
//! if none of the reward's strategies is registered (Q19).

use pg_numeric::Numeric;

use crate::amounts::split_pct;
use crate::reward::OdLine;
use crate::rows::step_row;
use crate::step08_operator_od_reward_amounts::{self as step08, OperatorPart};
use crate::{Day, DayState, Id, RuleError, Rules, Step};

step_row! {
    /// A row of step 12 (spec/03 §12).
    OperatorOdOperatorSetRewardAmounts => OperatorOdOperatorSetRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_registered_snapshot_decimal: Numeric,
        avs: Id,
        operator_set_id: Option<i64>,
        operator: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_submission_date: Day,
        split_pct: Numeric,
        operator_tokens: Numeric,
    }
}

/// The parts of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn parts<'a>(
    reward_hash: Id,
    active: &[&'a OdLine],
    state: &DayState,
    rules: &Rules,
) -> Result<Vec<OperatorPart<'a>>, RuleError> {
    step08::parts(reward_hash, active, state, rules, Step::OperatorOdOperatorSetRewardAmounts)
}

/// The row of a part.
pub(crate) fn row(part: &OperatorPart<'_>, reward_hash: Id, snapshot: Day) -> OperatorOdOperatorSetRewardAmount {
    OperatorOdOperatorSetRewardAmount {
        reward_hash,
        snapshot,
        token: part.line.token,
        tokens_per_registered_snapshot_decimal: part.line.tokens_per_registered_snapshot_decimal.clone(),
        avs: part.line.avs,
        operator_set_id: part.line.operator_set_id,
        operator: part.line.operator,
        strategy: part.line.strategy,
        multiplier: part.line.multiplier.clone(),
        reward_submission_date: part.line.submission_date,
        split_pct: split_pct(part.split.bips),
        operator_tokens: part.operator_tokens.clone(),
    }
}
