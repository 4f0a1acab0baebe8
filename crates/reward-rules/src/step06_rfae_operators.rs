//! Step 6, `gold_6_rfae_operators` (spec/03 §6): the operators' parts of step 5, summed per operator.

use pg_numeric::Numeric;

use crate::rows::step_row;
use crate::step03_operator_reward_amounts::sum_by_operator;
use crate::step05_rfae_stakers::RfaeStaker;
use crate::{Day, Dictionary, Id, V1Type};

step_row! {
    /// A row of step 6 (spec/03 §6).
    RfaeOperators => RfaeOperator {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_day_decimal: Numeric,
        avs: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_type: V1Type,
        operator: Id,
        operator_tokens: Numeric,
    }
}

/// The rows of one (reward, day).
pub(crate) fn rows(stakers: &[RfaeStaker], dictionary: &Dictionary) -> Vec<RfaeOperator> {
    let sums = sum_by_operator(
        stakers.iter().map(|row| (row.operator, row.strategy, &row.multiplier, &row.operator_tokens)),
        dictionary,
    );
    sums.into_iter()
        .map(|(operator, operator_tokens, first)| {
            let first = &stakers[first];
            RfaeOperator {
                reward_hash: first.reward_hash,
                snapshot: first.snapshot,
                token: first.token,
                tokens_per_day_decimal: first.tokens_per_day_decimal.clone(),
                avs: first.avs,
                strategy: first.strategy,
                multiplier: first.multiplier.clone(),
                reward_type: first.reward_type,
                operator,
                operator_tokens,
            }
        })
        .collect()
}
