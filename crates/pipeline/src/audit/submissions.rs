//! The submissions to audit, and which run decided which of their days.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use chrono::NaiveDateTime;
use delta_extractor::Submissions;
use pg_numeric::Numeric;
use planner::{Facts, Plan, plan};
use reward_rules::{ActiveDays, Chain, Day, Dictionary, Id, Mode, SubmissionKind, Times, all_days};

use super::account::Account;
use super::day::whole_days;

/// A complete run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) id: i64,
    pub(crate) cutoff: Day,
}

/// The days of a submission that a run decided: those of its window that no later run looked at again. A later run does so while
/// there are no rows (Q1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Decided {
    /// Position of the run.
    pub(super) run: usize,
    /// The last paid day as the run found it.
    watermark: Option<Day>,
    pub(super) days: ActiveDays,
}

/// Where the rows of a submission are.
#[derive(Clone, Debug, Default)]
struct Rows {
    v1: Range<usize>,
    od: Range<usize>,
    od_set: Range<usize>,
    stake: Range<usize>,
}

/// A submission with its books.
pub(super) struct Submission {
    pub(super) reward_hash: Option<Id>,
    pub(super) hash: String,
    pub(super) token: String,
    pub(super) kind: &'static str,
    rows: Rows,
    start: NaiveDateTime,
    end: NaiveDateTime,
    submission_date: Day,
    /// Of one v1 row.
    pub(super) amount: Numeric,
    pub(super) duration_days: u32,
    /// Its days, whatever runs there were (spec/03 §0).
    pub(super) days: Option<ActiveDays>,
    pub(super) decided: Vec<Decided>,
    pub(super) account: Account,
    pub(super) dropped_days: u32,
}

impl Submission {
    /// Rows of gold that no submission is behind.
    pub(super) fn unknown(hash: String, token: String) -> Self {
        Self {
            reward_hash: None,
            hash,
            token,
            kind: "unknown",
            rows: Rows::default(),
            start: NaiveDateTime::default(),
            end: NaiveDateTime::default(),
            submission_date: Day::default(),
            amount: Numeric::ZERO,
            duration_days: 0,
            days: None,
            decided: Vec::new(),
            account: Account::default(),
            dropped_days: 0,
        }
    }

    pub(super) fn is_known_at(&self, cutoff: Day) -> bool {
        self.submission_date < cutoff
    }

    pub(super) fn existing_days(&self) -> u32 {
        self.days.map_or(0, ActiveDays::len)
    }
}

/// What is needed to plan for one submission what a run planned.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) chain: Chain,
    pub(super) mode: Mode,
    pub(super) submissions: &'a Submissions,
    pub(super) dictionary: &'a Dictionary,
    /// In the order of their cutoffs.
    pub(super) runs: &'a [Run],
}

impl Source<'_> {
    /// Every submission, without the days that were decided.
    pub(super) fn submissions(self) -> Vec<Submission> {
        let mut found = Vec::new();
        macro_rules! collect {
            ($field:ident, $windows:ident, $kind:expr) => {
                let mut first = 0;
                for rows in self.submissions.$field.chunk_by(|one, next| one.reward_hash == next.reward_hash) {
                    let row = &rows[0];
                    let last = first + rows.len();
                    let start = rows.iter().map(|row| row.start_timestamp).min().unwrap_or_default();
                    let end = rows.iter().map(|row| row.end_timestamp).max().unwrap_or_default();
                    let kind: &'static str = $kind(row);
                    found.push(Submission {
                        reward_hash: Some(row.reward_hash),
                        hash: self.dictionary.text(row.reward_hash).to_owned(),
                        token: self.dictionary.text(row.token).to_owned(),
                        kind,
                        rows: Rows { $field: first..last, ..Rows::default() },
                        start,
                        end,
                        submission_date: row.submission_date,
                        amount: row.amount.clone(),
                        duration_days: whole_days(row.duration),
                        days: all_days(
                            Times { start, end, duration: row.duration },
                            SubmissionKind::$windows,
                            self.mode,
                        ),
                        decided: Vec::new(),
                        account: Account::default(),
                        dropped_days: 0,
                    });
                    first = last;
                }
            };
        }
        collect!(v1, V1, |row: &reward_rules::V1Submission| row.reward_type.name());
        collect!(od, Directed, |_| "operator_directed");
        collect!(od_set, Directed, |_| "operator_directed_operator_set");
        collect!(stake, Stake, |row: &reward_rules::StakeSubmission| row.reward_type.name());
        found
    }

    /// What a run planned for a submission when its last paid day was `watermark`.
    pub(super) fn plan(self, submission: &Submission, run: usize, watermark: Option<Day>) -> Plan {
        let Rows { v1, od, od_set, stake } = submission.rows.clone();
        let watermarks: HashMap<Id, Day> = submission.reward_hash.zip(watermark).into_iter().collect();
        let facts = Facts {
            chain: self.chain,
            mode: self.mode,
            cutoff: self.runs[run].cutoff,
            v1: &self.submissions.v1[v1],
            od: &self.submissions.od[od],
            od_set: &self.submissions.od_set[od_set],
            stake: &self.submissions.stake[stake],
            finished: 0,
            watermarks: &watermarks,
        };
        plan(&facts, self.dictionary)
    }

    /// The plan behind some decided days.
    pub(super) fn plan_of(self, submission: &Submission, decided: &Decided) -> Plan {
        self.plan(submission, decided.run, decided.watermark)
    }

    /// Which runs decided which days. `paid` are the runs that paid the submission, in order, with the last day each did. While it was
    /// set aside, only runs that paid it planned it.
    pub(super) fn decide(self, submission: &mut Submission, paid: &[(usize, Day)], set_aside: &HashSet<String>) {
        let set_aside = set_aside.contains(&submission.hash);
        let end = Day::from(submission.end.date());
        let mut windows: Vec<Decided> = Vec::new();
        let mut paid_later = paid.iter().copied().peekable();
        let mut watermark = None;
        for (run, Run { cutoff, .. }) in self.runs.iter().enumerate() {
            while let Some((_, last)) = paid_later.next_if(|(of, _)| *of < run) {
                watermark = watermark.max(Some(last));
            }
            let paid_up = watermark.is_some_and(|watermark: Day| watermark >= end);
            if submission.submission_date >= *cutoff || submission.start.date() > cutoff.date() || paid_up {
                continue;
            }
            if set_aside && !paid.iter().any(|(of, _)| *of == run) {
                continue;
            }
            if let Some(days) = self.plan(submission, run, watermark).rewards.first().map(|planned| planned.days) {
                windows.push(Decided { run, watermark, days });
            }
        }
        let mut before = Day(i32::MAX);
        for mut window in windows.into_iter().rev() {
            let first = window.days.first;
            window.days.last = window.days.last.min(before.previous());
            if window.days.first <= window.days.last {
                submission.decided.push(window);
            }
            before = before.min(first);
        }
        submission.decided.reverse();
    }
}
