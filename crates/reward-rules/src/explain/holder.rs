//! What a holder of shares gets of `all_stakers` rewards (step 4).

use pg_numeric::Numeric;

use super::facts::facts;
use super::staker::payout_words;
use super::weight::{Term, Weight};
use super::{Facts, Ground};
use crate::rows::Cell;
use crate::stakers::{Offers, terms_of_holder};
use crate::step04_rewards_for_all::HolderPart;
use crate::{DayState, Dictionary, Id, PayoutRule, Rules};

/// A holder's amount.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Who.
    pub staker: Id,
    /// Its weight among all holders.
    pub weight: Weight,
    /// The pool of the day as float8, exactly as used.
    pub tokens_per_day_float: f64,
    /// The pool of the day, floored; used in strict mode.
    pub tokens_per_day: Numeric,
    /// The rule behind it: in float8, or exact in strict mode.
    pub payout_rule: PayoutRule,
    /// The amount.
    pub tokens: Numeric,
}

impl Holder {
    pub(crate) fn new(part: &HolderPart<'_>, state: &DayState, offers: &Offers<'_>, rules: &Rules) -> Self {
        let mut terms = Vec::new();
        terms_of_holder(state, offers, part.weighted.staker, |offer, shares, weight| {
            terms.push(Term::of(offer, shares, weight));
        });
        Self {
            staker: part.weighted.staker,
            weight: Weight::of(terms, part.weighted, part.total_weight, &part.proportion),
            tokens_per_day_float: part.line.tokens_per_day,
            tokens_per_day: part.line.tokens_per_day_decimal.clone(),
            payout_rule: if rules.floats() { PayoutRule::FloatText } else { PayoutRule::Exact },
            tokens: part.tokens.clone(),
        }
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let mut facts = self.weight.facts(dictionary);
        facts.extend(facts!(dictionary;
            tokens_per_day_float: self.tokens_per_day_float,
            payout_rule: self.payout_rule.name(),
            staker_tokens: self.tokens,
        ));
        facts
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        let mut words = vec!["all holders of shares earn, delegated or not; there is no operator's part".to_owned()];
        words.extend(self.weight.words("all holders", dictionary));
        let proportion = Cell::text(&self.weight.proportion, dictionary);
        words.push(format!(
            "amount: {} (the rule on all dates)",
            payout_words(self.payout_rule, &proportion, &self.tokens_per_day, self.tokens_per_day_float, &self.tokens)
        ));
        words
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        self.weight.staker_grounds(self.staker).collect()
    }
}
