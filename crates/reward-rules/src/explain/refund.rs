//! What goes back to an AVS (steps 10, 14, 18, 21).

use pg_numeric::Numeric;

use super::directed::Directed;
use super::facts::facts;
use super::rounding::cut_words;
use super::staker::split_words;
use super::{Fact, Facts, Ground};
use crate::{Dictionary, Id, SetId, Split};

/// Why something goes back.
#[derive(Clone, Debug)]
pub enum RefundOf {
    /// What is directed to operators that were registered on no day of the window (steps 10 and 14 A).
    Unregistered(Vec<Directed>),
    /// The stakers' part of registered operators, as no strategy of the submission is registered with the set (step 14 B), with
    /// the splits and the parts.
    UnpayableStakers(Vec<(Directed, Split, Numeric)>),
    /// The pool of an operator set of which nothing was distributed (steps 18 and 21).
    Pool(SetId),
}

/// An AVS's amount.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Who.
    pub avs: Id,
    /// Why.
    pub of: RefundOf,
    /// The amount.
    pub tokens: Numeric,
}

impl Refund {
    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let operators: Vec<Facts> = match &self.of {
            RefundOf::Unregistered(operators) => operators.iter().map(|directed| directed.facts(dictionary)).collect(),
            RefundOf::UnpayableStakers(operators) => (operators.iter())
                .map(|(directed, split, staker_split)| {
                    let mut facts = directed.facts(dictionary);
                    facts.extend(facts!(dictionary;
                        split_bips: split.bips,
                        split_from: split.from.name(),
                        staker_split: staker_split,
                    ));
                    facts
                })
                .collect(),
            RefundOf::Pool(_) => Vec::new(),
        };
        let mut facts = facts!(dictionary; refund_of: self.of.name());
        if !operators.is_empty() {
            facts.push(("operators", Fact::List(operators)));
        }
        facts.extend(facts!(dictionary; avs_tokens: self.tokens));
        facts
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        let mut words = Vec::new();
        match &self.of {
            RefundOf::Unregistered(operators) => {
                words.extend(operators.iter().map(|directed| directed.words(dictionary)));
            }
            RefundOf::UnpayableStakers(operators) => {
                words.push(
                    "none of the submission's strategies is registered with the operator set that day".to_owned(),
                );
                for (directed, split, staker_split) in operators {
                    let tokens = &directed.tokens_per_day;
                    words.push(directed.words(dictionary));
                    words.push(format!(
                        "its stakers' part: {}, {tokens} less that is {staker_split} ({})",
                        cut_words(tokens, split.bips, &(tokens - staker_split)),
                        split_words(*split)
                    ));
                }
            }
            RefundOf::Pool(set) => words.push(format!(
                "nothing of the day's pool was distributed in {}: all of it goes back",
                super::ground::set_words(*set, dictionary)
            )),
        }
        words.push(format!("refund to AVS {}: {}", dictionary.text(self.avs), self.tokens));
        words
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        match &self.of {
            RefundOf::Unregistered(operators) => operators.iter().map(Directed::registration).collect(),
            RefundOf::UnpayableStakers(operators) => (operators.iter())
                .flat_map(|(directed, split, _)| {
                    [Some(directed.registration()), directed.split_ground(*split)].into_iter().flatten()
                })
                .collect(),
            RefundOf::Pool(_) => Vec::new(),
        }
    }
}

impl RefundOf {
    /// The pinned name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unregistered(_) => "unregistered_operators",
            Self::UnpayableStakers(_) => "unpayable_stakers",
            Self::Pool(_) => "undistributed_pool",
        }
    }
}
