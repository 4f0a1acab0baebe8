//! Step 1, `gold_1_active_rewards` (spec/03 §1): v1 submissions per strategy and day.

use std::cmp::Ordering;
use std::collections::HashSet;

use pg_numeric::{Numeric, NumericError, float8};

use crate::reward::V1Line;
use crate::rows::step_row;
use crate::{ActiveWindow, Day, Dictionary, Id, Mode, V1Submission, V1Type};

const SECONDS_PER_DAY: i64 = 86_400;

step_row! {
    /// A row of step 1 (spec/03 §1).
    ActiveRewards => ActiveReward {
        avs: Id,
        snapshot: Day,
        token: Id,
        tokens_per_day: f64,
        tokens_per_day_decimal: Numeric,
        multiplier: Numeric,
        strategy: Id,
        reward_hash: Id,
        reward_type: V1Type,
        reward_submission_date: Day,
    }
}

/// The number of days of a submission: `duration idiv 86400`, truncating (Q32).
pub(crate) fn days_of(duration: i64) -> Numeric {
    Numeric::from(duration / SECONDS_PER_DAY)
}

/// The lines of one `reward_hash`: its active rows, de-duplicated (Q9) and ordered as [`crate::Reward`] wants them.
///
/// The float8 amount is `f64(pgdiv(amount, days)) × 0.999999999999999` (Q7), the numeric one its floor. Rows that
/// agree in everything but `strategy_index` are one row.
///
/// # Errors
/// Division by zero for a submission shorter than a day (Q32); it would make the reference's step fail.
pub fn v1_lines(
    rows: &[(V1Submission, ActiveWindow)],
    dictionary: &Dictionary,
    mode: Mode,
) -> Result<Vec<V1Line>, NumericError> {
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for (row, window) in rows {
        let days = days_of(row.duration);
        let raw = row.amount.pgdiv(&days)?;
        let line = V1Line {
            days: window.days,
            avs: row.avs,
            token: row.token,
            tokens_per_day: float8::mul(raw.to_f64(), float8::PER_DAY_FACTOR),
            tokens_per_day_decimal: mode.floor_of_quotient(&row.amount, &days)?,
            multiplier: row.multiplier.clone(),
            strategy: row.strategy,
            reward_type: row.reward_type,
            submission_date: row.submission_date,
        };
        let instants = (row.start_timestamp, window.end);
        let what = (row.avs, row.token, raw, row.multiplier.clone(), row.strategy);
        if seen.insert((what, instants, row.reward_type, row.submission_date)) {
            lines.push(line);
        }
    }
    lines.sort_by(|a, b| first_row_order(dictionary, (a.strategy, &a.multiplier), (b.strategy, &b.multiplier)));
    Ok(lines)
}

/// The order in which "the first row" is the first: strategy text, then multiplier.
pub(crate) fn first_row_order(dictionary: &Dictionary, a: (Id, &Numeric), b: (Id, &Numeric)) -> Ordering {
    dictionary.text(a.0).cmp(dictionary.text(b.0)).then_with(|| a.1.cmp(b.1))
}

/// The lines that are active on a day.
pub(crate) fn on_day(lines: &[V1Line], snapshot: Day) -> Vec<&V1Line> {
    lines.iter().filter(|line| line.days.contains(snapshot)).collect()
}

/// The rows of one day.
pub(crate) fn rows(reward_hash: Id, active: &[&V1Line], snapshot: Day) -> Vec<ActiveReward> {
    active
        .iter()
        .map(|line| ActiveReward {
            avs: line.avs,
            snapshot,
            token: line.token,
            tokens_per_day: line.tokens_per_day,
            tokens_per_day_decimal: line.tokens_per_day_decimal.clone(),
            multiplier: line.multiplier.clone(),
            strategy: line.strategy,
            reward_hash,
            reward_type: line.reward_type,
            reward_submission_date: line.submission_date,
        })
        .collect()
}
