//! A plan as text, down to the last amount, for comparing plans.

use std::fmt::Write;

use chrono::NaiveDateTime;
use pg_numeric::Numeric;
use reward_rules::{ActiveWindow, Day, Dictionary, Id, StakeType};

use crate::{Plan, PlannedReward};

/// What a row of any kind has; `what` is what only its kind has.
struct Row<'a> {
    /// The table of the source that it is from.
    table: &'static str,
    what: [String; 3],
    ids: [Id; 3],
    numbers: [&'a Numeric; 2],
    times: [NaiveDateTime; 2],
    duration: i64,
    submission_date: Day,
    window: &'a ActiveWindow,
}

/// The tables of the source that submissions are in.
pub const SUBMISSION_TABLES: [&str; 5] = [
    "reward_submissions",
    "operator_directed_reward_submissions",
    "operator_directed_operator_set_reward_submissions",
    "unique_stake_reward_submissions",
    "total_stake_reward_submissions",
];

impl Plan {
    /// Everything a run depends on besides state, a line per row with the table of it, after one with the chain, D and gates. Equal
    /// plans give equal lines, whatever else had been read into their dictionaries.
    pub fn canonical_lines(&self, dictionary: &Dictionary, mut each: impl FnMut(Option<&'static str>, &str)) {
        each(None, &format!("{} {} {:?}\n", self.chain, self.cutoff, self.gates));
        let mut line = String::new();
        for reward in &self.rewards {
            for row in rows(reward, dictionary) {
                let ids = row.ids.map(|id| dictionary.text(id)).join(" ");
                let days = row.window.days;
                line.clear();
                // Writing to a String does not fail.
                let _ = writeln!(
                    line,
                    "{} {} {ids} {} {} {} {} {} {} {} {} {} {}",
                    dictionary.text(reward.reward_hash),
                    row.what.join(" "),
                    row.numbers[0],
                    row.numbers[1],
                    row.times[0],
                    row.times[1],
                    row.duration,
                    row.submission_date,
                    row.window.start,
                    row.window.end,
                    days.first,
                    days.last,
                );
                each(Some(row.table), &line);
            }
        }
    }
}

fn rows<'a>(reward: &'a PlannedReward, dictionary: &'a Dictionary) -> impl Iterator<Item = Row<'a>> {
    let [v1_table, od_table, od_set_table, unique_table, total_table] = SUBMISSION_TABLES;
    let v1 = reward.v1.iter().map(move |(row, window)| Row {
        table: v1_table,
        what: [row.reward_type.to_string(), String::new(), String::new()],
        ids: [row.avs, row.token, row.strategy],
        numbers: [&row.amount, &row.multiplier],
        times: [row.start_timestamp, row.end_timestamp],
        duration: row.duration,
        submission_date: row.submission_date,
        window,
    });
    let od_rows = reward.od.iter().map(move |row| (od_table, row));
    let od_rows = od_rows.chain(reward.od_set.iter().map(move |row| (od_set_table, row)));
    let od = od_rows.map(|(table, (row, window))| Row {
        table,
        what: ["od".to_owned(), format!("{:?}", row.operator_set_id), dictionary.text(row.operator).to_owned()],
        ids: [row.avs, row.token, row.strategy],
        numbers: [&row.amount, &row.multiplier],
        times: [row.start_timestamp, row.end_timestamp],
        duration: row.duration,
        submission_date: row.submission_date,
        window,
    });
    let stake = reward.stake.iter().map(move |(row, window)| Row {
        table: match row.reward_type {
            StakeType::UniqueStake => unique_table,
            StakeType::TotalStake => total_table,
        },
        what: [row.reward_type.to_string(), row.set.number.to_string(), row.strategy_index.to_string()],
        ids: [row.set.avs, row.token, row.strategy],
        numbers: [&row.amount, &row.multiplier],
        times: [row.start_timestamp, row.end_timestamp],
        duration: row.duration,
        submission_date: row.submission_date,
        window,
    });
    v1.chain(od).chain(stake)
}
