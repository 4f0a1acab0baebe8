//! An explanation for people and programs: texts, amounts as decimal strings.

use planner::PlannedWindow;
use reward_rules::Dictionary;
use reward_rules::explain::{Balance, Fact, Facts, Part, Role, WhyNot};
use serde::Serialize;
use serde_json::Value;

/// What a day was explained to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainReport {
    /// The chain.
    pub chain: String,
    /// The day, `YYYY-MM-DD`.
    pub snapshot: String,
    /// The newest complete cutoff.
    pub newest_cutoff: Option<String>,
    /// Whether no recomputed amount differs from gold.
    pub equal: bool,
    /// By earner, then submission.
    pub amounts: Vec<ExplainedAmount>,
}

/// Whether gold has what is recomputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoldVerdict {
    /// It has; also if both have nothing.
    Equal,
    /// It has not.
    Differs,
    /// The rows of the day were dropped on purpose: nothing to compare with.
    Dropped,
}

impl GoldVerdict {
    /// Compares row by row.
    pub(super) fn of(explained: &[StoredAmount], stored: &[StoredAmount], dropped: bool) -> Self {
        let rows = |amounts: &[StoredAmount]| {
            let mut rows: Vec<(String, String)> =
                amounts.iter().map(|amount| (amount.token.clone(), amount.amount.clone())).collect();
            rows.sort_unstable();
            rows
        };
        match (dropped && stored.is_empty(), rows(explained) == rows(stored)) {
            (true, _) => Self::Dropped,
            (false, true) => Self::Equal,
            (false, false) => Self::Differs,
        }
    }
}

/// A row of gold, stored or recomputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredAmount {
    /// Token.
    pub token: String,
    /// Smallest units of the token.
    pub amount: String,
    /// The run that wrote it; none for what is recomputed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<i64>,
}

/// What an earner got of a submission on the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedAmount {
    /// Who.
    pub earner: String,
    /// The submission.
    pub reward_hash: String,
    /// Whether gold has what is recomputed.
    pub verdict: GoldVerdict,
    /// What is recomputed from silver; empty if there is nothing.
    pub explained: Vec<StoredAmount>,
    /// What gold has.
    pub stored: Vec<StoredAmount>,
    /// The submission's event; none if the source does not have it any more.
    pub submission: Option<SubmissionReport>,
    /// The run that computed the day; none if none did.
    pub run: Option<RunReport>,
    /// What the amount is the sum of.
    pub parts: Vec<PartReport>,
    /// What became of the day's pool.
    pub balance: Option<BalanceReport>,
    /// Why there is no row.
    pub reasons: Vec<ReasonReport>,
    /// The events that made the earner eligible, or not.
    pub events: Vec<EventReport>,
}

/// A submission and its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmissionReport {
    /// `avs`, `all_stakers`, `all_earners`, `operator_directed`, `operator_directed_operator_set`, `unique_stake`, `total_stake`.
    pub kind: String,
    /// Who submitted it.
    pub avs: String,
    /// Its operator set, if it is one's.
    pub operator_set_id: Option<i64>,
    /// Token.
    pub token: String,
    /// For the whole duration; of operator-directed ones the sum over the operators.
    pub amount: String,
    /// Start, UTC.
    pub start: String,
    /// End, UTC.
    pub end: String,
    /// Seconds.
    pub duration_seconds: i64,
    /// Whole days.
    pub days: i64,
    /// The first day it pays.
    pub first_snapshot: Option<String>,
    /// The last day it pays.
    pub last_snapshot: Option<String>,
    /// Block.
    pub block_number: i64,
    /// Its time, UTC; none if the block is missing.
    pub block_time: Option<String>,
    /// Transaction.
    pub transaction_hash: Option<String>,
    /// Position in the block.
    pub log_index: Option<i64>,
}

/// The run that computed the day, as of whose cutoff it is recomputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// Its number.
    pub id: i64,
    /// D.
    pub cutoff: String,
    /// The gates that were open.
    pub gates: Vec<&'static str>,
    /// The days of the submission it computed, with the reasons.
    pub window: Option<PlannedWindow>,
}

/// What one step gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartReport {
    /// The step's number (spec/03).
    pub step: u8,
    /// Its pinned name.
    pub name: &'static str,
    /// `staker`, `operator` or `avs`.
    pub role: &'static str,
    /// What it gives.
    pub amount: String,
    /// Whether it counts: of equal refunds of a step one does (Q10).
    pub counts: bool,
    /// The values, in the order in which they are derived.
    pub values: Value,
    /// The same in words.
    pub words: Vec<String>,
    /// Why it is zero.
    pub zero: Option<ReasonReport>,
}

/// Why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonReport {
    /// As what the earner gets nothing: `staker`, `operator` or `avs`.
    pub role: &'static str,
    /// The pinned name of the reason.
    pub reason: &'static str,
    /// In words.
    pub words: String,
}

/// What became of the day's pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceReport {
    /// What there was to distribute.
    pub pool: String,
    /// What everybody got.
    pub paid: String,
    /// What others got.
    pub others: String,
    /// How many others.
    pub other_earners: usize,
    /// Pool less paid.
    pub remainder: String,
}

/// An event behind a value of silver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventReport {
    /// The pinned name of the kind of value.
    pub of: &'static str,
    /// The value, in words.
    pub what: String,
    /// What the event did.
    pub detail: String,
    /// Block.
    pub block_number: i64,
    /// Its time, UTC.
    pub block_time: Option<String>,
    /// Transaction; a sample of restaked strategies has none.
    pub transaction_hash: Option<String>,
    /// Position in the block.
    pub log_index: Option<i64>,
}

impl PartReport {
    pub(super) fn new(part: &Part, dictionary: &Dictionary) -> Self {
        let role = part.derivation.role();
        Self {
            step: part.step.number(),
            name: part.step.name(),
            role: role.name(),
            amount: part.amount.to_string(),
            counts: part.counts,
            values: value(part.derivation.facts(dictionary)),
            words: part.derivation.words(dictionary),
            zero: part.zero.as_ref().map(|why| ReasonReport::new(&(role, why.clone()), dictionary)),
        }
    }
}

impl ReasonReport {
    pub(super) fn new((role, why): &(Role, WhyNot), dictionary: &Dictionary) -> Self {
        Self { role: role.name(), reason: why.name(), words: why.words(dictionary) }
    }
}

impl BalanceReport {
    pub(super) fn new(balance: &Balance) -> Self {
        Self {
            pool: balance.pool.to_string(),
            paid: balance.paid.to_string(),
            others: balance.others.to_string(),
            other_earners: balance.other_earners,
            remainder: balance.remainder.to_string(),
        }
    }
}

fn value(facts: Facts) -> Value {
    let of = |fact| match fact {
        Fact::Text(text) => Value::String(text),
        Fact::List(all) => Value::Array(all.into_iter().map(value).collect()),
    };
    Value::Object(facts.into_iter().map(|(name, fact)| (name.to_owned(), of(fact))).collect())
}
