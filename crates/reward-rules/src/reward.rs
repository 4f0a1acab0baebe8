//! Reward submissions as the rules see them: what is stored, and the lines that are active in a run.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;
use pg_numeric::Numeric;

use crate::{ActiveDays, Day, Id, Times};

/// An operator set: `(avs, operator_set_id)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId {
    /// The AVS that owns the set.
    pub avs: Id,
    /// Its number with that AVS.
    pub number: i64,
}

macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)*
        }

        impl $name {
            /// The value of `reward_type` in the tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(()),
                }
            }
        }
    };
}

text_enum! {
    /// The type of a v1 submission (spec/01 `reward_submissions`).
    V1Type {
        /// An AVS pays the stakers and operators of its own service.
        Avs = "avs",
        /// Every staker of the strategies earns.
        AllStakers = "all_stakers",
        /// Programmatic incentives: stakers and operators registered with any AVS earn.
        AllEarners = "all_earners",
    }
}

text_enum! {
    /// The type of a v2.2 submission (spec/02 §1 `stake_operator_set_rewards`).
    StakeType {
        /// Weighted by the stake allocated to the operator set.
        UniqueStake = "unique_stake",
        /// Weighted by all stake of the operator.
        TotalStake = "total_stake",
    }
}

/// One row of `combined_rewards` (spec/02 §1): a v1 submission and one of its strategies.
#[derive(Clone, Debug)]
pub struct V1Submission {
    /// Submitter.
    pub avs: Id,
    /// Submission.
    pub reward_hash: Id,
    /// Token paid.
    pub token: Id,
    /// Total for the whole duration.
    pub amount: Numeric,
    /// Strategy of this row.
    pub strategy: Id,
    /// Weight of the strategy.
    pub multiplier: Numeric,
    /// Start instant, UTC.
    pub start_timestamp: NaiveDateTime,
    /// End instant, UTC.
    pub end_timestamp: NaiveDateTime,
    /// Seconds.
    pub duration: i64,
    /// Who earns.
    pub reward_type: V1Type,
    /// Date of the submission's block (`block_date`).
    pub submission_date: Day,
}

/// One row of `operator_directed_rewards` or `operator_directed_operator_set_rewards` (spec/02 §1):
/// a submission, one of its operators and one of its strategies.
#[derive(Clone, Debug)]
pub struct OdSubmission {
    /// Submitter.
    pub avs: Id,
    /// The set of the submission; `None` for plain operator-directed rewards (v2).
    pub operator_set_id: Option<i64>,
    /// Submission.
    pub reward_hash: Id,
    /// Token paid.
    pub token: Id,
    /// Operator the amount is for.
    pub operator: Id,
    /// Total of that operator for the whole duration.
    pub amount: Numeric,
    /// Strategy of this row.
    pub strategy: Id,
    /// Weight of the strategy.
    pub multiplier: Numeric,
    /// Start instant, UTC.
    pub start_timestamp: NaiveDateTime,
    /// End instant, UTC.
    pub end_timestamp: NaiveDateTime,
    /// Seconds.
    pub duration: i64,
    /// Date of the submission's block (`block_date`).
    pub submission_date: Day,
}

/// One row of `stake_operator_set_rewards` (spec/02 §1): a v2.2 submission and one of its strategies.
#[derive(Clone, Debug)]
pub struct StakeSubmission {
    /// The operator set that earns.
    pub set: SetId,
    /// Submission.
    pub reward_hash: Id,
    /// Token paid.
    pub token: Id,
    /// Total pool for the whole duration.
    pub amount: Numeric,
    /// Strategy of this row.
    pub strategy: Id,
    /// Position of the strategy in the submission.
    pub strategy_index: i32,
    /// Weight of the strategy.
    pub multiplier: Numeric,
    /// Start instant, UTC.
    pub start_timestamp: NaiveDateTime,
    /// End instant, UTC.
    pub end_timestamp: NaiveDateTime,
    /// Seconds.
    pub duration: i64,
    /// Unique or total stake.
    pub reward_type: StakeType,
    /// Date of the submission's block (`block_date`).
    pub submission_date: Day,
}

macro_rules! times {
    ($($submission:ty),*) => {$(
        impl $submission {
            /// What it says of its time.
            #[must_use]
            pub const fn times(&self) -> Times {
                Times { start: self.start_timestamp, end: self.end_timestamp, duration: self.duration }
            }
        }
    )*};
}

times!(V1Submission, OdSubmission, StakeSubmission);

/// A v1 submission row that is active in a run: step 1 without its snapshot column (spec/03 §1).
#[derive(Clone, Debug)]
pub struct V1Line {
    /// The snapshots it pays in this run.
    pub days: ActiveDays,
    /// Submitter.
    pub avs: Id,
    /// Token paid.
    pub token: Id,
    /// Tokens per day as float8, used before Nile and by `all_stakers`.
    pub tokens_per_day: f64,
    /// Tokens per day as numeric.
    pub tokens_per_day_decimal: Numeric,
    /// Weight of the strategy.
    pub multiplier: Numeric,
    /// Strategy.
    pub strategy: Id,
    /// Who earns.
    pub reward_type: V1Type,
    /// Submission date for fork tests.
    pub submission_date: Day,
}

/// An operator-directed row that is active in a run: steps 7 and 11 without their snapshot column
/// (spec/03 §7, §11).
#[derive(Clone, Debug)]
pub struct OdLine {
    /// The snapshots it pays in this run.
    pub days: ActiveDays,
    /// Submitter.
    pub avs: Id,
    /// The set of the submission; `None` for plain operator-directed rewards (v2).
    pub operator_set_id: Option<i64>,
    /// Operator the amount is for.
    pub operator: Id,
    /// Token paid.
    pub token: Id,
    /// `floor(amount)`.
    pub amount_decimal: Numeric,
    /// Weight of the strategy.
    pub multiplier: Numeric,
    /// Strategy.
    pub strategy: Id,
    /// Seconds.
    pub duration: i64,
    /// Submission date for fork tests.
    pub submission_date: Day,
    /// On how many of the window's snapshots the operator was registered (Q3).
    pub num_registered_snapshots: i64,
    /// What the operator gets for each of them, or the AVS gets back for each day if there is none.
    pub tokens_per_registered_snapshot_decimal: Numeric,
}

/// A v2.2 submission row that is active in a run: step 15 without its snapshot column (spec/03 §15).
#[derive(Clone, Debug)]
pub struct StakeLine {
    /// The snapshots it pays in this run.
    pub days: ActiveDays,
    /// The operator set that earns.
    pub set: SetId,
    /// Token paid.
    pub token: Id,
    /// Total pool.
    pub amount: Numeric,
    /// Strategy.
    pub strategy: Id,
    /// Position of the strategy in the submission.
    pub strategy_index: i32,
    /// Weight of the strategy.
    pub multiplier: Numeric,
    /// Unique or total stake.
    pub reward_type: StakeType,
    /// Start of the window, exclusive.
    pub window_start: NaiveDateTime,
    /// End of the window, inclusive.
    pub window_end: NaiveDateTime,
    /// Seconds.
    pub duration: i64,
    /// D − 1.
    pub global_end: NaiveDateTime,
    /// Submission date for fork tests.
    pub submission_date: Day,
    /// Tokens per day.
    pub tokens_per_day_decimal: Numeric,
}

/// All lines of one `reward_hash` that are active in a run.
///
/// Lines of a kind whose gate is closed are absent. Each list is ordered by strategy text, multiplier, operator
/// text: "the first row" of spec/03 §0 is the first in this order (ties are undefined there, spec/00 U2).
#[derive(Clone, Debug)]
pub struct Reward {
    /// The submission.
    pub reward_hash: Id,
    /// Step 1.
    pub v1: Vec<V1Line>,
    /// Step 7.
    pub od: Vec<OdLine>,
    /// Step 11.
    pub od_set: Vec<OdLine>,
    /// Step 15.
    pub stake: Vec<StakeLine>,
}

impl Reward {
    /// The first and last snapshot on which any line is active.
    #[must_use]
    pub fn days(&self) -> Option<ActiveDays> {
        let all = || {
            self.v1
                .iter()
                .map(|line| line.days)
                .chain(self.od.iter().map(|line| line.days))
                .chain(self.od_set.iter().map(|line| line.days))
                .chain(self.stake.iter().map(|line| line.days))
        };
        Some(ActiveDays { first: all().map(|days| days.first).min()?, last: all().map(|days| days.last).max()? })
    }

    /// The addresses that it names and that may earn from it: AVSs get refunds, operators what is directed to them. Some come
    /// several times.
    pub fn earners(&self) -> impl Iterator<Item = Id> {
        let directed = || self.od.iter().chain(&self.od_set);
        let avss = self.v1.iter().map(|line| line.avs).chain(self.stake.iter().map(|line| line.set.avs));
        avss.chain(directed().map(|line| line.avs)).chain(directed().map(|line| line.operator))
    }

    /// The tokens that it pays; a submission has one, and comes with it several times.
    pub fn tokens(&self) -> impl Iterator<Item = Id> {
        let directed = self.od.iter().chain(&self.od_set).map(|line| line.token);
        self.v1.iter().map(|line| line.token).chain(directed).chain(self.stake.iter().map(|line| line.token))
    }
}
