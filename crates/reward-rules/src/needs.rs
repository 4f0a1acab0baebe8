//! Which part of the silver relations a list of rewards reads.

use std::collections::BTreeMap;

use crate::{ActiveDays, ActiveWindow, Id, OdSubmission, SetId, StakeSubmission, V1Submission, V1Type};

/// The days for which each strategy, AVS and operator set is needed. Everything else is not read (design D2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// All days.
    pub days: Option<ActiveDays>,
    /// Strategies whose shares weigh, and whether every holder counts, delegated or not (`all_stakers`).
    pub strategies: BTreeMap<Id, (ActiveDays, bool)>,
    /// AVSs whose registrations, restaked strategies and splits count.
    pub avss: BTreeMap<Id, ActiveDays>,
    /// Operator sets whose registrations, strategies, splits and allocations count.
    pub sets: BTreeMap<SetId, ActiveDays>,
    /// Days on which every registered operator counts (`all_earners`).
    pub every_operator: Option<ActiveDays>,
}

fn both(a: ActiveDays, b: ActiveDays) -> ActiveDays {
    ActiveDays { first: a.first.min(b.first), last: a.last.max(b.last) }
}

fn widen<K: Ord>(map: &mut BTreeMap<K, ActiveDays>, key: K, days: ActiveDays) {
    map.entry(key).and_modify(|known| *known = both(*known, days)).or_insert(days);
}

/// The days of `days` that are in `span`.
fn overlap(days: ActiveDays, span: ActiveDays) -> Option<ActiveDays> {
    let (first, last) = (days.first.max(span.first), days.last.min(span.last));
    (first <= last).then_some(ActiveDays { first, last })
}

impl Needs {
    /// What is needed on the days of a span.
    #[must_use]
    pub fn within(&self, span: ActiveDays) -> Self {
        Self {
            days: self.days.and_then(|days| overlap(days, span)),
            strategies: self
                .strategies
                .iter()
                .filter_map(|(&id, &(days, every))| Some((id, (overlap(days, span)?, every))))
                .collect(),
            avss: self.avss.iter().filter_map(|(&id, &days)| Some((id, overlap(days, span)?))).collect(),
            sets: self.sets.iter().filter_map(|(&set, &days)| Some((set, overlap(days, span)?))).collect(),
            every_operator: self.every_operator.and_then(|days| overlap(days, span)),
        }
    }

    /// Whether everything that `other` needs is needed here too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let days = |ours: Option<ActiveDays>, theirs: Option<ActiveDays>| match (ours, theirs) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(ours), Some(theirs)) => ours.first <= theirs.first && theirs.last <= ours.last,
        };
        days(self.days, other.days)
            && days(self.every_operator, other.every_operator)
            && other.strategies.iter().all(|(id, &(theirs, every))| {
                self.strategies.get(id).is_some_and(|&(ours, all)| days(Some(ours), Some(theirs)) && (all || !every))
            })
            && other.avss.iter().all(|(id, &theirs)| days(self.avss.get(id).copied(), Some(theirs)))
            && other.sets.iter().all(|(set, &theirs)| days(self.sets.get(set).copied(), Some(theirs)))
    }

    /// What is needed here or there.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        if let Some(days) = other.days {
            self.days = Some(self.days.map_or(days, |known| both(known, days)));
        }
        if let Some(days) = other.every_operator {
            self.every_operator = Some(self.every_operator.map_or(days, |known| both(known, days)));
        }
        for (&strategy, &(days, every)) in &other.strategies {
            self.add_strategy(strategy, days, every);
        }
        other.avss.iter().for_each(|(&avs, &days)| widen(&mut self.avss, avs, days));
        other.sets.iter().for_each(|(&set, &days)| widen(&mut self.sets, set, days));
        self
    }

    /// Adds what an active v1 row reads.
    pub fn add_v1(&mut self, row: &V1Submission, window: &ActiveWindow) {
        self.add_strategy(row.strategy, window.days, row.reward_type == V1Type::AllStakers);
        match row.reward_type {
            V1Type::Avs => widen(&mut self.avss, row.avs, window.days),
            V1Type::AllStakers => {}
            V1Type::AllEarners => {
                self.every_operator = Some(self.every_operator.map_or(window.days, |days| both(days, window.days)));
            }
        }
    }

    /// Adds what an active operator-directed row reads.
    pub fn add_od(&mut self, row: &OdSubmission, window: &ActiveWindow) {
        self.add_strategy(row.strategy, window.days, false);
        match row.operator_set_id {
            Some(number) => widen(&mut self.sets, SetId { avs: row.avs, number }, window.days),
            None => widen(&mut self.avss, row.avs, window.days),
        }
    }

    /// Adds what an active v2.2 row reads.
    pub fn add_stake(&mut self, row: &StakeSubmission, window: &ActiveWindow) {
        self.add_strategy(row.strategy, window.days, false);
        widen(&mut self.sets, row.set, window.days);
    }

    fn add_strategy(&mut self, strategy: Id, days: ActiveDays, every_holder: bool) {
        self.days = Some(self.days.map_or(days, |known| both(known, days)));
        self.strategies
            .entry(strategy)
            .and_modify(|(known, every)| {
                *known = both(*known, days);
                *every |= every_holder;
            })
            .or_insert((days, every_holder));
    }
}
