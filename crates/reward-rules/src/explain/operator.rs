//! What an operator gets of its stakers' payouts (steps 3 and 6).

use pg_numeric::Numeric;

use super::facts::facts;
use super::staker::{operator_rule_facts, operator_words, split_ground};
use super::{Fact, Facts, Ground};
use crate::{Dictionary, Id, OperatorRule};

/// The operator's part of one staker's payout.
#[derive(Clone, Debug)]
pub struct Contribution {
    /// Of whom.
    pub staker: Id,
    /// What both get together.
    pub payout: Numeric,
    /// The rule, which may differ from staker to staker by the AVS of the first row.
    pub rule: OperatorRule,
    /// The operator's part.
    pub tokens: Numeric,
}

/// An operator's amount: the sum over its stakers.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The AVS of the submission.
    pub avs: Id,
    /// Who.
    pub operator: Id,
    /// Whether it earns by being registered with the AVS (step 3), not with any (step 6).
    pub of_avs: bool,
    /// Its part of the payout of each of its stakers.
    pub contributions: Vec<Contribution>,
    /// Their sum.
    pub tokens: Numeric,
}

impl Operator {
    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let contributions = self.contributions.iter().map(|Contribution { staker, payout, rule, tokens }| {
            let mut facts = facts!(dictionary; staker: staker, payout: payout);
            facts.extend(operator_rule_facts(*rule, dictionary));
            facts.extend(facts!(dictionary; operator_tokens: tokens));
            facts
        });
        let mut facts = vec![("stakers", Fact::List(contributions.collect()))];
        facts.extend(facts!(dictionary; operator_tokens: self.tokens));
        facts
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        let mut words: Vec<String> = (self.contributions.iter())
            .map(|Contribution { staker, payout, rule, tokens }| {
                format!("of staker {}: {}", dictionary.text(*staker), operator_words(*rule, payout, tokens))
            })
            .collect();
        let count = self.contributions.len();
        let stakers = if count == 1 { "its staker".to_owned() } else { format!("its {count} stakers") };
        words.push(format!("sum over {stakers}: {}", self.tokens));
        words
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        let (operator, avs) = (self.operator, self.avs);
        let (registration, split) = if self.of_avs {
            (Ground::AvsRegistration { operator, avs }, Ground::AvsSplit { operator, avs })
        } else {
            (Ground::AnyRegistration { operator }, Ground::PiSplit { operator })
        };
        let mut grounds = vec![registration];
        if let Some(Contribution { rule: OperatorRule::Split(known), .. }) = self.contributions.first() {
            grounds.extend(split_ground(*known, split));
        }
        grounds
    }
}
