//! Who was registered, delegated and holding what on one snapshot (the silver relations of spec/02, one day).

use std::hash::Hash;
use std::sync::LazyLock;

use pg_numeric::Numeric;

use crate::{Day, Id, IdMap, IdSet, SetId, Split, SplitSource};

/// Values grouped by an [`Id`], in one allocation; looking a group up costs two array reads.
#[derive(Debug, Clone)]
pub struct ById<V> {
    starts: Vec<u32>,
    values: Vec<V>,
}

impl<V> Default for ById<V> {
    fn default() -> Self {
        Self { starts: Vec::new(), values: Vec::new() }
    }
}

impl<V> ById<V> {
    /// Groups pairs by their id. The order within a group is the order given.
    ///
    /// # Panics
    /// If there are 2^32 pairs or more.
    #[must_use]
    pub fn new(mut pairs: Vec<(Id, V)>) -> Self {
        pairs.sort_by_key(|(id, _)| *id);
        let ids = pairs.last().map_or(0, |(id, _)| id.0 as usize + 1);
        let mut starts = vec![0_u32; ids + 1];
        for (id, _) in &pairs {
            starts[id.0 as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] = starts[index].checked_add(starts[index - 1]).expect("fewer than 2^32 rows of a day");
        }
        Self { starts, values: pairs.into_iter().map(|(_, value)| value).collect() }
    }

    /// The values of an id; empty if it has none.
    #[must_use]
    pub fn get(&self, id: Id) -> &[V] {
        let at = id.0 as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => &self.values[from as usize..to as usize],
            _ => &[],
        }
    }

    /// All values, group by group in id order. Pairs that were given in id order are in the order given.
    pub fn values_mut(&mut self) -> &mut [V] {
        &mut self.values
    }

    /// How many values there are in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Bytes of its two vectors.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        (std::mem::size_of_val(self.starts.as_slice()) + std::mem::size_of_val(self.values.as_slice())) as u64
    }

    /// The ids that have values, in id order, with them.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &[V])> {
        (0..self.starts.len().saturating_sub(1)).filter_map(move |at| {
            let id = Id(u32::try_from(at).ok()?);
            let values = self.get(id);
            (!values.is_empty()).then_some((id, values))
        })
    }
}

/// Ids grouped by a key, each group in id order. It changes from day to day at the cost of what changes.
#[derive(Debug, Clone)]
pub struct Members<K> {
    groups: IdMap<K, Vec<Id>>,
    members: usize,
}

impl<K> Default for Members<K> {
    fn default() -> Self {
        Self { groups: IdMap::default(), members: 0 }
    }
}

impl<K: Copy + Eq + Hash> Members<K> {
    /// The members of a group; none if there is no such group.
    #[must_use]
    pub fn get(&self, key: K) -> &[Id] {
        self.groups.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Whether an id is a member of a group.
    #[must_use]
    pub fn contains(&self, key: K, member: Id) -> bool {
        self.get(key).binary_search(&member).is_ok()
    }

    /// Takes a member out, once if it is in more than once.
    pub fn remove(&mut self, key: K, member: Id) {
        if let Some(group) = self.groups.get_mut(&key)
            && let Ok(at) = group.binary_search(&member)
        {
            group.remove(at);
            self.members -= 1;
        }
    }

    /// About how many bytes they take.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        // A vector that grows takes up to twice what is in it, and half of the table may be empty.
        (2 * self.members * size_of::<Id>() + 2 * self.groups.len() * size_of::<(K, Vec<Id>)>()) as u64
    }
}

impl<K: Copy + Eq + Hash> Extend<(K, Id)> for Members<K> {
    fn extend<T: IntoIterator<Item = (K, Id)>>(&mut self, pairs: T) {
        let mut disordered = IdSet::default();
        for (key, member) in pairs {
            let group = self.groups.entry(key).or_default();
            if group.last().is_some_and(|last| *last > member) {
                disordered.insert(key);
            }
            group.push(member);
            self.members += 1;
        }
        for key in disordered {
            // Stable sorting takes the ordered part as it is.
            self.groups.entry(key).and_modify(|group| group.sort());
        }
    }
}

impl<K: Copy + Eq + Hash> FromIterator<(K, Id)> for Members<K> {
    fn from_iter<T: IntoIterator<Item = (K, Id)>>(pairs: T) -> Self {
        let mut members = Self::default();
        members.extend(pairs);
        members
    }
}

/// What the rules need to know about one snapshot.
///
/// Only what the plan of a run asks for needs to be present; everything present is as of `day`.
#[derive(Debug, Default)]
pub struct DayState {
    /// The snapshot.
    pub day: Day,
    /// Operator → stakers delegated to it (`staker_delegation_snapshots`).
    pub delegations: Members<Id>,
    /// Staker → (strategy, shares) (`staker_share_snapshots`), shares of any sign; 0 is as good as none.
    pub staker_shares: ById<(Id, Numeric)>,
    /// (operator, strategy) → shares (`operator_share_snapshots`).
    pub operator_shares: IdMap<(Id, Id), Numeric>,
    /// AVS → operators registered with it (`operator_avs_registration_snapshots`).
    pub avs_operators: Members<Id>,
    /// (operator, avs, strategy) (`operator_avs_strategy_snapshots`).
    pub restaked: IdSet<(Id, Id, Id)>,
    /// Operator set → operators registered with it (`operator_set_operator_registration_snapshots`).
    pub set_operators: Members<SetId>,
    /// (operator set, strategy) (`operator_set_strategy_registration_snapshots`).
    pub set_strategies: IdSet<(SetId, Id)>,
    /// (operator, operator set, strategy) → magnitude (`operator_allocation_snapshots`).
    pub allocations: IdMap<(Id, SetId, Id), Numeric>,
    /// (operator, strategy) → max magnitude of an operator that was slashed (`operator_allocation_snapshots`).
    pub max_magnitudes: IdMap<(Id, Id), Numeric>,
    /// (operator, avs) → bips (`operator_avs_split_snapshots`).
    pub avs_splits: IdMap<(Id, Id), i32>,
    /// Operator → bips (`operator_pi_split_snapshots`).
    pub pi_splits: IdMap<Id, i32>,
    /// (operator, operator set) → bips (`operator_set_split_snapshots`).
    pub set_splits: IdMap<(Id, SetId), i32>,
    /// Bips (`default_operator_split_snapshots`).
    pub default_split: Option<i32>,
    /// Operators that count for `all_earners` by being registered with any AVS.
    pub any_avs_operators: IdSet<Id>,
    /// Operators registered with any operator set, which count for `all_earners` from Mississippi on.
    pub any_set_operators: IdSet<Id>,
    /// `excluded_addresses` of the chain (Q28).
    pub excluded: IdSet<Id>,
}

/// The max magnitude of an operator that was never slashed (spec/02 §6).
static FULL_MAGNITUDE: LazyLock<Numeric> = LazyLock::new(|| Numeric::from(1_000_000_000_000_000_000_i64));

/// The split an operator gets when nothing else is set: 10 %.
const FALLBACK_BIPS: i32 = 1000;

impl DayState {
    /// About how many bytes the state takes.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        // Half of a hash table may be empty.
        fn table<T>(entries: usize) -> u64 {
            2 * (entries * (size_of::<T>() + 1)) as u64
        }
        self.staker_shares.memory_bytes()
            + self.delegations.memory_bytes()
            + self.avs_operators.memory_bytes()
            + self.set_operators.memory_bytes()
            + table::<((Id, Id), Numeric)>(self.operator_shares.len() + self.max_magnitudes.len())
            + table::<(Id, Id, Id)>(self.restaked.len())
            + table::<(SetId, Id)>(self.set_strategies.len())
            + table::<((Id, SetId, Id), Numeric)>(self.allocations.len())
            + table::<((Id, Id), i32)>(self.avs_splits.len() + self.pi_splits.len())
            + table::<((Id, SetId), i32)>(self.set_splits.len())
            + table::<Id>(self.any_avs_operators.len() + self.any_set_operators.len() + self.excluded.len())
    }

    /// Whether an operator is registered with an AVS.
    #[must_use]
    pub fn registered(&self, avs: Id, operator: Id) -> bool {
        self.avs_operators.contains(avs, operator)
    }

    /// Whether an operator is registered with an operator set.
    #[must_use]
    pub fn set_registered(&self, set: SetId, operator: Id) -> bool {
        self.set_operators.contains(set, operator)
    }

    /// Magnitude and max magnitude of what an operator has allocated to an operator set, if anything.
    #[must_use]
    pub fn allocation(&self, operator: Id, set: SetId, strategy: Id) -> Option<(&Numeric, &Numeric)> {
        let magnitude = self.allocations.get(&(operator, set, strategy))?;
        Some((magnitude, self.max_magnitudes.get(&(operator, strategy)).unwrap_or(&FULL_MAGNITUDE)))
    }

    /// `coalesce(aS, dS, 1000)`, or without the default split before Trinity (spec/03 §2, §8).
    #[must_use]
    pub fn avs_split(&self, operator: Id, avs: Id, with_default: bool) -> Split {
        self.or_default(self.avs_splits.get(&(operator, avs)).copied(), with_default)
    }

    /// `coalesce(pS, dS, 1000)`, or without the default split before Trinity (spec/03 §5).
    #[must_use]
    pub fn pi_split(&self, operator: Id, with_default: bool) -> Split {
        self.or_default(self.pi_splits.get(&operator).copied(), with_default)
    }

    /// `coalesce(oS, dS, 1000)` (spec/03 §12).
    #[must_use]
    pub fn set_split(&self, operator: Id, set: SetId) -> Split {
        self.or_default(self.set_splits.get(&(operator, set)).copied(), true)
    }

    fn or_default(&self, split: Option<i32>, with_default: bool) -> Split {
        let of = |from| move |bips| Split { bips, from };
        (split.map(of(SplitSource::Operator)))
            .or_else(|| self.default_split.filter(|_| with_default).map(of(SplitSource::Default)))
            .unwrap_or(Split { bips: FALLBACK_BIPS, from: SplitSource::Fallback })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouping_keeps_the_order_and_unknown_ids_are_empty() {
        let groups = ById::new(vec![(Id(4), 'a'), (Id(1), 'b'), (Id(4), 'c')]);
        assert_eq!(groups.get(Id(4)), ['a', 'c']);
        assert_eq!(groups.get(Id(1)), ['b']);
        assert!(groups.get(Id(0)).is_empty());
        assert!(groups.get(Id(99)).is_empty());
        assert_eq!(groups.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn members_stay_in_order_while_they_come_and_go() {
        let mut members: Members<Id> = [(Id(1), Id(5)), (Id(1), Id(3)), (Id(2), Id(9))].into_iter().collect();
        assert_eq!(members.get(Id(1)), [Id(3), Id(5)]);
        members.extend([(Id(1), Id(4)), (Id(1), Id(4))]);
        members.remove(Id(1), Id(4));
        members.remove(Id(1), Id(99));
        members.remove(Id(7), Id(4));
        assert_eq!(members.get(Id(1)), [Id(3), Id(4), Id(5)]);
        assert!(members.contains(Id(2), Id(9)) && !members.contains(Id(2), Id(3)) && members.get(Id(7)).is_empty());
    }

    #[test]
    fn splits_fall_back_to_the_default_and_then_to_ten_percent() {
        let mut state = DayState::default();
        let split = |state: &DayState, with_default| {
            let split = state.avs_split(Id(1), Id(2), with_default);
            (split.bips, split.from)
        };
        assert_eq!(split(&state, true), (1000, SplitSource::Fallback));
        state.default_split = Some(700);
        assert_eq!(split(&state, true), (700, SplitSource::Default));
        assert_eq!(split(&state, false), (1000, SplitSource::Fallback));
        state.avs_splits.insert((Id(1), Id(2)), 0);
        assert_eq!(split(&state, true), (0, SplitSource::Operator));
    }
}
