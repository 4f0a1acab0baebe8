//! What an audit found, for people and programs. Amounts are integers of the token's smallest unit.

use std::fmt;

use pg_numeric::Numeric;
use serde::{Serialize, Serializer};

/// Where the money of a submission, or of all submissions of a token, went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Columns {
    /// The amount of the submission; of an operator-directed one, of all its operators.
    #[serde(serialize_with = "text")]
    pub funded: Numeric,
    /// Stored as paid to stakers.
    #[serde(serialize_with = "text")]
    pub stakers: Numeric,
    /// Stored as paid to operators.
    #[serde(serialize_with = "text")]
    pub operators: Numeric,
    /// Stored as paid back to the AVS.
    #[serde(serialize_with = "text")]
    pub refunded: Numeric,
    /// Stored, but of an earner the rules do not pay, or not this much for more than one reason.
    #[serde(serialize_with = "text")]
    pub unattributed: Numeric,
    /// Lost by rounding. Never negative: what rounding gives on top is overpaid.
    #[serde(serialize_with = "text")]
    pub dust: Numeric,
    /// For settled days, but there was nobody to get it.
    #[serde(serialize_with = "text")]
    pub undistributed: Numeric,
    /// For days that are not settled.
    #[serde(serialize_with = "text")]
    pub remaining: Numeric,
    /// By the rules paid beyond what there was.
    #[serde(serialize_with = "text")]
    pub overpaid: Numeric,
    /// Stored less what the rules pay: by how much the columns do not close.
    #[serde(serialize_with = "text")]
    pub difference: Numeric,
}

impl Columns {
    /// Adds those of another submission.
    pub(super) fn add(&mut self, other: &Self) {
        self.funded += &other.funded;
        self.stakers += &other.stakers;
        self.operators += &other.operators;
        self.refunded += &other.refunded;
        self.unattributed += &other.unattributed;
        self.dust += &other.dust;
        self.undistributed += &other.undistributed;
        self.remaining += &other.remaining;
        self.overpaid += &other.overpaid;
        self.difference += &other.difference;
    }

    /// Funded and overpaid, less what the other columns (but the difference) say became of it: zero if they close.
    #[must_use]
    pub fn open(&self) -> Numeric {
        let parts = [
            &self.stakers,
            &self.operators,
            &self.refunded,
            &self.unattributed,
            &self.dust,
            &self.undistributed,
            &self.remaining,
        ];
        &(&self.funded + &self.overpaid) - &parts.into_iter().sum::<Numeric>()
    }
}

/// An amount as a text.
pub(crate) fn text<S: Serializer>(amount: &Numeric, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// Why the rules pay more than there is (spec/00 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Quirk {
    /// Refunds of days after others were already paid in full.
    Q2,
    /// An amount spread over the registered days of a window, though earlier windows had paid from it.
    Q3,
    /// A start inside a day: one day more than the duration has.
    Q4,
    /// Division rounds before the floor.
    Q6,
    /// Floats.
    Q7,
    /// A split above 10000 bips.
    Q15,
}

impl Quirk {
    /// What happened, in words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Q2 => {
                "days refunded although earlier runs had paid the operator's whole amount on its registered days"
            }
            Self::Q3 => {
                "the whole amount spread over the registered days of one run's window, although earlier runs had paid from it"
            }
            Self::Q4 => "the submission starts inside a day, so it has one day more than its duration",
            Self::Q6 => "a division was rounded up before the floor",
            Self::Q7 => "floating point gave more than the day's pool",
            Self::Q15 => "a split above 100 % and no stakers to take the rest from",
        }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditedSubmission {
    /// Its hash.
    pub reward_hash: String,
    /// Its token.
    pub token: String,
    /// The kind, as in `paydirt plan`; `unknown` if gold has rows of a hash that is in no submission table.
    pub kind: &'static str,
    /// Its first day.
    pub first_snapshot: Option<String>,
    /// Its last day.
    pub last_snapshot: Option<String>,
    /// Where its money went.
    #[serde(flatten)]
    pub columns: Columns,
    /// Days that are not settled.
    pub remaining_days: u32,
    /// Settled days whose rows were dropped on purpose: the paid columns have what the rules pay for them.
    pub dropped_days: u32,
    /// Whether its rows disagree on amounts or times (a warning of the source's checks): its columns are a guess.
    pub rows_disagree: bool,
    /// Whether the columns close, and every day is stored as the rules pay it.
    pub closes: bool,
}

/// Days on which a submission paid more than there was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overpayment {
    /// The submission.
    pub reward_hash: String,
    /// Its token.
    pub token: String,
    /// Its kind.
    pub kind: &'static str,
    /// Why.
    pub quirk: Quirk,
    /// Why, in words.
    pub meaning: &'static str,
    /// How much in all.
    #[serde(serialize_with = "text")]
    pub amount: Numeric,
    /// The days, in order.
    pub days: Vec<OverpaidDay>,
}

/// A day on which more was paid than there was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OverpaidDay {
    /// The day.
    pub snapshot: String,
    /// How much.
    #[serde(serialize_with = "text")]
    pub amount: Numeric,
}

/// A day of a submission that does not close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenDay {
    /// The submission.
    pub reward_hash: String,
    /// The day; none if it is not about one.
    pub snapshot: Option<String>,
    /// The run by whose cutoff and window it was recomputed.
    pub run_id: Option<i64>,
    /// What is wrong, in words.
    pub reason: &'static str,
    /// Rows stored.
    pub stored_rows: u64,
    /// Their sum.
    #[serde(serialize_with = "text")]
    pub stored: Numeric,
    /// Rows by the rules.
    pub recomputed_rows: u64,
    /// Their sum.
    #[serde(serialize_with = "text")]
    pub recomputed: Numeric,
}

/// Totals of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenTotals {
    /// The token.
    pub token: String,
    /// How many submissions.
    pub submissions: u64,
    /// Their sums.
    #[serde(flatten)]
    pub columns: Columns,
    /// Of the submissions.
    pub remaining_days: u64,
}

/// A submission that runs leave out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// Its hash.
    pub reward_hash: String,
    /// Its table.
    pub source_table: String,
    /// Why.
    pub reason: String,
}

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// The chain.
    pub chain: String,
    /// `compatible` or `strict`.
    pub mode: &'static str,
    /// The newest complete cutoff; submissions made before it are audited.
    pub cutoff: Option<String>,
    /// Whether every submission closes.
    pub closes: bool,
    /// By token and first day.
    pub submissions: Vec<AuditedSubmission>,
    /// By token.
    pub tokens: Vec<TokenTotals>,
    /// Overpaid submissions: what the rules do, not an error.
    pub overpaid: Vec<Overpayment>,
    /// What does not close.
    pub open: Vec<OpenDay>,
    /// Submissions in quarantine that were never paid; they are not audited.
    pub set_aside: Vec<SetAside>,
}
