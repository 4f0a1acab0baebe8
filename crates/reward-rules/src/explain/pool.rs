//! What operators and their stakers get of the pool of an operator set (steps 16, 17, 19, 20).

use pg_numeric::{Numeric, NumericError};

use super::facts::facts;
use super::rounding::{cut_words, floored};
use super::staker::{split_ground, split_words};
use super::weight::{Term, Weight, allocation_of};
use super::{Facts, Ground};
use crate::reward::StakeLine;
use crate::rows::Cell;
use crate::step16_operator_operator_set_unique_stake_rewards::{PoolPart, allocated_weight, pool_term};
use crate::step17_staker_operator_set_unique_stake_rewards::{PoolStaker, each_term, lines_of};
use crate::step19_operator_operator_set_total_stake_rewards::total_weight;
use crate::{DayState, Dictionary, Id, RuleError, SetId, Split, StakeType};

/// What comes to an operator and its stakers of a pool.
#[derive(Clone, Debug)]
pub struct PoolOperator {
    /// The operator set.
    pub set: SetId,
    /// Who.
    pub operator: Id,
    /// The pool of the day.
    pub pool: Numeric,
    /// The operator's weight among the set's operators; there is no proportion.
    pub weight: Weight,
    /// What the operator and its stakers get together.
    pub tokens: Numeric,
    /// Its split.
    pub split: Split,
    /// Its part.
    pub operator_tokens: Numeric,
}

/// What shares with an operator weigh in a strategy: as far as they are allocated, or all of them; `None` if the line does not
/// count for it.
fn weigh(
    kind: StakeType,
    state: &DayState,
    operator: Id,
    line: &StakeLine,
    shares: &Numeric,
) -> Option<Result<Numeric, NumericError>> {
    match kind {
        StakeType::UniqueStake => allocated_weight(state, operator, line, shares),
        StakeType::TotalStake => total_weight(line, shares),
    }
}

fn term(kind: StakeType, state: &DayState, operator: Id, line: &StakeLine, shares: &Numeric, weight: Numeric) -> Term {
    let allocation = match kind {
        StakeType::UniqueStake => allocation_of(state, operator, line.set, line.strategy),
        StakeType::TotalStake => None,
    };
    let (strategy, multiplier) = (line.strategy, line.multiplier.clone());
    Term { strategy, shares: shares.clone(), allocation, multiplier, weight }
}

impl PoolOperator {
    pub(crate) fn new(part: &PoolPart<'_>, active: &[&StakeLine], kind: StakeType, state: &DayState) -> Self {
        let operator = part.operator;
        let mut terms = Vec::new();
        for line in active.iter().filter(|line| line.reward_type == kind && state.set_registered(line.set, operator)) {
            let weigh = |operator, line: &StakeLine, shares: &Numeric| weigh(kind, state, operator, line, shares);
            // The part is there, so none of its terms failed.
            if let Some((shares, Ok(weight))) = pool_term(operator, line, state, weigh) {
                terms.push(term(kind, state, operator, line, shares, weight));
            }
        }
        let weight = Weight { terms, weight: part.weight.clone(), total: part.total_weight.clone(), proportion: None };
        Self {
            set: part.line.set,
            operator,
            pool: part.line.tokens_per_day_decimal.clone(),
            weight,
            tokens: part.tokens.clone(),
            split: part.split,
            operator_tokens: part.operator_tokens.clone(),
        }
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let mut facts = facts!(dictionary; operator: self.operator, tokens_per_day: self.pool);
        facts.extend(self.weight.facts(dictionary));
        facts.extend(facts!(dictionary;
            tokens: self.tokens,
            split_bips: self.split.bips,
            split_from: self.split.from.name(),
            operator_tokens: self.operator_tokens,
        ));
        facts
    }

    /// For the operator and its stakers.
    fn words_of_tokens(&self, dictionary: &Dictionary) -> Vec<String> {
        let mut words = self.weight.words("the set's operators", dictionary);
        words.push(format!(
            "for the operator and its stakers: {}",
            floored(&self.pool, &self.weight.weight, &self.weight.total, &self.tokens)
        ));
        words.push(format!(
            "the operator's part: {} ({})",
            cut_words(&self.tokens, self.split.bips, &self.operator_tokens),
            split_words(self.split)
        ));
        words
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        self.words_of_tokens(dictionary)
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        let (operator, set) = (self.operator, self.set);
        let mut grounds = vec![Ground::SetRegistration { operator, set }];
        grounds
            .extend(self.weight.terms.iter().map(|term| Ground::OperatorShares { operator, strategy: term.strategy }));
        grounds.extend(self.weight.allocation_grounds(operator, set));
        grounds.extend(split_ground(self.split, Ground::SetSplit { operator, set }));
        grounds
    }
}

/// A staker's amount.
#[derive(Clone, Debug)]
pub struct StakerOfPool {
    /// Who.
    pub staker: Id,
    /// What comes to its operator.
    pub operator: PoolOperator,
    /// What the operator does not keep.
    pub staker_split: Numeric,
    /// Its weight among the operator's stakers.
    pub weight: Weight,
    /// The amount.
    pub tokens: Numeric,
}

impl StakerOfPool {
    pub(crate) fn new(
        part: &PoolStaker<'_>,
        active: &[&StakeLine],
        kind: StakeType,
        state: &DayState,
    ) -> Result<Self, RuleError> {
        let operator = part.pool.operator;
        let mut terms = Vec::new();
        let lines = lines_of(part.pool, active);
        let weigh = |line: &StakeLine, shares: &Numeric| weigh(kind, state, operator, line, shares);
        each_term(part.staker, &lines, state, weigh, |line, shares, weight| {
            // The part is there, so none of its terms failed.
            if let Ok(weight) = weight {
                terms.push(term(kind, state, operator, line, shares, weight));
            }
            Ok(())
        })?;
        Ok(Self {
            staker: part.staker,
            operator: PoolOperator::new(part.pool, active, kind, state),
            staker_split: part.staker_split_total.clone(),
            weight: Weight {
                terms,
                weight: part.weight.clone(),
                total: part.total_weight.clone(),
                proportion: part.proportion.as_ref().map(crate::amounts::Proportion::numeric),
            },
            tokens: part.tokens.clone(),
        })
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let mut facts = vec![("operator_of_staker", super::Fact::List(vec![self.operator.facts(dictionary)]))];
        facts.extend(facts!(dictionary; staker_split: self.staker_split));
        facts.extend(self.weight.facts(dictionary));
        facts.extend(facts!(dictionary; staker_tokens: self.tokens));
        facts
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        let PoolOperator { operator, tokens, operator_tokens, .. } = &self.operator;
        let mut words = vec![format!("delegated to operator {}; of the operator:", dictionary.text(*operator))];
        words.extend(self.operator.words_of_tokens(dictionary).into_iter().map(|line| format!("  {line}")));
        words.push(format!("for its stakers: {tokens} − {operator_tokens} = {}", self.staker_split));
        words.extend(self.weight.words("the operator's stakers that count", dictionary));
        words.push(if self.weight.proportion.is_some() {
            let proportion = Cell::text(&self.weight.proportion, dictionary);
            format!("amount: floor({proportion} × {}) = {}", self.staker_split, self.tokens)
        } else {
            format!("amount: {}, as the stakers weigh nothing together", self.tokens)
        });
        words
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        let mut grounds = vec![Ground::Delegation { staker: self.staker }];
        grounds.extend(self.weight.staker_grounds(self.staker));
        grounds.extend(self.operator.grounds());
        grounds
    }
}
