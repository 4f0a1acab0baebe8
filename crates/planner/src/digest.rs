//! A plan as text, down to the last amount, for comparing plans.

use std::fmt::Write;

use chrono::NaiveDateTime;
use pg_numeric::Numeric;
use reward_rules::{ActiveWindow, Day, Dictionary, Id};

use crate::{Plan, PlannedReward};

/// What a row of any kind has; `what` is what only its kind has.
struct Row<'a> {
    what: [String; 3],
    ids: [Id; 3],
    numbers: [&'a Numeric; 2],
    times: [NaiveDateTime; 2],
    duration: i64,
    submission_date: Day,
    window: &'a ActiveWindow,
}

impl Plan {
    /// Everything a run depends on besides state, a line per row. Equal plans give equal texts, whatever else had been read
    /// into their dictionaries.
    #[must_use]
    pub fn canonical_text(&self, dictionary: &Dictionary) -> String {
        let mut text = format!("{} {} {:?}\n", self.chain, self.cutoff, self.gates);
        for reward in &self.rewards {
            for row in rows(reward, dictionary) {
                let ids = row.ids.map(|id| dictionary.text(id)).join(" ");
                let days = row.window.days;
                // Writing to a String does not fail.
                let _ = writeln!(
                    text,
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
            }
        }
        text
    }
}

fn rows<'a>(reward: &'a PlannedReward, dictionary: &'a Dictionary) -> impl Iterator<Item = Row<'a>> {
    let v1 = reward.v1.iter().map(|(row, window)| Row {
        what: [row.reward_type.to_string(), String::new(), String::new()],
        ids: [row.avs, row.token, row.strategy],
        numbers: [&row.amount, &row.multiplier],
        times: [row.start_timestamp, row.end_timestamp],
        duration: row.duration,
        submission_date: row.submission_date,
        window,
    });
    let od = reward.od.iter().chain(&reward.od_set).map(|(row, window)| Row {
        what: ["od".to_owned(), format!("{:?}", row.operator_set_id), dictionary.text(row.operator).to_owned()],
        ids: [row.avs, row.token, row.strategy],
        numbers: [&row.amount, &row.multiplier],
        times: [row.start_timestamp, row.end_timestamp],
        duration: row.duration,
        submission_date: row.submission_date,
        window,
    });
    let stake = reward.stake.iter().map(|(row, window)| Row {
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
