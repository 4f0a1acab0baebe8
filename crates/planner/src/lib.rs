//! What a run will compute, and why, before anything is computed (design D5; engineering 13).
//!
//! [`plan`] turns [`Facts`] (submissions, watermarks, fork dates) into a [`Plan`]: the active window of every
//! submission row, the gates in force, the (reward, day) units of work, and the [`Needs`](reward_rules::Needs) that say which strategies,
//! AVSs, operator sets and days have to be read. [`PlanReport`] is the same for people and programs: it has the
//! reason for each window, and its text is snapshot-tested. Pure; no I/O.
#![deny(missing_docs)]

mod digest;
mod facts;
mod plan;
mod report;

pub use digest::SUBMISSION_TABLES;
pub use facts::Facts;
pub use plan::{Plan, PlannedReward, plan};
pub use report::{PlanReport, PlannedWindow};
