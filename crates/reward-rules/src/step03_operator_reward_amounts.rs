//! Step 3, `gold_3_operator_reward_amounts` (spec/03 §3): the operators' parts of step 2, summed per operator.

use pg_numeric::Numeric;

use crate::reward::V1Line;
use crate::rows::step_row;
use crate::step02_staker_reward_amounts::StakerPart;
use crate::{Day, Id, IdMap, V1Type};

step_row! {
    /// A row of step 3 (spec/03 §3).
    OperatorRewardAmounts => OperatorRewardAmount {
        reward_hash: Id,
        snapshot: Day,
        token: Id,
        tokens_per_day: f64,
        avs: Id,
        strategy: Id,
        multiplier: Numeric,
        reward_type: V1Type,
        operator: Id,
        operator_tokens: Numeric,
    }
}

/// Σ of the operators' tokens (steps 3 and 6), each with its first row: the smallest strategy text, then multiplier, which is
/// the order of the lines.
#[derive(Default)]
pub(crate) struct OperatorSums<'a> {
    sums: Vec<OperatorSum<'a>>,
    positions: IdMap<Id, usize>,
    last: usize,
}

/// What an operator gets, with the position of the first line among the active ones.
pub(crate) struct OperatorSum<'a> {
    pub(crate) operator: Id,
    first: usize,
    pub(crate) line: &'a V1Line,
    pub(crate) tokens: Numeric,
}

impl<'a> OperatorSums<'a> {
    /// Adds the operator's part of a staker.
    pub(crate) fn add(&mut self, part: &StakerPart<'a, '_>) {
        let (operator, first) = (part.weighted.operator, part.weighted.line);
        // Most stakers have the operator of the staker before.
        if self.sums.get(self.last).is_none_or(|sum| sum.operator != operator) {
            self.last = *self.positions.entry(operator).or_insert(self.sums.len());
        }
        match self.sums.get_mut(self.last) {
            Some(sum) => {
                if first < sum.first {
                    (sum.first, sum.line) = (first, part.line);
                }
                sum.tokens += &part.operator_tokens;
            }
            None => {
                let tokens = part.operator_tokens.clone();
                self.sums.push(OperatorSum { operator, first, line: part.line, tokens });
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &OperatorSum<'a>> {
        self.sums.iter()
    }
}

/// The row of a sum.
pub(crate) fn row(sum: &OperatorSum<'_>, reward_hash: Id, snapshot: Day) -> OperatorRewardAmount {
    OperatorRewardAmount {
        reward_hash,
        snapshot,
        token: sum.line.token,
        tokens_per_day: sum.line.tokens_per_day,
        avs: sum.line.avs,
        strategy: sum.line.strategy,
        multiplier: sum.line.multiplier.clone(),
        reward_type: sum.line.reward_type,
        operator: sum.operator,
        operator_tokens: sum.tokens.clone(),
    }
}
