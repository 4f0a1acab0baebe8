//! Step 11, `gold_11_active_od_operator_set_rewards` (spec/03 §11): operator-directed submissions of operator sets.
//!
//! Step 7 with the operator set as one more column, counting registrations with the set; the lines come from
//! [`crate::od_lines`].

use pg_numeric::{Numeric, NumericError};

use crate::reward::OdLine;
use crate::rows::step_row;
use crate::{ActiveWindow, Day, Dictionary, Id, Mode, OdSubmission, Registered, od_lines};

step_row! {
    /// A row of step 11 (spec/03 §11).
    ActiveOdOperatorSetRewards => ActiveOdOperatorSetReward {
        avs: Id,
        operator_set_id: Option<i64>,
        operator: Id,
        snapshot: Day,
        token: Id,
        amount_decimal: Numeric,
        multiplier: Numeric,
        strategy: Id,
        duration: i64,
        reward_hash: Id,
        reward_submission_date: Day,
        num_registered_snapshots: i64,
        tokens_per_registered_snapshot_decimal: Numeric,
    }
}

/// The lines of one `reward_hash`; as [`od_lines`], for rows that name an operator set.
///
/// # Errors
/// As [`od_lines`].
pub fn od_set_lines(
    rows: &[(OdSubmission, ActiveWindow)],
    registered: &dyn Registered,
    dictionary: &Dictionary,
    mode: Mode,
) -> Result<Vec<OdLine>, NumericError> {
    debug_assert!(rows.iter().all(|(row, _)| row.operator_set_id.is_some()));
    od_lines(rows, registered, dictionary, mode)
}

/// The rows of one day.
pub(crate) fn rows(reward_hash: Id, active: &[&OdLine], snapshot: Day) -> Vec<ActiveOdOperatorSetReward> {
    active
        .iter()
        .map(|line| ActiveOdOperatorSetReward {
            avs: line.avs,
            operator_set_id: line.operator_set_id,
            operator: line.operator,
            snapshot,
            token: line.token,
            amount_decimal: line.amount_decimal.clone(),
            multiplier: line.multiplier.clone(),
            strategy: line.strategy,
            duration: line.duration,
            reward_hash,
            reward_submission_date: line.submission_date,
            num_registered_snapshots: line.num_registered_snapshots,
            tokens_per_registered_snapshot_decimal: line.tokens_per_registered_snapshot_decimal.clone(),
        })
        .collect()
}
