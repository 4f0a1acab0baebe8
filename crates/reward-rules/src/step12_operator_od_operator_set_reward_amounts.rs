//! Step 12, `gold_12_operator_od_operator_set_reward_amounts` (spec/03 §12): the operators' parts of
//! operator-directed rewards of operator sets.
//!
//! Step 8 with registrations and splits of the set; the default split counts on all dates. An operator is paid even
//! if none of the reward's strategies is registered (Q19).

use pg_numeric::Numeric;

use crate::reward::OdLine;
use crate::rows::step_row;
use crate::step08_operator_od_reward_amounts::{OperatorPart, operator_parts};
use crate::{Day, DayState, ForkDates, Id, RuleError, Step};

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

/// The rows of one (reward, day).
///
/// # Errors
/// Arithmetic that PostgreSQL would refuse.
pub(crate) fn rows(
    reward_hash: Id,
    active: &[&OdLine],
    state: &DayState,
    forks: &ForkDates,
) -> Result<Vec<OperatorOdOperatorSetRewardAmount>, RuleError> {
    let parts = operator_parts(reward_hash, active, state, forks, Step::OperatorOdOperatorSetRewardAmounts)?;
    Ok(parts
        .into_iter()
        .map(|OperatorPart { line, split_pct, operator_tokens }| OperatorOdOperatorSetRewardAmount {
            reward_hash,
            snapshot: state.day,
            token: line.token,
            tokens_per_registered_snapshot_decimal: line.tokens_per_registered_snapshot_decimal.clone(),
            avs: line.avs,
            operator_set_id: line.operator_set_id,
            operator: line.operator,
            strategy: line.strategy,
            multiplier: line.multiplier.clone(),
            reward_submission_date: line.submission_date,
            split_pct,
            operator_tokens,
        })
        .collect())
}
