//! Step 15, `gold_15_active_unique_and_total_stake_rewards` (spec/03 §15): v2.2 submissions per strategy and day.

use std::collections::HashSet;

use chrono::{NaiveDateTime, NaiveTime};
use pg_numeric::{Numeric, NumericError};

use crate::reward::StakeLine;
use crate::rows::step_row;
use crate::step01_active_rewards::{days_of, first_row_order};
use crate::{ActiveWindow, Day, Dictionary, Id, Mode, StakeSubmission, StakeType};

/// Amounts are cast to numeric(78,0).
const AMOUNT_DIGITS: u32 = 78;

step_row! {
    /// A row of step 15 (spec/03 §15).
    ActiveUniqueAndTotalStakeRewards => ActiveStakeReward {
        avs: Id,
        operator_set_id: i64,
        reward_hash: Id,
        token: Id,
        amount: Numeric,
        strategy: Id,
        strategy_index: i32,
        multiplier: Numeric,
        reward_type: StakeType,
        reward_start_exclusive: NaiveDateTime,
        reward_end_inclusive: NaiveDateTime,
        duration: i64,
        global_end_inclusive: NaiveDateTime,
        reward_submission_date: Day,
        snapshot: Day,
        tokens_per_day_decimal: Numeric,
    }
}

/// The lines of one `reward_hash`: its active rows, de-duplicated (with `strategy_index`, so a strategy listed twice
/// counts twice here; Q9) and ordered as [`crate::Reward`] wants them.
///
/// # Errors
/// Division by zero for a submission shorter than a day; an amount of more than 78 digits.
pub fn stake_lines(
    rows: &[(StakeSubmission, ActiveWindow)],
    cutoff: Day,
    dictionary: &Dictionary,
    mode: Mode,
) -> Result<Vec<StakeLine>, NumericError> {
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for (row, window) in rows {
        let what = (row.set, row.token, row.amount.clone(), row.reward_type);
        let weight = (row.strategy, row.strategy_index, row.multiplier.clone());
        let instants = (row.start_timestamp, window.end, row.duration, row.submission_date);
        if !seen.insert((what, weight, instants)) {
            continue;
        }
        let tokens_per_day_decimal =
            mode.floor_of_quotient(&row.amount.cast_integer(AMOUNT_DIGITS)?, &days_of(row.duration))?;
        lines.push(StakeLine {
            days: window.days,
            set: row.set,
            token: row.token,
            amount: row.amount.clone(),
            strategy: row.strategy,
            strategy_index: row.strategy_index,
            multiplier: row.multiplier.clone(),
            reward_type: row.reward_type,
            window_start: window.start,
            window_end: window.end,
            duration: row.duration,
            global_end: cutoff.previous().date().and_time(NaiveTime::MIN),
            submission_date: row.submission_date,
            tokens_per_day_decimal,
        });
    }
    lines.sort_by(|a, b| {
        first_row_order(dictionary, (a.strategy, &a.multiplier), (b.strategy, &b.multiplier))
            .then(a.strategy_index.cmp(&b.strategy_index))
    });
    Ok(lines)
}

/// The lines that are active on a day.
pub(crate) fn on_day(lines: &[StakeLine], snapshot: Day) -> Vec<&StakeLine> {
    lines.iter().filter(|line| line.days.contains(snapshot)).collect()
}

/// The rows of one day.
pub(crate) fn rows(reward_hash: Id, active: &[&StakeLine], snapshot: Day) -> Vec<ActiveStakeReward> {
    active
        .iter()
        .map(|line| ActiveStakeReward {
            avs: line.set.avs,
            operator_set_id: line.set.number,
            reward_hash,
            token: line.token,
            amount: line.amount.clone(),
            strategy: line.strategy,
            strategy_index: line.strategy_index,
            multiplier: line.multiplier.clone(),
            reward_type: line.reward_type,
            reward_start_exclusive: line.window_start,
            reward_end_inclusive: line.window_end,
            duration: line.duration,
            global_end_inclusive: line.global_end,
            reward_submission_date: line.submission_date,
            snapshot,
            tokens_per_day_decimal: line.tokens_per_day_decimal.clone(),
        })
        .collect()
}
