//! The join "⋈ stakers" and the weights of stakers (spec/03 §0, §2 items 2–4).

use std::ops::Range;

use pg_numeric::Numeric;

use crate::ids::Seen;
use crate::{DayState, Id};

/// What one reward offers to holders of one strategy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    /// Position of the line in its list; lists are ordered so that the smallest position is the first row.
    pub(crate) line: usize,
    pub(crate) strategy: Id,
    pub(crate) multiplier: &'a Numeric,
}

/// The offers of one reward that count, those of an operator in the order of strategies, then lines.
///
/// Multipliers of 0 do not count (Q31).
#[derive(Debug, Default)]
pub(crate) struct Offers<'a> {
    all: Vec<Offer<'a>>,
    operators: Vec<(Id, Range<usize>)>,
}

impl<'a> Offers<'a> {
    /// The same offers to every operator.
    pub(crate) fn to_all(operators: &[Id], offers: impl Iterator<Item = Offer<'a>>) -> Self {
        let mut all: Vec<Offer<'a>> = offers.filter(|offer| !offer.multiplier.is_zero()).collect();
        all.sort_by_key(|offer| (offer.strategy, offer.line));
        let range = 0..all.len();
        Self { all, operators: operators.iter().map(|&operator| (operator, range.clone())).collect() }
    }

    /// Offers to one operator each.
    pub(crate) fn to_each(offers: impl Iterator<Item = (Id, Offer<'a>)>) -> Self {
        let mut offers: Vec<(Id, Offer<'a>)> = offers.filter(|(_, offer)| !offer.multiplier.is_zero()).collect();
        // Stable: what is in order already costs nothing.
        offers.sort_by_key(|(operator, offer)| (*operator, offer.strategy, offer.line));
        let mut operators: Vec<(Id, Range<usize>)> = Vec::new();
        for (at, (operator, _)) in offers.iter().enumerate() {
            match operators.last_mut() {
                Some((last, range)) if last == operator => range.end = at + 1,
                _ => operators.push((*operator, at..at + 1)),
            }
        }
        Self { all: offers.into_iter().map(|(_, offer)| offer).collect(), operators }
    }

    /// Operators in the order given, with their offers.
    fn iter(&self) -> impl Iterator<Item = (Id, &[Offer<'a>])> {
        self.operators.iter().map(|(operator, range)| (*operator, &self.all[range.clone()]))
    }
}

/// A staker's weight in a (reward, day), with the first row of its group.
#[derive(Clone, Debug)]
pub(crate) struct Weighted<'s> {
    pub(crate) staker: Id,
    /// Operator of the first row.
    pub(crate) operator: Id,
    /// Line of the first row.
    pub(crate) line: usize,
    /// Shares of the first row.
    pub(crate) shares: &'s Numeric,
    /// Σ multiplier × shares by (staker, hash, snapshot), over all operators (Q30).
    pub(crate) weight: Numeric,
}

/// The rows of stakers delegated to operators, one per staker: by operator, or by staker if somebody has two operators.
///
/// Shares ≤ 0 do not count (Q31); a staker without a counting row does not appear.
pub(crate) fn weigh<'s>(state: &'s DayState, offers: &Offers<'_>, excluded: impl Fn(Id) -> bool) -> Vec<Weighted<'s>> {
    let mut rows = Vec::new();
    let (mut seen, mut twice) = (Seen::default(), false);
    for (operator, offers) in offers.iter() {
        for &staker in state.delegations.get(operator) {
            if let Some(row) = weigh_holder(state, staker, operator, offers)
                && !excluded(staker)
            {
                twice |= !seen.insert(staker);
                rows.push(row);
            }
        }
    }
    if twice { merge(rows) } else { rows }
}

/// The rows of everybody who holds something, delegated or not, in id order (step 4).
pub(crate) fn weigh_all<'s>(state: &'s DayState, offers: &Offers<'_>) -> Vec<Weighted<'s>> {
    let weigh = |(staker, _)| weigh_holder(state, staker, staker, &offers.all);
    state.staker_shares.iter().filter_map(weigh).collect()
}

/// The weight of one staker for a list of offers, if it holds anything that counts.
fn weigh_holder<'s>(state: &'s DayState, staker: Id, operator: Id, offers: &[Offer<'_>]) -> Option<Weighted<'s>> {
    let mut found: Option<Weighted<'s>> = None;
    each_term(state, staker, offers, |offer, shares, weight| match &mut found {
        Some(row) => {
            if offer.line < row.line {
                (row.line, row.shares) = (offer.line, shares);
            }
            row.weight += &weight;
        }
        None => found = Some(Weighted { staker, operator, line: offer.line, shares, weight }),
    });
    found
}

/// What a staker's shares weigh, offer by offer: `(offer, shares, multiplier × shares)`.
#[inline]
fn each_term<'s, 'a>(
    state: &'s DayState,
    staker: Id,
    offers: &[Offer<'a>],
    mut each: impl FnMut(&Offer<'a>, &'s Numeric, Numeric),
) {
    for (strategy, shares) in state.staker_shares.get(staker).iter().filter(|(_, shares)| shares.is_positive()) {
        let first = offers.partition_point(|offer| offer.strategy < *strategy);
        for offer in offers[first..].iter().take_while(|offer| offer.strategy == *strategy) {
            each(offer, shares, offer.multiplier * shares);
        }
    }
}

/// The terms of which [`weigh`] makes a staker's weight: each with the operator it is delegated to.
pub(crate) fn terms_of(
    state: &DayState,
    offers: &Offers<'_>,
    staker: Id,
    mut each: impl FnMut(Id, &Offer<'_>, &Numeric, Numeric),
) {
    for (operator, offers) in offers.iter().filter(|(operator, _)| state.delegations.contains(*operator, staker)) {
        each_term(state, staker, offers, |offer, shares, weight| each(operator, offer, shares, weight));
    }
}

/// The terms of which [`weigh_all`] makes a staker's weight.
pub(crate) fn terms_of_holder(
    state: &DayState,
    offers: &Offers<'_>,
    staker: Id,
    mut each: impl FnMut(&Offer<'_>, &Numeric, Numeric),
) {
    each_term(state, staker, &offers.all, |offer, shares, weight| each(offer, shares, weight));
}

/// One row per staker: weights add up, the first row is the one with the smallest line (then operator).
fn merge(mut rows: Vec<Weighted<'_>>) -> Vec<Weighted<'_>> {
    rows.sort_unstable_by_key(|row| (row.staker, row.line, row.operator));
    rows.dedup_by(|later, first| {
        let same = later.staker == first.staker;
        if same {
            first.weight += &later.weight;
        }
        same
    });
    rows
}

/// Σ of the weights.
pub(crate) fn total(rows: &[Weighted<'_>]) -> Numeric {
    rows.iter().map(|row| &row.weight).sum()
}
