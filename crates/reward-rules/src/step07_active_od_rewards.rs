//! Step 7, `gold_7_active_od_rewards` (spec/03 §7): operator-directed submissions per operator, strategy and day.

use std::collections::{HashMap, HashSet};

use pg_numeric::{Numeric, NumericError};

use crate::reward::OdLine;
use crate::rows::step_row;
use crate::step01_active_rewards::{days_of, first_row_order};
use crate::{ActiveWindow, Day, Dictionary, Id, Mode, OdSubmission};

step_row! {
    /// A row of step 7 (spec/03 §7).
    ActiveOdRewards => ActiveOdReward {
        avs: Id,
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

/// Who was registered when, over the whole window of a run.
pub trait Registered {
    /// Whether the operator was registered with the AVS, or with its operator set if one is named, on a snapshot.
    fn is_registered(&self, avs: Id, operator_set_id: Option<i64>, operator: Id, snapshot: Day) -> bool;
}

/// The lines of one `reward_hash`, for steps 7 and 11: its active rows, de-duplicated and ordered as
/// [`crate::Reward`] wants them.
///
/// 1. `n` counts, per operator, the snapshots of its active rows on which it is registered; only days of the
///    current window count (Q3).
/// 2. Each registered snapshot pays `floor(pgdiv(floor(amount), n))`; if there is none, each day refunds
///    `floor(pgdiv(floor(amount), days))`.
///
/// # Errors
/// Division by zero for a submission shorter than a day of an operator that is never registered.
pub fn od_lines(
    rows: &[(OdSubmission, ActiveWindow)],
    registered: &dyn Registered,
    dictionary: &Dictionary,
    mode: Mode,
) -> Result<Vec<OdLine>, NumericError> {
    let mut registered_snapshots: HashMap<Id, HashSet<(Id, Option<i64>, Day)>> = HashMap::new();
    let mut counted = HashSet::new();
    for (row, window) in rows {
        if counted.insert((row.operator, row.avs, row.operator_set_id, window.days)) {
            let snapshots = registered_snapshots.entry(row.operator).or_default();
            snapshots.extend(
                window
                    .days
                    .iter()
                    .filter(|&day| registered.is_registered(row.avs, row.operator_set_id, row.operator, day))
                    .map(|day| (row.avs, row.operator_set_id, day)),
            );
        }
    }

    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for (row, window) in rows {
        let what = (row.avs, row.operator_set_id, row.operator, row.token, row.amount.clone());
        let weight = (row.strategy, row.multiplier.clone());
        let instants = (row.start_timestamp, window.end, row.duration, row.submission_date);
        if !seen.insert((what, weight, instants)) {
            continue;
        }
        let n = i64::try_from(registered_snapshots[&row.operator].len()).unwrap_or(i64::MAX);
        let amount_decimal = row.amount.floor();
        let divisor = if n == 0 { days_of(row.duration) } else { Numeric::from(n) };
        lines.push(OdLine {
            days: window.days,
            avs: row.avs,
            operator_set_id: row.operator_set_id,
            operator: row.operator,
            token: row.token,
            tokens_per_registered_snapshot_decimal: mode.floor_of_quotient(&amount_decimal, &divisor)?,
            amount_decimal,
            multiplier: row.multiplier.clone(),
            strategy: row.strategy,
            duration: row.duration,
            submission_date: row.submission_date,
            num_registered_snapshots: n,
        });
    }
    lines.sort_by(|a, b| {
        first_row_order(dictionary, (a.strategy, &a.multiplier), (b.strategy, &b.multiplier))
            .then_with(|| dictionary.text(a.operator).cmp(dictionary.text(b.operator)))
    });
    Ok(lines)
}

/// The lines that are active on a day.
pub(crate) fn on_day(lines: &[OdLine], snapshot: Day) -> Vec<&OdLine> {
    lines.iter().filter(|line| line.days.contains(snapshot)).collect()
}

/// The rows of one day.
pub(crate) fn rows(reward_hash: Id, active: &[&OdLine], snapshot: Day) -> Vec<ActiveOdReward> {
    active
        .iter()
        .map(|line| ActiveOdReward {
            avs: line.avs,
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
