//! Maps and sets of [`Id`](crate::Id)s.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::Id;

/// A map whose keys are made of ids.
pub type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;
/// A set of what is made of ids.
pub type IdSet<K> = HashSet<K, BuildHasherDefault<IdHasher>>;

/// A multiplication per id. The standard hasher is made for keys that an attacker chooses and takes ten times as long; ids are
/// counted by us.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdHasher(u64);

impl IdHasher {
    fn mix(&mut self, word: u64) {
        /// An odd number without order: 2^64 over the golden ratio.
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0 ^ word).wrapping_mul(u128::from(FACTOR));
        let [low, high] = [product, product >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or(0));
        self.0 = low ^ high;
    }
}

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.mix(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, word: u32) {
        // Never 0, which would leave the state as it is.
        self.mix(u64::from(word) | 1 << 40);
    }

    fn write_i64(&mut self, word: i64) {
        self.mix(word.cast_unsigned());
    }
}

/// Which ids have been there, a bit each.
#[derive(Debug, Default)]
pub(crate) struct Seen(Vec<u64>);

impl Seen {
    /// Whether the id is there for the first time.
    pub(crate) fn insert(&mut self, id: Id) -> bool {
        let (word, bit) = (id.0 as usize / 64, 1 << (id.0 % 64));
        if word >= self.0.len() {
            self.0.resize((word + 1).next_power_of_two(), 0);
        }
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    pub(crate) fn contains(&self, id: Id) -> bool {
        self.0.get(id.0 as usize / 64).is_some_and(|word| word & (1 << (id.0 % 64)) != 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn neighbours_spread_over_high_and_low_bits() {
        let hashes = |part: fn(u64) -> u64| {
            let hasher = BuildHasherDefault::<IdHasher>::default();
            let pairs = (0..64_u32).flat_map(|a| (0..64_u32).map(move |b| (Id(a), Id(b))));
            pairs.map(|pair| part(hasher.hash_one(pair))).collect::<HashSet<_>>().len()
        };
        assert_eq!(hashes(|hash| hash), 4096);
        // The table takes the low bits for the place and the highest seven to tell entries apart.
        assert!(hashes(|hash| hash & 4095) > 2000);
        assert_eq!(hashes(|hash| hash >> 57), 128);
    }

    #[test]
    fn an_id_is_new_once() {
        let mut seen = Seen::default();
        assert!(seen.is_empty() && !seen.contains(Id(200)));
        assert!(seen.insert(Id(200)) && !seen.insert(Id(200)) && seen.contains(Id(200)));
        assert!(!seen.contains(Id(199)) && seen.insert(Id(199)));
    }
}
