//! The join "⋈ stakers" and the weights of stakers (spec/03 §0, §2 items 2–4).

use pg_numeric::Numeric;

use crate::{DayState, Id};

/// What one reward offers to holders of one strategy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    /// Position of the line in its list; lists are ordered so that the smallest position is the first row.
    pub(crate) line: usize,
    pub(crate) strategy: Id,
    pub(crate) multiplier: &'a Numeric,
}

/// A staker's weight in a (reward, day), with the first row of its group.
#[derive(Clone, Debug)]
pub(crate) struct Weighted {
    pub(crate) staker: Id,
    /// Operator of the first row.
    pub(crate) operator: Id,
    /// Line of the first row.
    pub(crate) line: usize,
    /// Shares of the first row.
    pub(crate) shares: Numeric,
    /// Σ multiplier × shares by (staker, hash, snapshot), over all operators (Q30).
    pub(crate) weight: Numeric,
}

/// The rows of stakers delegated to operators: per operator its offers in line order.
///
/// Shares ≤ 0 and multipliers of 0 do not count (Q31); a staker without a counting row does not appear. The
/// result is ordered by staker id.
pub(crate) fn weigh<'a>(
    state: &DayState,
    operators: impl Iterator<Item = (Id, &'a [Offer<'a>])>,
    excluded: impl Fn(Id) -> bool,
) -> Vec<Weighted> {
    let mut rows = Vec::new();
    for (operator, offers) in operators {
        for &staker in state.delegations.get(operator) {
            if !excluded(staker) {
                rows.extend(weigh_holder(state, staker, operator, offers));
            }
        }
    }
    merge(rows)
}

/// The weight of one staker for a list of offers, if it holds anything that counts.
pub(crate) fn weigh_holder(state: &DayState, staker: Id, operator: Id, offers: &[Offer<'_>]) -> Option<Weighted> {
    let holdings = state.staker_shares.get(staker);
    let mut found: Option<Weighted> = None;
    for offer in offers.iter().filter(|offer| !offer.multiplier.is_zero()) {
        for (_, shares) in
            holdings.iter().filter(|(strategy, shares)| *strategy == offer.strategy && shares.is_positive())
        {
            let weight = offer.multiplier * shares;
            match &mut found {
                Some(row) => row.weight += &weight,
                None => found = Some(Weighted { staker, operator, line: offer.line, shares: shares.clone(), weight }),
            }
        }
    }
    found
}

/// One row per staker: weights add up, the first row is the one with the smallest line (then operator).
fn merge(mut rows: Vec<Weighted>) -> Vec<Weighted> {
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

/// Groups offers by operator, keeping the line order within each: `(operator, offer)` pairs in line order become
/// `(operator, offers)`.
pub(crate) fn by_operator<'a>(mut pairs: Vec<(Id, Offer<'a>)>) -> Vec<(Id, Vec<Offer<'a>>)> {
    pairs.sort_by_key(|(operator, offer)| (*operator, offer.line));
    let mut groups: Vec<(Id, Vec<Offer<'a>>)> = Vec::new();
    for (operator, offer) in pairs {
        match groups.last_mut() {
            Some((last, offers)) if *last == operator => offers.push(offer),
            _ => groups.push((operator, vec![offer])),
        }
    }
    groups
}

/// Σ of the weights.
pub(crate) fn total(rows: &[Weighted]) -> Numeric {
    rows.iter().map(|row| &row.weight).sum()
}
