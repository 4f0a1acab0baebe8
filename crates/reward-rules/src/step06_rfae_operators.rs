//! Step 6, `gold_6_rfae_operators` (spec/03 §6): the operators' parts of step 5, summed per operator
//! as in step 3.

use pg_numeric::Numeric;

use crate::rows::step_row;
use crate::step03_operator_reward_amounts::OperatorSum;
use crate::{Day, Id, V1Type};

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

/// The row of a sum.
pub(crate) fn row(sum: &OperatorSum<'_>, reward_hash: Id, snapshot: Day) -> RfaeOperator {
    RfaeOperator {
        reward_hash,
        snapshot,
        token: sum.line.token,
        tokens_per_day_decimal: sum.line.tokens_per_day_decimal.clone(),
        avs: sum.line.avs,
        strategy: sum.line.strategy,
        multiplier: sum.line.multiplier.clone(),
        reward_type: sum.line.reward_type,
        operator: sum.operator,
        operator_tokens: sum.tokens.clone(),
    }
}
