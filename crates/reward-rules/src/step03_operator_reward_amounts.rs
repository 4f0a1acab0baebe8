//! Step 3, `gold_3_operator_reward_amounts` (spec/03 §3): the operators' parts of step 2, summed per operator.

use pg_numeric::Numeric;

use crate::rows::step_row;
use crate::step02_staker_reward_amounts::StakerRewardAmount;
use crate::{Day, Dictionary, Id, V1Type};

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

/// Per operator: Σ of its tokens, and the position of its first row (smallest strategy text, then multiplier).
pub(crate) fn sum_by_operator<'a>(
    rows: impl Iterator<Item = (Id, Id, &'a Numeric, &'a Numeric)>,
    dictionary: &Dictionary,
) -> Vec<(Id, Numeric, usize)> {
    let mut sums: Vec<(Id, Id, &Numeric, usize, &Numeric)> = rows
        .enumerate()
        .map(|(position, (operator, strategy, multiplier, tokens))| (operator, strategy, multiplier, position, tokens))
        .collect();
    sums.sort_by(|a, b| {
        (a.0.cmp(&b.0))
            .then_with(|| dictionary.text(a.1).cmp(dictionary.text(b.1)))
            .then_with(|| a.2.cmp(b.2))
            .then(a.3.cmp(&b.3))
    });
    let mut groups: Vec<(Id, Numeric, usize)> = Vec::new();
    for (operator, _, _, position, tokens) in sums {
        match groups.last_mut() {
            Some((last, sum, _)) if *last == operator => *sum += tokens,
            _ => groups.push((operator, tokens.clone(), position)),
        }
    }
    groups
}

/// The rows of one (reward, day).
pub(crate) fn rows(stakers: &[StakerRewardAmount], dictionary: &Dictionary) -> Vec<OperatorRewardAmount> {
    let sums = sum_by_operator(
        stakers.iter().map(|row| (row.operator, row.strategy, &row.multiplier, &row.operator_tokens)),
        dictionary,
    );
    sums.into_iter()
        .map(|(operator, operator_tokens, first)| {
            let first = &stakers[first];
            OperatorRewardAmount {
                reward_hash: first.reward_hash,
                snapshot: first.snapshot,
                token: first.token,
                tokens_per_day: first.tokens_per_day,
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
