//! Step 22, `gold_22_staging` (spec/03 §22): one amount per (earner, snapshot, reward_hash, token).
//!
//! 1. Per input step, the distinct tuples: refunds that are repeated per operator collapse, and so do an operator
//!    refund and a staker refund of equal value (Q10).
//! 2. All inputs together, summed: an operator that is its own staker, or an address that is AVS and operator, gets
//!    one row.
//! 3. Zero amounts stay (Q11).

use pg_numeric::Numeric;

use crate::ids::Seen;
use crate::rows::step_row;
use crate::{Day, Id};

step_row! {
    /// A row of step 22, and of `gold_table` (spec/03 §22, §23).
    Staging => GoldRow {
        earner: Id,
        snapshot: Day,
        reward_hash: Id,
        token: Id,
        amount: Numeric,
    }
}

/// The amounts of one (reward, day), input by input.
pub(crate) struct Staging {
    reward_hash: Id,
    snapshot: Day,
    /// All tuples, in the order in which they came.
    tuples: Vec<GoldRow>,
    /// Where each input begins.
    inputs: Vec<usize>,
}

impl Staging {
    pub(crate) fn new(reward_hash: Id, snapshot: Day) -> Self {
        Self { reward_hash, snapshot, tuples: Vec::new(), inputs: Vec::new() }
    }

    /// What is added from now on comes from the next input step.
    pub(crate) fn next_input(&mut self) {
        self.inputs.push(self.tuples.len());
    }

    /// A tuple of the current input.
    pub(crate) fn add(&mut self, earner: Id, token: Id, amount: &Numeric) {
        let (reward_hash, snapshot) = (self.reward_hash, self.snapshot);
        self.tuples.push(GoldRow { earner, snapshot, reward_hash, token, amount: amount.clone() });
    }

    /// The rows of the (reward, day): one per earner and token, those of a single tuple first.
    ///
    /// Almost every earner has one tuple, which is its row; only the others are looked at closely.
    pub(crate) fn rows(mut self) -> Vec<GoldRow> {
        let (mut seen, mut repeated) = (Seen::default(), Seen::default());
        for tuple in &self.tuples {
            if !seen.insert(tuple.earner) {
                repeated.insert(tuple.earner);
            }
        }
        if repeated.is_empty() {
            return self.tuples;
        }
        let mut kept = 0;
        let mut close = Vec::new();
        for at in 0..self.tuples.len() {
            if repeated.contains(self.tuples[at].earner) {
                let input = self.inputs.partition_point(|begin| *begin <= at);
                close.push((input, self.tuples[at].clone()));
            } else {
                self.tuples.swap(kept, at);
                kept += 1;
            }
        }
        self.tuples.truncate(kept);
        close.sort_by(|(input, a), (other, b)| {
            (a.earner, a.token, input).cmp(&(b.earner, b.token, other)).then_with(|| a.amount.cmp(&b.amount))
        });
        close.dedup_by(|(later, b), (input, a)| {
            (a.earner, a.token, *input) == (b.earner, b.token, *later) && a.amount == b.amount
        });
        for (_, tuple) in close {
            match self.tuples[kept..].last_mut() {
                Some(row) if (row.earner, row.token) == (tuple.earner, tuple.token) => row.amount += &tuple.amount,
                _ => self.tuples.push(tuple),
            }
        }
        self.tuples
    }
}
