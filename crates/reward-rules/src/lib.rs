//! The reward rules of EigenLayer as pure functions (spec/00 §4, spec/03).
//!
//! Where to find a rule:
//!
//! | question | file |
//! |---|---|
//! | which rule is in force on a date? | `forks.rs`, `chains.rs` |
//! | which days does a submission pay? | `active_days.rs` |
//! | what does strict mode change? | `rules.rs`, `active_days.rs` |
//! | how is an amount divided and rounded? | `amounts.rs` |
//! | what is computed in step *n* of the spec? | `stepNN_….rs` |
//! | in which order do the steps of one (reward, day) run? | `group.rs` |
//!
//! Nothing here does I/O. Input is a [`Reward`] (all active lines of one `reward_hash`) and a [`DayState`]
//! (who was registered, delegated and holding what on one snapshot); output is the rows of `gold_table`
//! ([`compute_gold`]) or a [`GroupRows`] with those of every step for that (reward, day) ([`compute_group`]).
//!
//! A step's file has its rule as a function that gives parts, one at a time: who gets how much, and what the amounts were made
//! of. Gold takes the amounts; a [`StepRow`] is made of a part only where somebody wants to see the step.
#![deny(missing_docs)]

mod active_days;
mod amounts;
mod chains;
mod day;
mod dictionary;
mod error;
pub mod explain;
mod forks;
mod group;
mod ids;
mod mode;
mod needs;
mod reward;
mod rows;
mod rules;
mod split;
mod stakers;
mod state;
mod step01_active_rewards;
mod step02_staker_reward_amounts;
mod step03_operator_reward_amounts;
mod step04_rewards_for_all;
mod step05_rfae_stakers;
mod step06_rfae_operators;
mod step07_active_od_rewards;
mod step08_operator_od_reward_amounts;
mod step09_staker_od_reward_amounts;
mod step10_avs_od_reward_amounts;
mod step11_active_od_operator_set_rewards;
mod step12_operator_od_operator_set_reward_amounts;
mod step13_staker_od_operator_set_reward_amounts;
mod step14_avs_od_operator_set_reward_amounts;
mod step15_active_unique_and_total_stake_rewards;
mod step16_operator_operator_set_unique_stake_rewards;
mod step17_staker_operator_set_unique_stake_rewards;
mod step18_avs_operator_set_unique_stake_rewards;
mod step19_operator_operator_set_total_stake_rewards;
mod step20_staker_operator_set_total_stake_rewards;
mod step21_avs_operator_set_total_stake_rewards;
mod step22_staging;
mod steps;
mod watch;

/// Which version of the rules this is; grows with every change that can change a number. Runs and their manifests store it, and a
/// run that was begun under another version is not resumed.
pub const RULE_VERSION: i32 = 1;

pub use active_days::{ActiveDays, ActiveWindow, Moment, SubmissionKind, Times, active_window, all_days};
pub use amounts::{cut, prop};
pub use chains::{Chain, UnknownChain};
pub use day::Day;
pub use dictionary::{Dictionary, Id};
pub use error::RuleError;
pub use forks::{Fork, ForkDates, Gates};
pub use group::{GroupRows, compute_gold, compute_group, step_columns};
pub use ids::{IdHasher, IdMap, IdSet};
pub use mode::{Mode, UnknownMode};
pub use needs::Needs;
pub use reward::{
    OdLine, OdSubmission, Reward, SetId, StakeLine, StakeSubmission, StakeType, V1Line, V1Submission, V1Type,
};
pub use rows::{Cell, StepRow};
pub use rules::Rules;
pub use split::{Split, SplitSource};
pub use state::{ById, DayState, Members};
pub use step01_active_rewards::v1_lines;
pub use step02_staker_reward_amounts::{OperatorRule, PayoutRule};
pub use step07_active_od_rewards::{Registered, od_lines};
pub use step11_active_od_operator_set_rewards::od_set_lines;
pub use step15_active_unique_and_total_stake_rewards::stake_lines;
pub use step22_staging::GoldRow;
pub use steps::Step;
