//! How a weight comes about: shares × multiplier, strategy by strategy, and its part of the total.

use pg_numeric::Numeric;

use super::facts::facts;
use super::rounding::quotient;
use super::{Fact, Facts, Ground};
use crate::amounts::{Proportion, prop};
use crate::stakers::{Offer, Weighted};
use crate::{DayState, Dictionary, Id, SetId};

/// One strategy's part of a weight.
#[derive(Clone, Debug)]
pub struct Term {
    /// The strategy.
    pub strategy: Id,
    /// Shares in it.
    pub shares: Numeric,
    /// Magnitude and max magnitude of the operator's allocation, where stake counts as far as it is allocated (steps 16, 17).
    pub allocation: Option<(Numeric, Numeric)>,
    /// What the submission says the strategy weighs.
    pub multiplier: Numeric,
    /// What comes of it.
    pub weight: Numeric,
}

impl Term {
    /// Of shares that count in full.
    pub(crate) fn of(offer: &Offer<'_>, shares: &Numeric, weight: Numeric) -> Self {
        Self {
            strategy: offer.strategy,
            shares: shares.clone(),
            allocation: None,
            multiplier: offer.multiplier.clone(),
            weight,
        }
    }
}

/// Somebody's weight in a total.
#[derive(Clone, Debug)]
pub struct Weight {
    /// What it is the sum of.
    pub terms: Vec<Term>,
    /// Σ of the terms.
    pub weight: Numeric,
    /// Σ of the weights of everybody with whom the amount is shared.
    pub total: Numeric,
    /// The part in the total cut to 15 decimals, where the rule makes one.
    pub proportion: Option<Numeric>,
}

impl Weight {
    /// Of a staker among those with whom it shares.
    pub(crate) fn of(terms: Vec<Term>, staker: &Weighted<'_>, total: &Numeric, proportion: &Proportion) -> Self {
        Self { terms, weight: staker.weight.clone(), total: total.clone(), proportion: Some(proportion.numeric()) }
    }

    /// The sum of the terms, which is the weight that was used.
    #[must_use]
    pub fn sum_of_terms(&self) -> Numeric {
        self.terms.iter().map(|term| &term.weight).sum()
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let terms = self.terms.iter().map(|term| {
            let mut facts = facts!(dictionary; strategy: term.strategy, shares: term.shares);
            if let Some((magnitude, max_magnitude)) = &term.allocation {
                facts.extend(facts!(dictionary; magnitude: magnitude, max_magnitude: max_magnitude));
            }
            facts.extend(facts!(dictionary; multiplier: term.multiplier, weight: term.weight));
            facts
        });
        let mut facts = vec![("terms", Fact::List(terms.collect()))];
        facts.extend(facts!(dictionary; weight: self.weight, total_weight: self.total));
        if let Some(proportion) = &self.proportion {
            let quotient = quotient(&self.weight, &self.total);
            facts.extend(facts!(dictionary; quotient: quotient, proportion: proportion));
        }
        facts
    }

    /// `among` says who shares the total.
    pub(crate) fn words(&self, among: &str, dictionary: &Dictionary) -> Vec<String> {
        let mut words: Vec<String> = (self.terms.iter())
            .map(|Term { strategy, shares, allocation, multiplier, weight }| {
                let stake = match allocation {
                    Some((magnitude, max_magnitude)) => {
                        format!("shares {shares} × magnitude {magnitude} / max magnitude {max_magnitude}")
                    }
                    None => format!("shares {shares}"),
                };
                format!("strategy {}: {stake} × multiplier {multiplier} = {weight}", dictionary.text(*strategy))
            })
            .collect();
        words.push(format!("weight: {}; total weight of {among}: {}", self.weight, self.total));
        if let Some(proportion) = &self.proportion {
            let (weight, total) = (&self.weight, &self.total);
            let as_divided = match quotient(weight, total) {
                Some(quotient) if prop(weight, total).is_ok_and(|rounded| rounded == *proportion) => {
                    format!(" = {quotient} as PostgreSQL divides")
                }
                // In strict mode, what would have been rounded up.
                _ => String::new(),
            };
            words.push(format!("proportion: {weight} / {total}{as_divided}, cut to 15 decimals: {proportion}"));
        }
        words
    }

    /// The shares of a staker behind it, and what its operator has allocated.
    pub(crate) fn staker_grounds(&self, staker: Id) -> impl Iterator<Item = Ground> {
        self.terms.iter().map(move |term| Ground::StakerShares { staker, strategy: term.strategy })
    }

    /// The allocations behind it.
    pub(crate) fn allocation_grounds(&self, operator: Id, set: SetId) -> impl Iterator<Item = Ground> {
        let allocated = self.terms.iter().filter(|term| term.allocation.is_some());
        allocated.flat_map(move |&Term { strategy, .. }| {
            [Ground::Allocation { operator, set, strategy }, Ground::MaxMagnitude { operator, strategy }]
        })
    }
}

/// Magnitudes as the rules see them.
pub(crate) fn allocation_of(state: &DayState, operator: Id, set: SetId, strategy: Id) -> Option<(Numeric, Numeric)> {
    state
        .allocation(operator, set, strategy)
        .map(|(magnitude, max_magnitude)| (magnitude.clone(), max_magnitude.clone()))
}
