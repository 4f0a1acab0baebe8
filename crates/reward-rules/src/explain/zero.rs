//! Why an amount that is there is zero (Q11).

use pg_numeric::Numeric;

use super::refund::RefundOf;
use super::{Derivation, Weight, WhyNot};
use crate::{OperatorRule, Split};

/// The reason why a derived amount is zero.
pub(crate) fn reason(derivation: &Derivation) -> WhyNot {
    match derivation {
        Derivation::Staker(staker) if staker.payout.is_zero() => shared(&staker.tokens_per_day, &staker.weight),
        Derivation::Staker(staker) => WhyNot::SplitTakesAll { split: split_of(staker.operator_rule) },
        Derivation::Operator(operator) => {
            let split = operator.contributions.first().and_then(|first| split_of(first.rule));
            let unpaid = operator.contributions.iter().all(|of| of.payout.is_zero());
            kept(split.filter(|_| !unpaid))
        }
        Derivation::Holder(holder) => shared(&holder.tokens_per_day, &holder.weight),
        Derivation::DirectedOperator(operator) if operator.directed.tokens_per_day.is_zero() => WhyNot::PoolIsZero,
        Derivation::DirectedOperator(operator) => kept(Some(operator.split)),
        Derivation::DirectedStaker(staker) if staker.directed.tokens_per_day.is_zero() => WhyNot::PoolIsZero,
        Derivation::DirectedStaker(staker) if staker.staker_split.is_zero() => {
            WhyNot::SplitTakesAll { split: Some(staker.split) }
        }
        Derivation::DirectedStaker(staker) => shared(&staker.staker_split, &staker.weight),
        Derivation::PoolOperator(operator) if operator.tokens.is_zero() => shared(&operator.pool, &operator.weight),
        Derivation::PoolOperator(operator) => kept(Some(operator.split)),
        Derivation::StakerOfPool(staker) if staker.operator.tokens.is_zero() => {
            shared(&staker.operator.pool, &staker.operator.weight)
        }
        Derivation::StakerOfPool(staker) if staker.staker_split.is_zero() => {
            WhyNot::SplitTakesAll { split: Some(staker.operator.split) }
        }
        Derivation::StakerOfPool(staker) => shared(&staker.staker_split, &staker.weight),
        Derivation::Refund(refund) => match &refund.of {
            RefundOf::UnpayableStakers(operators) => match operators.first() {
                Some((directed, split, _)) if !directed.tokens_per_day.is_zero() => {
                    WhyNot::SplitTakesAll { split: Some(*split) }
                }
                _ => WhyNot::PoolIsZero,
            },
            RefundOf::Unregistered(_) | RefundOf::Pool(_) => WhyNot::PoolIsZero,
        },
    }
}

fn split_of(rule: OperatorRule) -> Option<Split> {
    match rule {
        OperatorRule::Split(split) => Some(split),
        OperatorRule::TenPercentRounded | OperatorRule::TenPercentFloored => None,
    }
}

/// A part of an amount is zero.
fn shared(amount: &Numeric, weight: &Weight) -> WhyNot {
    if amount.is_zero() {
        WhyNot::PoolIsZero
    } else if weight.weight.is_zero() || weight.proportion.as_ref().is_some_and(Numeric::is_zero) {
        WhyNot::ProportionIsZero { weight: weight.weight.clone(), total: weight.total.clone() }
    } else {
        WhyNot::LessThanOne
    }
}

/// What an operator takes of an amount is zero.
fn kept(split: Option<Split>) -> WhyNot {
    match split {
        Some(split) if split.bips == 0 => WhyNot::SplitLeavesNothing { split },
        Some(_) | None => WhyNot::LessThanOne,
    }
}
