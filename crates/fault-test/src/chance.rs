//! What is drawn from the seed.

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A generator of instants, sizes and orders.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform, both ends included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.random_range(low..=high.max(low))
    }

    /// An instant of something that takes so long.
    pub(crate) fn instant(&mut self, of: Duration) -> Duration {
        Duration::from_micros(self.between(0, u64::try_from(of.as_micros()).unwrap_or(u64::MAX)))
    }

    /// A size for which every power of two has the same chance (but for the ends, which are included).
    pub(crate) fn size(&mut self, low: u64, high: u64) -> u64 {
        let (low, high) = (low.max(1), high.max(low).max(1));
        let power = self.between(low.ilog2().into(), high.ilog2().into());
        let from = 1_u64 << power;
        self.between(from.max(low), (from * 2 - 1).min(high))
    }

    /// A place in a list that is not empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stay_within_their_ends_and_are_often_small() {
        let mut chance = Chance::new(1);
        let sizes: Vec<u64> = (0..1000).map(|_| chance.size(100, 1_000_000)).collect();
        assert!(sizes.iter().all(|size| (100..=1_000_000).contains(size)));
        assert!(sizes.iter().filter(|size| **size < 10_000).count() > 300);
        assert!(sizes.iter().filter(|size| **size > 100_000).count() > 100);
    }
}
