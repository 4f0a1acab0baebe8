//! What operators and their stakers get of operator-directed rewards (steps 8, 9, 12, 13).

use pg_numeric::Numeric;

use super::facts::facts;
use super::rounding::cut_words;
use super::staker::{split_ground, split_words};
use super::weight::{Term, Weight};
use super::{Facts, Ground};
use crate::reward::OdLine;
use crate::rows::Cell;
use crate::stakers::{Offers, terms_of};
use crate::step08_operator_od_reward_amounts::{OperatorPart, set_of};
use crate::step09_staker_od_reward_amounts::StakerPart;
use crate::{DayState, Dictionary, Id, SetId, Split};

/// What a submission directs to an operator for one day.
#[derive(Clone, Debug)]
pub struct Directed {
    /// The AVS of the submission.
    pub avs: Id,
    /// The operator set, if it is one's.
    pub set: Option<SetId>,
    /// The operator.
    pub operator: Id,
    /// Its amount for the whole duration.
    pub amount: Numeric,
    /// On how many days of the run's window it was registered.
    pub registered_days: i64,
    /// The duration in seconds.
    pub duration: i64,
    /// What comes to one registered day, or to every day if there is none.
    pub tokens_per_day: Numeric,
}

impl Directed {
    pub(crate) fn of(line: &OdLine) -> Self {
        Self {
            avs: line.avs,
            set: set_of(line),
            operator: line.operator,
            amount: line.amount_decimal.clone(),
            registered_days: line.num_registered_snapshots,
            duration: line.duration,
            tokens_per_day: line.tokens_per_registered_snapshot_decimal.clone(),
        }
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        facts!(dictionary;
            operator: self.operator,
            operator_amount: self.amount,
            num_registered_snapshots: self.registered_days,
            tokens_per_registered_snapshot: self.tokens_per_day,
        )
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> String {
        let operator = dictionary.text(self.operator);
        let (amount, tokens) = (&self.amount, &self.tokens_per_day);
        match self.registered_days {
            0 => format!(
                "operator {operator} was registered on no day of the run's window: floor({amount} / {} days) = {tokens} for each day",
                self.duration / 86_400
            ),
            days => format!(
                "operator {operator} was registered on {days} {} of the run's window: floor({amount} / {days}) = {tokens} for each",
                if days == 1 { "day" } else { "days" }
            ),
        }
    }

    pub(crate) fn registration(&self) -> Ground {
        let operator = self.operator;
        match self.set {
            Some(set) => Ground::SetRegistration { operator, set },
            None => Ground::AvsRegistration { operator, avs: self.avs },
        }
    }

    pub(crate) fn split_ground(&self, split: Split) -> Option<Ground> {
        let operator = self.operator;
        let own = match self.set {
            Some(set) => Ground::SetSplit { operator, set },
            None => Ground::AvsSplit { operator, avs: self.avs },
        };
        split_ground(split, own)
    }
}

/// An operator's amount.
#[derive(Clone, Debug)]
pub struct DirectedOperator {
    /// What is directed to it.
    pub directed: Directed,
    /// Its split.
    pub split: Split,
    /// Its part.
    pub tokens: Numeric,
}

impl DirectedOperator {
    pub(crate) fn new(part: &OperatorPart<'_>) -> Self {
        Self { directed: Directed::of(part.line), split: part.split, tokens: part.operator_tokens.clone() }
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let mut facts = self.directed.facts(dictionary);
        facts.extend(facts!(dictionary;
            split_bips: self.split.bips,
            split_from: self.split.from.name(),
            operator_tokens: self.tokens,
        ));
        facts
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        vec![
            self.directed.words(dictionary),
            format!(
                "the operator's part: {} ({})",
                cut_words(&self.directed.tokens_per_day, self.split.bips, &self.tokens),
                split_words(self.split)
            ),
        ]
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        let mut grounds = vec![self.directed.registration()];
        grounds.extend(self.directed.split_ground(self.split));
        grounds
    }
}

/// A staker's amount.
#[derive(Clone, Debug)]
pub struct DirectedStaker {
    /// Who.
    pub staker: Id,
    /// What is directed to its operator.
    pub directed: Directed,
    /// The operator's split.
    pub split: Split,
    /// What the split leaves to the stakers.
    pub staker_split: Numeric,
    /// Its weight among the operator's stakers.
    pub weight: Weight,
    /// The amount.
    pub tokens: Numeric,
}

impl DirectedStaker {
    pub(crate) fn new(part: &StakerPart<'_>, split: Split, state: &DayState, offers: &Offers<'_>) -> Self {
        let mut terms = Vec::new();
        terms_of(state, offers, part.weighted.staker, |_, offer, shares, weight| {
            terms.push(Term::of(offer, shares, weight));
        });
        Self {
            staker: part.weighted.staker,
            directed: Directed::of(part.line),
            split,
            staker_split: part.staker_split.clone(),
            weight: Weight::of(terms, part.weighted, part.total_weight, &part.proportion),
            tokens: part.staker_tokens.clone(),
        }
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let mut facts = self.directed.facts(dictionary);
        facts.extend(facts!(dictionary;
            split_bips: self.split.bips,
            split_from: self.split.from.name(),
            staker_split: self.staker_split,
        ));
        facts.extend(self.weight.facts(dictionary));
        facts.extend(facts!(dictionary; staker_tokens: self.tokens));
        facts
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        let Split { bips, .. } = self.split;
        let tokens = &self.directed.tokens_per_day;
        let mut words = vec![format!("delegated to operator {}", dictionary.text(self.directed.operator))];
        words.push(self.directed.words(dictionary));
        words.push(format!(
            "for its stakers: {}, {tokens} less that is {} ({})",
            cut_words(tokens, bips, &(tokens - &self.staker_split)),
            self.staker_split,
            split_words(self.split)
        ));
        words.extend(self.weight.words("the operator's stakers that count", dictionary));
        let proportion = Cell::text(&self.weight.proportion, dictionary);
        words.push(format!("amount: floor({proportion} × {}) = {}", self.staker_split, self.tokens));
        words
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        let mut grounds = vec![Ground::Delegation { staker: self.staker }, self.directed.registration()];
        if let Some(set) = self.directed.set {
            grounds.extend(self.weight.terms.iter().map(|term| Ground::SetStrategy { set, strategy: term.strategy }));
        }
        grounds.extend(self.weight.staker_grounds(self.staker));
        grounds.extend(self.directed.split_ground(self.split));
        grounds
    }
}
