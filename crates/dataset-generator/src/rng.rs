//! Draws from ChaCha8. The reductions are ours, so that no library's choice of algorithm shows in a dataset.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The independent streams of one seed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Topic {
    Params = 1,
    Blocks,
    Logs,
    Actors,
    Registrations,
    Shares,
    Restaked,
    Splits,
    Allocations,
    Submissions,
    Excluded,
}

/// A source of decisions.
pub(crate) struct Rng(ChaCha8Rng);

impl Rng {
    pub(crate) fn new(seed: u64, topic: Topic) -> Self {
        let mut inner = ChaCha8Rng::seed_from_u64(seed);
        inner.set_stream(topic as u64);
        Self(inner)
    }

    /// A number in `0..n`; 0 if `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// A number in `low..=high`; `low` if the range is empty.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0) as u64;
        low.saturating_add(self.below(width.saturating_add(1)) as i64)
    }

    /// A number in `low..=high`; `low` if the range is empty.
    pub(crate) fn count(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) as u64 + 1) as usize
    }

    /// A number in `low..=high` (nearly uniform).
    pub(crate) fn wide(&mut self, low: u128, high: u128) -> u128 {
        let bits = (u128::from(self.0.next_u64()) << 64) | u128::from(self.0.next_u64());
        low + bits % (high.saturating_sub(low).saturating_add(1))
    }

    /// True with a probability of `permille` in a thousand.
    pub(crate) fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < u64::from(permille)
    }

    /// One of the items, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// An index, with probabilities in proportion to the weights.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
        let mut at = self.below(total);
        for (index, weight) in weights.iter().enumerate() {
            if at < u64::from(*weight) {
                return index;
            }
            at -= u64::from(*weight);
        }
        0
    }

    /// `n` distinct items (or all, if there are fewer), in the order given.
    pub(crate) fn subset<T: Copy>(&mut self, items: &[T], n: usize) -> Vec<T> {
        let mut chosen = Vec::with_capacity(n.min(items.len()));
        for (index, item) in items.iter().enumerate() {
            let wanted = n.saturating_sub(chosen.len()) as u64;
            if self.below((items.len() - index) as u64) < wanted {
                chosen.push(*item);
            }
        }
        chosen
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
