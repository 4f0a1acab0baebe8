//! What a staker gets of `avs` rewards and programmatic incentives (steps 2 and 5).

use pg_numeric::{Numeric, float8};

use super::facts::facts;
use super::rounding::cut_words;
use super::weight::{Term, Weight};
use super::{Facts, Ground};
use crate::rows::Cell;
use crate::stakers::{Offers, terms_of};
use crate::step02_staker_reward_amounts::StakerPart;
use crate::{DayState, Dictionary, Id, OperatorRule, PayoutRule, Split};

/// A staker's amount, and its operator's part.
#[derive(Clone, Debug)]
pub struct Staker {
    /// The AVS of the submission.
    pub avs: Id,
    /// Who.
    pub staker: Id,
    /// The operator it is delegated to.
    pub operator: Id,
    /// Whether the strategy counts only if the operator restakes it with the AVS (step 2).
    pub restaked: bool,
    /// Its weight among all stakers of the (submission, day).
    pub weight: Weight,
    /// The pool of the day, floored.
    pub tokens_per_day: Numeric,
    /// The pool of the day as float8, exactly as used by the early rules.
    pub tokens_per_day_float: f64,
    /// How the payout is computed.
    pub payout_rule: PayoutRule,
    /// What staker and operator get together.
    pub payout: Numeric,
    /// How it is divided.
    pub operator_rule: OperatorRule,
    /// The operator's part.
    pub operator_tokens: Numeric,
    /// The staker's part.
    pub staker_tokens: Numeric,
}

impl Staker {
    pub(crate) fn new(
        part: &StakerPart<'_, '_>,
        state: &DayState,
        offers: &Offers<'_>,
        payout_rule: PayoutRule,
        operator_rule: OperatorRule,
        restaked: bool,
    ) -> Self {
        let mut terms = Vec::new();
        terms_of(state, offers, part.weighted.staker, |_, offer, shares, weight| {
            terms.push(Term::of(offer, shares, weight));
        });
        Self {
            avs: part.line.avs,
            staker: part.weighted.staker,
            operator: part.weighted.operator,
            restaked,
            weight: Weight::of(terms, part.weighted, part.total_weight, &part.proportion),
            tokens_per_day: part.line.tokens_per_day_decimal.clone(),
            tokens_per_day_float: part.line.tokens_per_day,
            payout_rule,
            payout: part.payout.clone(),
            operator_rule,
            operator_tokens: part.operator_tokens.clone(),
            staker_tokens: part.staker_tokens.clone(),
        }
    }

    pub(crate) fn facts(&self, dictionary: &Dictionary) -> Facts {
        let mut facts = facts!(dictionary; operator: self.operator);
        facts.extend(self.weight.facts(dictionary));
        facts.extend(facts!(dictionary;
            tokens_per_day: self.tokens_per_day,
            tokens_per_day_float: self.tokens_per_day_float,
            payout_rule: self.payout_rule.name(),
            payout: self.payout,
        ));
        facts.extend(operator_rule_facts(self.operator_rule, dictionary));
        facts.extend(facts!(dictionary; operator_tokens: self.operator_tokens, staker_tokens: self.staker_tokens));
        facts
    }

    pub(crate) fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        let mut words = vec![format!("delegated to operator {}", dictionary.text(self.operator))];
        words.extend(self.weight.words("all stakers that count", dictionary));
        let proportion = Cell::text(&self.weight.proportion, dictionary);
        let rule = match (self.restaked, self.payout_rule) {
            (true, PayoutRule::Float15) => "the rule before Amazon",
            (true, PayoutRule::FloatText) => "the rule before Nile",
            (true, PayoutRule::Exact) => "the rule from Nile on, and always in strict mode",
            (false, _) => "the rule on all dates",
        };
        words.push(format!(
            "for staker and operator: {} ({rule})",
            payout_words(self.payout_rule, &proportion, &self.tokens_per_day, self.tokens_per_day_float, &self.payout)
        ));
        words.push(format!(
            "the operator's part: {}",
            operator_words(self.operator_rule, &self.payout, &self.operator_tokens)
        ));
        words.push(format!("the staker's part: {} − {} = {}", self.payout, self.operator_tokens, self.staker_tokens));
        words
    }

    pub(crate) fn grounds(&self) -> Vec<Ground> {
        let (operator, avs, staker) = (self.operator, self.avs, self.staker);
        let mut grounds = vec![Ground::Delegation { staker }];
        if self.restaked {
            grounds.push(Ground::AvsRegistration { operator, avs });
            grounds.extend(self.weight.terms.iter().map(|term| Ground::Restaked {
                operator,
                avs,
                strategy: term.strategy,
            }));
        } else {
            grounds.push(Ground::AnyRegistration { operator });
        }
        grounds.extend(self.weight.staker_grounds(staker));
        if let OperatorRule::Split(split) = self.operator_rule {
            let own = if self.restaked { Ground::AvsSplit { operator, avs } } else { Ground::PiSplit { operator } };
            grounds.extend(split_ground(split, own));
        }
        grounds
    }
}

/// The event behind a split, if one has set it.
pub(crate) fn split_ground(split: Split, own: Ground) -> Option<Ground> {
    match split.from {
        crate::SplitSource::Operator => Some(own),
        crate::SplitSource::Default => Some(Ground::DefaultSplit),
        crate::SplitSource::Fallback => None,
    }
}

/// `1000 bips, set by the operator`
pub(crate) fn split_words(split: Split) -> String {
    let from = match split.from {
        crate::SplitSource::Operator => "set by the operator",
        crate::SplitSource::Default => "the default split",
        crate::SplitSource::Fallback => "neither set by the operator nor by a default in force",
    };
    format!("split {} bips, {from}", split.bips)
}

/// What an amount in float8 or exact is, in words.
pub(crate) fn payout_words(
    rule: PayoutRule,
    proportion: &str,
    tokens_per_day: &Numeric,
    tokens_per_day_float: f64,
    payout: &Numeric,
) -> String {
    let float = float8::text(tokens_per_day_float);
    match rule {
        PayoutRule::Float15 => {
            format!("{proportion} × {float} in float8, with 15 digits, rounded = {payout}")
        }
        PayoutRule::FloatText => {
            format!("{proportion} × {float} in float8, through its shortest text, rounded = {payout}")
        }
        PayoutRule::Exact => format!("floor({proportion} × {tokens_per_day}) = {payout}"),
    }
}

/// How the operator's part comes about, in words.
pub(crate) fn operator_words(rule: OperatorRule, payout: &Numeric, tokens: &Numeric) -> String {
    match rule {
        OperatorRule::TenPercentRounded => format!("round({payout} × 0.10) = {tokens} (the rule before Nile)"),
        OperatorRule::TenPercentFloored => format!("floor({payout} × 0.10) = {tokens} (the rule before Arno)"),
        OperatorRule::Split(split) => {
            format!("{} ({})", cut_words(payout, split.bips, tokens), split_words(split))
        }
    }
}

pub(crate) fn operator_rule_facts(rule: OperatorRule, dictionary: &Dictionary) -> Facts {
    let mut facts = facts!(dictionary; operator_rule: rule.name());
    if let OperatorRule::Split(split) = rule {
        facts.extend(facts!(dictionary; split_bips: split.bips, split_from: split.from.name()));
    }
    facts
}

impl PayoutRule {
    /// The pinned name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float15 => "float8_15_digits",
            Self::FloatText => "float8_shortest_text",
            Self::Exact => "exact",
        }
    }
}

impl OperatorRule {
    /// The pinned name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TenPercentRounded => "ten_percent_rounded",
            Self::TenPercentFloored => "ten_percent_floored",
            Self::Split(_) => "split",
        }
    }
}
