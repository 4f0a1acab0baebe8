//! What a plan is made from.

use std::collections::HashMap;

use reward_rules::{Chain, Day, Id, Mode, OdSubmission, StakeSubmission, V1Submission};

/// The stored facts a plan depends on. Submissions of days from the cutoff on may be among them; the plan leaves them out.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Whose fork dates hold.
    pub chain: Chain,
    /// Compatible or strict.
    pub mode: Mode,
    /// D: exclusive upper bound of the input.
    pub cutoff: Day,
    /// `combined_rewards` for D (spec/02 §1).
    pub v1: &'a [V1Submission],
    /// `operator_directed_rewards` for D.
    pub od: &'a [OdSubmission],
    /// `operator_directed_operator_set_rewards` for D; every row names its set.
    pub od_set: &'a [OdSubmission],
    /// `stake_operator_set_rewards` for D.
    pub stake: &'a [StakeSubmission],
    /// Submissions that are paid up to their end, and not among the rows.
    pub finished: usize,
    /// The last snapshot with rows in `gold_table`, per reward hash (Q1).
    pub watermarks: &'a HashMap<Id, Day>,
}
