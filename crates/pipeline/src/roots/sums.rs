//! Amounts added up by earner and token, in whatever order they come.

use std::collections::HashMap;

use memory_budget::{OutOfMemory, Reservation, bytes_of};
use pg_numeric::Numeric;
use reward_rules::{Day, IdMap};

/// Numbers of an earner and of a token.
pub(super) type Key = (i32, i32);

/// What there is of one pair.
struct Sum {
    key: Key,
    /// Number of gold rows; a pair without any is none.
    rows: i64,
    /// The last snapshot with a row.
    last: Day,
    /// Unless it is in `wide`. In halves: 16 bytes that need not lie at a multiple of 16.
    amount: [u64; 2],
}

/// A sum, and the entry that finds it in a table that is half full.
const ENTRY_BYTES: u64 = size_of::<Sum>() as u64 + 25;

/// Sums by pair; 40 bytes each, and up to 25 of the table that finds them.
pub(super) struct Sums {
    places: IdMap<i64, u32>,
    sums: Vec<Sum>,
    /// Sums that are no integers, or none that 128 bits hold, by place.
    wide: HashMap<u32, Numeric>,
    memory: Reservation,
}

impl Sums {
    pub(super) fn new(memory: Reservation) -> Self {
        Self { places: IdMap::default(), sums: Vec::new(), wide: HashMap::new(), memory }
    }

    /// Room for so many pairs.
    ///
    /// # Errors
    /// If memory does not suffice.
    pub(super) fn with_room(mut memory: Reservation, pairs: usize) -> Result<Self, OutOfMemory> {
        memory.resize(ENTRY_BYTES.saturating_mul(pairs as u64))?;
        let mut sums = Self::new(memory);
        sums.sums.reserve_exact(pairs);
        sums.places.reserve(pairs);
        Ok(sums)
    }

    /// Adds rows of a pair.
    ///
    /// # Errors
    /// If there are more pairs than memory.
    pub(super) fn add(&mut self, key: Key, rows: i64, last: Day, amount: Numeric) -> Result<(), OutOfMemory> {
        let new = u32::try_from(self.sums.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(id(key)).or_insert(new);
        if place == new {
            if self.sums.len() == self.sums.capacity() {
                // A vector that grows is there twice for a moment, and so is the table, at about the same time.
                self.memory.resize(ENTRY_BYTES.saturating_mul(3 * self.sums.len().max(64) as u64))?;
                self.sums.reserve_exact(self.sums.len().max(64));
                self.memory.resize(ENTRY_BYTES.saturating_mul(self.sums.capacity() as u64))?;
            }
            self.sums.push(Sum { key, rows: 0, last, amount: [0; 2] });
        }
        let sum = &mut self.sums[place as usize];
        sum.rows += rows;
        sum.last = sum.last.max(last);
        let both = amount.as_native().filter(|_| !self.wide.contains_key(&place));
        match both.and_then(|amount| native(sum.amount).checked_add(amount)) {
            Some(total) => sum.amount = halves(total),
            None => {
                let wide = self.wide.entry(place).or_insert_with(|| Numeric::from_parts(native(sum.amount), 0));
                *wide += &amount;
            }
        }
        Ok(())
    }

    /// Adds all that others have, with their keys changed.
    ///
    /// # Errors
    /// If there are more pairs than memory.
    pub(super) fn add_all(&mut self, others: &Self, key: impl Fn(Key) -> Key) -> Result<(), OutOfMemory> {
        (0..).zip(&others.sums).try_for_each(|(place, sum)| {
            let amount = others.wide.get(&place).cloned().unwrap_or_else(|| Numeric::from_parts(native(sum.amount), 0));
            self.add(key(sum.key), sum.rows, sum.last, amount)
        })
    }

    /// The pairs that have rows, in no order: key, number of rows, and sum.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Key, i64, Numeric)> {
        (0..).zip(&self.sums).filter(|(_, sum)| sum.rows != 0).map(|(place, sum)| {
            let wide = self.wide.get(&place).cloned();
            (sum.key, sum.rows, wide.unwrap_or_else(|| Numeric::from_parts(native(sum.amount), 0)))
        })
    }

    /// The pairs that have rows, in no order: place and key.
    pub(super) fn keys(&self) -> impl Iterator<Item = (u32, Key)> {
        (0..).zip(&self.sums).filter(|(_, sum)| sum.rows > 0).map(|(place, sum)| (place, sum.key))
    }

    /// Sum of a pair that has rows.
    pub(super) fn find(&self, key: Key) -> Option<Result<i128, &Numeric>> {
        let place = *self.places.get(&id(key))?;
        (self.sums[place as usize].rows > 0).then(|| self.get(place).1)
    }

    /// Last snapshot and sum of a place: 128 bits hold almost all.
    pub(super) fn get(&self, place: u32) -> (Day, Result<i128, &Numeric>) {
        let sum = &self.sums[place as usize];
        (sum.last, self.wide.get(&place).map_or_else(|| Ok(native(sum.amount)), Err))
    }

    /// Pairs, those without rows included.
    pub(super) fn len(&self) -> usize {
        self.sums.len()
    }

    /// Forgets what finds the sums: nothing is added any more.
    ///
    /// # Errors
    /// None: it takes less memory than before.
    pub(super) fn freeze(&mut self) -> Result<(), OutOfMemory> {
        self.places = IdMap::default();
        self.memory.resize(bytes_of::<Sum>(self.sums.capacity()))
    }

    /// Reserves memory for what is kept beside the sums.
    ///
    /// # Errors
    /// If it does not suffice.
    pub(super) fn hold(&mut self, bytes: u64) -> Result<(), OutOfMemory> {
        self.memory.grow(bytes)
    }
}

fn id((earner, token): Key) -> i64 {
    (i64::from(earner) << 32) | i64::from(token.cast_unsigned())
}

fn native([high, low]: [u64; 2]) -> i128 {
    ((u128::from(high) << 64) | u128::from(low)).cast_signed()
}

fn halves(amount: i128) -> [u64; 2] {
    let amount = amount.cast_unsigned();
    let low = amount & u128::from(u64::MAX);
    [amount >> 64, low].map(|half| u64::try_from(half).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use memory_budget::Budget;

    use super::*;

    fn sums(limit: u64) -> Sums {
        Sums::new(Budget::new(limit).reservation("test"))
    }

    #[test]
    fn sums_are_exact_whatever_their_size_and_scale() {
        let mut sums = sums(1 << 20);
        let large = i128::MAX.to_string();
        for (key, amounts, expected) in [
            ((1, 1), vec!["5", "-7", "12"], "10"),
            ((1, -1), vec![large.as_str(), "1", "-1", "4"], "170141183460469231731687303715884105731"),
            ((-1, 1), vec!["1", "0.5", "2"], "3.5"),
            ((2, 1), vec!["-170141183460469231731687303715884105728", "170141183460469231731687303715884105727"], "-1"),
        ] {
            for amount in amounts {
                sums.add(key, 1, Day(7), amount.parse().unwrap()).unwrap();
            }
            let (place, _) = sums.keys().find(|(_, found)| *found == key).unwrap();
            let sum = sums.get(place).1;
            assert_eq!(sum.map_or_else(ToString::to_string, |sum| sum.to_string()), expected);
        }
        sums.add((1, 1), -3, Day(3), Numeric::from(-10)).unwrap();
        let left: Vec<Key> = sums.keys().map(|(_, key)| key).collect();
        assert_eq!(left, [(1, -1), (-1, 1), (2, 1)], "a pair without rows is none");
        assert_eq!(sums.get(0).0, Day(7));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut sums = sums(1 << 20);
        let refused = (0..).find_map(|earner| sums.add((earner, 0), 1, Day(0), Numeric::from(1)).err()).unwrap();
        assert!(refused.needed > 1 << 20 && sums.keys().count() > 3000, "{refused}");
    }
}
