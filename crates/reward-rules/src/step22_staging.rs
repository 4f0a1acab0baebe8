//! Step 22, `gold_22_staging` (spec/03 §22): one amount per (earner, snapshot, reward_hash, token).
//!
//! 1. Per input step, the distinct tuples: refunds that are repeated per operator collapse, and so do an operator
//!    refund and a staker refund of equal value (Q10).
//! 2. All inputs together, summed: an operator that is its own staker, or an address that is AVS and operator, gets
//!    one row.
//! 3. Zero amounts stay (Q11).

use std::collections::{BTreeMap, HashSet};

use pg_numeric::Numeric;

use crate::group::GroupRows;
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

/// The sums by (earner, token) of one (reward, day).
#[derive(Default)]
struct Staging {
    sums: BTreeMap<(Id, Id), Numeric>,
}

impl Staging {
    /// Adds the distinct (earner, token, amount) of one input step.
    fn add<'a>(&mut self, tuples: impl Iterator<Item = (Id, Id, &'a Numeric)>) {
        let mut seen = HashSet::new();
        for (earner, token, amount) in tuples {
            if seen.insert((earner, token, amount)) {
                *self.sums.entry((earner, token)).or_default() += amount;
            }
        }
    }
}

/// The rows of one (reward, day), ordered by earner and token id.
pub(crate) fn rows(reward_hash: Id, snapshot: Day, steps: &GroupRows) -> Vec<GoldRow> {
    macro_rules! input {
        ($staging:ident, $($rows:ident: $earner:ident $amount:ident),*) => {
            $($staging.add(steps.$rows.iter().map(|row| (row.$earner, row.token, &row.$amount)));)*
        };
    }
    let mut staging = Staging::default();
    input!(staging,
        staker_rewards: staker staker_tokens,
        operator_rewards: operator operator_tokens,
        rewards_for_all: staker staker_tokens,
        rfae_stakers: staker staker_tokens,
        rfae_operators: operator operator_tokens,
        operator_od: operator operator_tokens,
        staker_od: staker staker_tokens,
        avs_od: avs avs_tokens,
        operator_od_set: operator operator_tokens,
        staker_od_set: staker staker_tokens,
        avs_od_set: avs avs_tokens,
        operator_unique: operator operator_tokens,
        staker_unique: staker staker_tokens,
        avs_unique: avs avs_tokens,
        operator_total: operator operator_tokens,
        staker_total: staker staker_tokens,
        avs_total: avs avs_tokens
    );
    staging
        .sums
        .into_iter()
        .map(|((earner, token), amount)| GoldRow { earner, snapshot, reward_hash, token, amount })
        .collect()
}
