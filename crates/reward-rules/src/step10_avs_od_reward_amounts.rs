//! Step 10, `gold_10_avs_od_reward_amounts` (spec/03 §10): refunds of operator-directed rewards to the AVS.
//!
//! An operator that is registered on no day of the window gets nothing, and each day's amount goes back. Because
//! later runs see only their own window, days already settled can be refunded on top (Q2).

use pg_numeric::Numeric;

use crate::reward::OdLine;
use crate::rows::step_row;
use crate::step08_operator_od_reward_amounts::first_per_operator;
use crate::{Day, Id};

step_row! {
    /// A row of step 10 (spec/03 §10).
    AvsOdRewardAmounts => AvsOdRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        avs: Id,
        operator: Id,
        avs_tokens: Numeric,
    }
}

/// The lines to refund, one per operator that is never registered, and the sum of their amounts, which every one
/// of the rows repeats (Q10).
pub(crate) fn unregistered<'a>(active: &[&'a OdLine]) -> (Vec<&'a OdLine>, Numeric) {
    let lines: Vec<&OdLine> =
        first_per_operator(active.iter().copied().filter(|line| line.num_registered_snapshots == 0)).collect();
    let sum = lines.iter().map(|line| &line.tokens_per_registered_snapshot_decimal).sum();
    (lines, sum)
}

/// The rows of one (reward, day).
pub(crate) fn rows(reward_hash: Id, active: &[&OdLine], snapshot: Day) -> Vec<AvsOdRewardAmount> {
    let (lines, avs_tokens) = unregistered(active);
    lines
        .into_iter()
        .map(|line| AvsOdRewardAmount {
            reward_hash,
            snapshot,
            token: line.token,
            avs: line.avs,
            operator: line.operator,
            avs_tokens: avs_tokens.clone(),
        })
        .collect()
}
