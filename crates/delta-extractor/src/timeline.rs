//! Ranges in the order of time, and the state of a day that moves along them.
//!
//! Going from one day to another, only what begins or ends between the two is touched, so the days of a backfill cost what
//! happened on them, not what there is. Going back costs the same.

use std::collections::HashSet;
use std::hash::Hash;

use memory_budget::{Reservation, bytes_of};
use pg_numeric::Numeric;
use reward_rules::{ById, Day, DayState, Id, IdMap, IdSet, Members};

use crate::ExtractError;
use crate::ranges::Range;

/// Before all days.
const NEVER: Day = Day(i32::MIN);

/// From which day to which; [`NEVER`] is a day on which nothing holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    from: Day,
    to: Day,
}

/// Ranges by their first day, and by the day after their last.
#[derive(Debug)]
pub(crate) struct Timeline<K, V> {
    ranges: Vec<Range<K, V>>,
    /// Positions of those that end, by their end.
    ends: Vec<u32>,
}

impl<K: Copy + Eq + Hash, V: Clone> Timeline<K, V> {
    /// # Panics
    /// If there are 2^32 ranges or more.
    pub(crate) fn new(mut ranges: Vec<Range<K, V>>) -> Self {
        ranges.sort_unstable_by_key(|range| range.from);
        let positions = 0..u32::try_from(ranges.len()).expect("fewer than 2^32 ranges");
        let mut ends: Vec<u32> = positions.filter(|&at| ranges[at as usize].to.is_some()).collect();
        ends.sort_unstable_by_key(|&at| (ranges[at as usize].to, at));
        ends.shrink_to_fit();
        Self { ranges, ends }
    }

    /// All ranges, by their first day.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Range<K, V>> {
        self.ranges.iter()
    }

    /// Bytes beside the ranges.
    pub(crate) fn order_bytes(&self) -> u64 {
        bytes_of::<u32>(self.ends.len())
    }

    /// Positions of the ranges that hold on one of the two days but not on the other: each has one end between them.
    fn changes(&self, Move { from, to }: Move) -> impl Iterator<Item = usize> {
        let (first, last) = (from.min(to), from.max(to));
        let begins = self.ranges.partition_point(|range| range.from <= first)
            ..self.ranges.partition_point(|range| range.from <= last);
        let end = |at: &u32| self.ranges[*at as usize].to.unwrap_or(NEVER);
        let ends = self.ends.partition_point(|at| end(at) <= first)..self.ends.partition_point(|at| end(at) <= last);
        let ends = self.ends[ends].iter().map(|&at| at as usize);
        begins.chain(ends).filter(move |&at| self.ranges[at].holds_on(from) != self.ranges[at].holds_on(to))
    }

    /// What holds no more.
    fn leaving(&self, days: Move) -> impl Iterator<Item = (usize, &Range<K, V>)> {
        self.changes(days).map(|at| (at, &self.ranges[at])).filter(move |(_, range)| range.holds_on(days.from))
    }

    /// What holds now.
    fn coming(&self, days: Move) -> impl Iterator<Item = (usize, &Range<K, V>)> {
        self.changes(days).map(|at| (at, &self.ranges[at])).filter(move |(_, range)| range.holds_on(days.to))
    }

    /// Keys of ranges that do not overlap.
    pub(crate) fn move_set(&self, days: Move, set: &mut IdSet<K>) {
        for (_, range) in self.leaving(days) {
            set.remove(&range.key);
        }
        set.extend(self.coming(days).map(|(_, range)| range.key));
    }

    /// Members of groups; one that is there twice is counted twice.
    pub(crate) fn move_members<G: Copy + Eq + Hash>(
        &self,
        days: Move,
        members: &mut Members<G>,
        pair: impl Fn(&K) -> (G, Id),
    ) {
        for (_, range) in self.leaving(days) {
            let (group, member) = pair(&range.key);
            members.remove(group, member);
        }
        members.extend(self.coming(days).map(|(_, range)| pair(&range.key)));
    }

    /// Values by key; a key with two of them is a contradiction.
    pub(crate) fn move_map(
        &self,
        relation: &'static str,
        days: Move,
        map: &mut IdMap<K, V>,
    ) -> Result<(), ExtractError> {
        for (_, range) in self.leaving(days) {
            map.remove(&range.key);
        }
        for (_, range) in self.coming(days) {
            if map.insert(range.key, range.value.clone()).is_some() {
                return Err(ExtractError::Contradiction { relation, snapshot: days.to });
            }
        }
        Ok(())
    }
}

/// Joins the ranges of a key that overlap.
pub(crate) fn union<K: Ord + Copy>(mut ranges: Vec<Range<K, ()>>) -> Vec<Range<K, ()>> {
    ranges.sort_unstable_by_key(|range| (range.key, range.from));
    ranges.dedup_by(|later, first| {
        let joined = later.key == first.key && first.to.is_none_or(|to| later.from <= to);
        if joined {
            first.to = match (first.to, later.to) {
                (Some(first), Some(later)) => Some(first.max(later)),
                (None, _) | (_, None) => None,
            };
        }
        joined
    });
    ranges
}

/// Where the shares of a range are kept: every (staker, strategy) has a place, in which there is 0 on days without a range.
#[derive(Debug)]
pub(crate) struct Holdings {
    /// By position of the range.
    places: Vec<u32>,
    count: usize,
}

impl Holdings {
    pub(crate) fn of(shares: &Timeline<(Id, Id), Numeric>) -> Self {
        let ranges = &shares.ranges;
        let mut by_key: Vec<u32> = (0..).take(ranges.len()).collect();
        by_key.sort_unstable_by_key(|&at| (ranges[at as usize].key, ranges[at as usize].from, at));
        let mut places = vec![0; ranges.len()];
        let mut count = 0;
        // Daily tables may say two things of a day: then a key has more than one place. Each with the end of its last range.
        let mut of_key: Vec<(u32, Option<Day>)> = Vec::new();
        for same in by_key.chunk_by(|&one, &next| ranges[one as usize].key == ranges[next as usize].key) {
            of_key.clear();
            for &at in same {
                let range = &ranges[at as usize];
                let free = of_key.iter_mut().find(|(_, end)| end.is_some_and(|end| end <= range.from));
                places[at as usize] = match free {
                    Some((place, end)) => {
                        *end = range.to;
                        *place
                    }
                    None => {
                        of_key.push((count, range.to));
                        count += 1;
                        count - 1
                    }
                };
            }
        }
        Self { places, count: count as usize }
    }

    pub(crate) fn memory_bytes(&self) -> u64 {
        bytes_of::<u32>(self.places.len())
    }

    /// All places, empty.
    pub(crate) fn empty(&self, shares: &Timeline<(Id, Id), Numeric>) -> ById<(Id, Numeric)> {
        let mut places = vec![(Id(0), (Id(0), Numeric::ZERO)); self.count];
        for (place, range) in self.places.iter().zip(&shares.ranges) {
            let (staker, strategy) = range.key;
            places[*place as usize] = (staker, (strategy, Numeric::ZERO));
        }
        // They are in the order of stakers, and stay where they are.
        ById::new(places)
    }

    pub(crate) fn move_shares(&self, shares: &Timeline<(Id, Id), Numeric>, days: Move, values: &mut [(Id, Numeric)]) {
        for (at, _) in shares.leaving(days) {
            values[self.places[at] as usize].1 = Numeric::ZERO;
        }
        for (at, range) in shares.coming(days) {
            values[self.places[at] as usize].1 = range.value.clone();
        }
    }
}

/// The state of a day, on its way from day to day. What a cutoff cannot know is put aside, not forgotten.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    state: DayState,
    aside: DayState,
    through_cutoff: Known,
    before_cutoff: Known,
    sampled: Known,
    memory: Option<Reservation>,
}

/// One part of the state.
#[derive(Debug)]
struct Known {
    /// Its day.
    day: Day,
    aside: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self { day: NEVER, aside: false }
    }
}

impl Known {
    fn to(&mut self, day: Day) -> Move {
        Move { from: std::mem::replace(&mut self.day, day), to: day }
    }
}

impl Cursor {
    pub(crate) fn state(&self) -> &DayState {
        &self.state
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.memory.is_some()
    }

    pub(crate) fn begin(&mut self, memory: Reservation, shares: ById<(Id, Numeric)>, excluded: &HashSet<Id>) {
        self.memory = Some(memory);
        self.state.staker_shares = shares;
        self.state.excluded = excluded.iter().copied().collect();
    }

    /// Moves samples of restaked strategies.
    pub(crate) fn samples(&mut self, day: Day, change: impl FnOnce(&mut DayState, Move)) {
        change(&mut self.state, self.sampled.to(day));
    }

    /// Moves what is known up to the cutoff.
    pub(crate) fn through_cutoff(
        &mut self,
        day: Day,
        change: impl FnOnce(&mut DayState, Move) -> Result<(), ExtractError>,
    ) -> Result<(), ExtractError> {
        change(&mut self.state, self.through_cutoff.to(day))
    }

    /// Moves what is known up to the day before the cutoff.
    pub(crate) fn before_cutoff(
        &mut self,
        day: Day,
        change: impl FnOnce(&mut DayState, Move) -> Result<(), ExtractError>,
    ) -> Result<(), ExtractError> {
        change(&mut self.state, self.before_cutoff.to(day))
    }

    /// Puts aside what is not known of the day, and accounts for the rest.
    pub(crate) fn show(&mut self, day: Day, through_cutoff: bool, before_cutoff: bool) -> Result<(), ExtractError> {
        self.state.day = day;
        self.through_cutoff.aside = !through_cutoff;
        self.before_cutoff.aside = !before_cutoff;
        self.exchange();
        if let Some(memory) = &mut self.memory {
            memory.resize(self.state.memory_bytes() + self.aside.memory_bytes())?;
        }
        Ok(())
    }

    /// Takes back what was put aside.
    pub(crate) fn show_all(&mut self) {
        self.exchange();
        (self.through_cutoff.aside, self.before_cutoff.aside) = (false, false);
    }

    fn exchange(&mut self) {
        macro_rules! exchange {
            ($($part:ident),*) => { $(std::mem::swap(&mut self.state.$part, &mut self.aside.$part);)* };
        }
        if self.through_cutoff.aside {
            exchange!(staker_shares, set_strategies, operator_shares, allocations, max_magnitudes);
        }
        if self.before_cutoff.aside {
            exchange!(delegations, avs_operators, set_operators, any_avs_operators, any_set_operators);
            exchange!(avs_splits, pi_splits, set_splits, default_split);
        }
    }
}

#[cfg(test)]
mod tests {
    use memory_budget::Budget;
    use reward_rules::SetId;

    use super::*;
    use crate::{State, StateRanges};

    /// Numbers without order, the same in every run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, bound: u32) -> u32 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(self.0 >> 33).unwrap() % bound
        }

        fn id(&mut self) -> Id {
            Id(self.below(7))
        }

        /// Of some of 40 days; one in eight is empty, one in four does not end.
        fn ranges<K, V>(&mut self, count: u32, mut of: impl FnMut(&mut Self) -> (K, V)) -> Vec<Range<K, V>> {
            (0..count)
                .map(|_| {
                    let (key, value) = of(self);
                    let from = Day(100 + i32::try_from(self.below(40)).unwrap());
                    let days = i32::try_from(self.below(8)).unwrap();
                    let to = if self.below(4) == 0 { None } else { Some(Day(from.0 + days)) };
                    Range { key, value, from, to }
                })
                .collect()
        }
    }

    fn holding<K: Clone, V>(ranges: &[Range<K, V>], day: Day, known: bool) -> Vec<(K, &V)> {
        let holding = ranges.iter().filter(|range| known && range.holds_on(day));
        holding.map(|range| (range.key.clone(), &range.value)).collect()
    }

    fn sorted<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort();
        values
    }

    fn members<K: Copy + Eq + Hash>(members: &Members<K>, group: K) -> Vec<Id> {
        members.get(group).to_vec()
    }

    #[test]
    fn a_day_is_the_same_wherever_one_comes_from() {
        let mut chance = Chance(5);
        let number = |chance: &mut Chance| Numeric::from(i64::from(chance.below(5)));
        let staker_shares = chance.ranges(300, |chance| ((chance.id(), chance.id()), number(chance)));
        let delegations = chance.ranges(120, |chance| ((chance.id(), chance.id()), ()));
        let restaked = chance.ranges(120, |chance| ((chance.id(), chance.id(), Id(1)), ()));
        let any_avs_registrations = chance.ranges(20, |chance| (chance.id(), ()));
        let set_registrations = chance.ranges(40, |chance| ((SetId { avs: Id(1), number: 1 }, chance.id()), ()));
        // Values are unique: a range per key.
        let mut key = 0;
        let operator_shares = chance.ranges(90, |chance| {
            key += 1;
            ((Id(key), Id(3)), number(chance))
        });
        let ranges = || StateRanges {
            staker_shares: staker_shares.clone(),
            delegations: delegations.clone(),
            restaked: restaked.clone(),
            any_avs_registrations: any_avs_registrations.clone(),
            set_registrations: set_registrations.clone(),
            operator_shares: operator_shares.clone(),
            ..StateRanges::default()
        };
        let budget = Budget::default();
        let moving = State::new(ranges(), HashSet::from([Id(9)]), budget.reservation("state")).unwrap();
        for _ in 0..400 {
            let day = Day(98 + i32::try_from(chance.below(55)).unwrap());
            let cutoff = Day(day.0 - 1 + i32::try_from(chance.below(4)).unwrap());
            let state = moving.day(day, cutoff, &budget).unwrap();
            let (through, before) = (day <= cutoff, day < cutoff);
            let at = || format!("day {day}, cutoff {cutoff}");
            assert_eq!(state.day, day);
            for id in (0..8).map(Id) {
                let of_id = holding(&staker_shares, day, through).into_iter().filter(|(key, _)| key.0 == id);
                let expected =
                    of_id.filter(|(_, shares)| !shares.is_zero()).map(|(key, shares)| (key.1, shares.clone()));
                let found = state.staker_shares.get(id).iter().filter(|(_, shares)| !shares.is_zero()).cloned();
                assert_eq!(sorted(found), sorted(expected), "shares, {}", at());
                let of_id = holding(&delegations, day, before).into_iter().filter(|(key, ())| key.1 == id);
                assert_eq!(members(&state.delegations, id), sorted(of_id.map(|(key, ())| key.0)), "{}", at());
            }
            let unique = |keys: Vec<(Id, Id, Id)>| sorted(keys.into_iter().collect::<HashSet<_>>());
            let expected = holding(&restaked, day, true).into_iter().map(|(key, ())| key).collect();
            assert_eq!(sorted(state.restaked.iter().copied()), unique(expected), "samples do not end, {}", at());
            let expected: HashSet<Id> =
                holding(&any_avs_registrations, day, before).into_iter().map(|(id, ())| id).collect();
            assert_eq!(sorted(state.any_avs_operators.iter().copied()), sorted(expected), "{}", at());
            let set = SetId { avs: Id(1), number: 1 };
            let expected = holding(&set_registrations, day, before).into_iter().map(|((_, id), ())| id);
            assert_eq!(members(&state.set_operators, set), sorted(expected), "{}", at());
            let expected =
                holding(&operator_shares, day, through).into_iter().map(|(key, shares)| (key, shares.clone()));
            let found = state.operator_shares.iter().map(|(key, shares)| (*key, shares.clone()));
            assert_eq!(sorted(found), sorted(expected), "{}", at());
            assert!(state.excluded.contains(&Id(9)));
        }
        assert!(budget.used() > 0);
        drop(moving);
        assert_eq!(budget.used(), 0, "what a day takes goes with the state");
    }

    #[test]
    fn two_values_on_one_day_are_refused_on_that_day_only() {
        let range = |value, from, to| Range { key: (Id(1), Id(2)), value, from: Day(from), to: Some(Day(to)) };
        let ranges = StateRanges { avs_splits: vec![range(1, 10, 20), range(2, 15, 16)], ..StateRanges::default() };
        let budget = Budget::default();
        let state = State::new(ranges, HashSet::new(), budget.reservation("state")).unwrap();
        let split = |day| state.day(Day(day), Day(100), &budget).map(|state| state.avs_split(Id(1), Id(2), true).bips);
        assert_eq!(split(14).unwrap(), 1);
        let refused = split(15).unwrap_err();
        assert!(
            matches!(refused, ExtractError::Contradiction { relation: "avs_splits", snapshot: Day(15) }),
            "{refused}"
        );
        assert_eq!(split(16).unwrap(), 1);
        assert_eq!(split(20).unwrap(), 1000);
        // Not asked for on the day of the cutoff.
        assert!(state.day(Day(15), Day(15), &budget).is_ok());
    }
}
