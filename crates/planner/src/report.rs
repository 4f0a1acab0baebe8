//! A plan for people and programs.

use std::fmt;

use reward_rules::{Dictionary, Mode, V1Type};
use serde::Serialize;

use crate::{Plan, PlannedReward};

/// The window of one submission and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedWindow {
    /// The submission.
    pub reward_hash: String,
    /// `avs`, `all_stakers`, `all_earners`, `operator_directed`, `operator_directed_operator_set`, `unique_stake` or
    /// `total_stake`.
    pub kind: String,
    /// First snapshot to compute, `YYYY-MM-DD`.
    pub first_snapshot: String,
    /// Last snapshot to compute, included.
    pub last_snapshot: String,
    /// How many snapshots: units of work.
    pub days: u32,
    /// Rows of the submission (strategies × operators) that are active.
    pub rows: usize,
    /// Why the window begins where it does.
    pub begins: String,
    /// Why it ends where it does.
    pub ends: String,
}

/// A printable plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanReport {
    /// The chain.
    pub chain: String,
    /// `compatible` or `strict`.
    pub mode: &'static str,
    /// D.
    pub cutoff: String,
    /// The gates that are open: `v2`, `v2.1`, `v2.2`.
    pub gates: Vec<&'static str>,
    /// Submissions known at D.
    pub known_submissions: usize,
    /// Of these, submissions whose gate is closed.
    pub gated_off: usize,
    /// Submissions with days to compute.
    pub active_submissions: usize,
    /// (reward, day) units of work.
    pub units: u64,
    /// The active submissions.
    pub windows: Vec<PlannedWindow>,
}

fn kind(reward: &PlannedReward) -> String {
    let mut kinds: Vec<&str> = reward.v1.iter().map(|(row, _)| V1Type::name(row.reward_type)).collect();
    kinds.extend(reward.od.iter().map(|_| "operator_directed"));
    kinds.extend(reward.od_set.iter().map(|_| "operator_directed_operator_set"));
    kinds.extend(reward.stake.iter().map(|(row, _)| row.reward_type.name()));
    kinds.sort_unstable();
    kinds.dedup();
    kinds.join("+")
}

impl PlanReport {
    /// The report of a plan.
    #[must_use]
    pub fn new(plan: &Plan, dictionary: &Dictionary) -> Self {
        let gates = [(plan.gates.v2, "v2"), (plan.gates.v2_1, "v2.1"), (plan.gates.v2_2, "v2.2")];
        Self {
            chain: plan.chain.to_string(),
            mode: plan.mode.name(),
            cutoff: plan.cutoff.to_string(),
            gates: gates.into_iter().filter_map(|(open, name)| open.then_some(name)).collect(),
            known_submissions: plan.known_submissions,
            gated_off: plan.gated_off,
            active_submissions: plan.rewards.len(),
            units: plan.units(),
            windows: plan.rewards.iter().map(|reward| PlannedWindow::new(plan, reward, dictionary)).collect(),
        }
    }
}

impl PlannedWindow {
    fn new(plan: &Plan, reward: &PlannedReward, dictionary: &Dictionary) -> Self {
        let times = (reward.v1.iter().map(|(row, _)| (row.start_timestamp, row.end_timestamp)))
            .chain(reward.od.iter().chain(&reward.od_set).map(|(row, _)| (row.start_timestamp, row.end_timestamp)))
            .chain(reward.stake.iter().map(|(row, _)| (row.start_timestamp, row.end_timestamp)));
        let start = times.clone().map(|(start, _)| start).min();
        let end = times.map(|(_, end)| end).max();
        let date = |time: Option<chrono::NaiveDateTime>| {
            time.map(|time| time.format("%Y-%m-%d %H:%M").to_string().replace(" 00:00", "")).unwrap_or_default()
        };
        let begins = match reward.watermark {
            Some(day) => format!("after {day}, the last snapshot in gold_table"),
            None => format!("submission starts {}", date(start)),
        };
        let ends = if end.is_some_and(|end| end.date() <= reward.days.last.date()) {
            format!("submission ends {}", date(end))
        } else if reward.days.last == plan.cutoff {
            "cutoff".to_owned()
        } else if reward.days.last == plan.cutoff.previous() {
            "day before the cutoff".to_owned()
        } else {
            "as many days as the duration has".to_owned()
        };
        Self {
            reward_hash: dictionary.text(reward.reward_hash).to_owned(),
            kind: kind(reward),
            first_snapshot: reward.days.first.to_string(),
            last_snapshot: reward.days.last.to_string(),
            days: reward.days.len(),
            rows: reward.v1.len() + reward.od.len() + reward.od_set.len() + reward.stake.len(),
            begins,
            ends,
        }
    }
}

impl fmt::Display for PlanReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gates = if self.gates.is_empty() { "none".to_owned() } else { self.gates.join(", ") };
        let strict = if self.mode == Mode::Strict.name() { ", strict" } else { "" };
        writeln!(f, "chain {}, cutoff {} (events before {} 00:00 UTC){strict}", self.chain, self.cutoff, self.cutoff)?;
        writeln!(f, "gates open: {gates}")?;
        write!(f, "submissions: {} known, {} active", self.known_submissions, self.active_submissions)?;
        if self.gated_off > 0 {
            write!(f, ", {} of a kind that is not computed before its fork", self.gated_off)?;
        }
        writeln!(f, "\nunits of work: {} (reward, day) groups", self.units)?;
        for window in &self.windows {
            writeln!(
                f,
                "{}  {}\n  {} .. {}  {} {}, {} active {}; from: {}; to: {}",
                window.reward_hash,
                window.kind,
                window.first_snapshot,
                window.last_snapshot,
                window.days,
                if window.days == 1 { "day" } else { "days" },
                window.rows,
                if window.rows == 1 { "row" } else { "rows" },
                window.begins,
                window.ends,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use chrono::NaiveDateTime;
    use reward_rules::{Chain, Day, Dictionary, Mode, SetId, StakeSubmission, StakeType, V1Submission, V1Type};

    use super::PlanReport;
    use crate::{Facts, plan};

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn v1(dictionary: &mut Dictionary, hash: &str, start: &str, end: &str, reward_type: V1Type) -> V1Submission {
        V1Submission {
            avs: dictionary.intern("0xa1"),
            reward_hash: dictionary.intern(hash),
            token: dictionary.intern("0xt1"),
            amount: 700_i64.into(),
            strategy: dictionary.intern("0xs1"),
            multiplier: 1_i64.into(),
            start_timestamp: at(start),
            end_timestamp: at(end),
            duration: 604_800,
            reward_type,
            submission_date: day("2026-03-01"),
        }
    }

    #[test]
    fn the_text_of_a_plan() {
        let mut dictionary = Dictionary::new();
        let rows = vec![
            v1(&mut dictionary, "0xh1", "2026-03-01 00:00", "2026-03-08 00:00", V1Type::Avs),
            v1(&mut dictionary, "0xh2", "2026-03-05 06:00", "2026-03-30 06:00", V1Type::AllStakers),
            v1(&mut dictionary, "0xh3", "2026-03-01 00:00", "2026-03-05 00:00", V1Type::AllEarners),
        ];
        let watermarks = HashMap::from([
            (dictionary.intern("0xh1"), day("2026-03-04")),
            (dictionary.intern("0xh3"), day("2026-03-05")),
        ]);
        let stake = vec![StakeSubmission {
            set: SetId { avs: dictionary.intern("0xa1"), number: 1 },
            reward_hash: dictionary.intern("0xh4"),
            token: dictionary.intern("0xt1"),
            amount: 700_i64.into(),
            strategy: dictionary.intern("0xs1"),
            strategy_index: 0,
            multiplier: 1_i64.into(),
            start_timestamp: at("2026-03-01 00:00"),
            end_timestamp: at("2026-04-01 00:00"),
            duration: 604_800,
            reward_type: StakeType::UniqueStake,
            submission_date: day("2026-03-01"),
        }];
        let facts = |cutoff: &str| Facts {
            chain: Chain::Mainnet,
            mode: Mode::Compatible,
            cutoff: day(cutoff),
            v1: &rows,
            od: &[],
            od_set: &[],
            stake: &stake,
            finished: 0,
            watermarks: &watermarks,
        };
        let text = |cutoff: &str| PlanReport::new(&plan(&facts(cutoff), &dictionary), &dictionary).to_string();
        insta::assert_snapshot!("plan_before_sabine", text("2026-03-10"));
        insta::assert_snapshot!("plan_at_sabine", text("2026-03-12"));
    }
}
