//! Ordered rows into flat vectors, and their tree.

use std::fmt;
use std::mem::size_of;

use alloy_primitives::{Address, B256, U256};
use rayon::prelude::*;

use crate::tree::{self, PARALLEL};
use crate::{BuildError, Distribution, EarnerLeaf, TokenLeaf};

/// What one earner has got of one token since the beginning (spec/05 §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Who earned.
    pub earner: Address,
    /// The token's contract.
    pub token: Address,
    /// Σ amount in the token's smallest unit. A sum of 0 is a pair like any other.
    pub cumulative: U256,
}

/// The two addresses in lower case, without the amount.
impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(earner {:#x}, token {:#x})", self.earner, self.token)
    }
}

/// Rows of a distribution, as flat vectors.
///
/// It takes [`Builder::PAIR_BYTES`] (52) per pair and [`Builder::EARNER_BYTES`] (24) per earner, in vectors that grow
/// by doubling unless made by [`with_capacity`](Self::with_capacity). Nothing else is kept of what was pushed.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    /// Ascending.
    pub(crate) earners: Vec<Address>,
    /// By earner: its first pair.
    pub(crate) starts: Vec<u32>,
    /// By pair, ascending within an earner.
    pub(crate) tokens: Vec<Address>,
    /// By pair.
    pub(crate) amounts: Vec<U256>,
}

impl Builder {
    /// Bytes for each pair.
    pub const PAIR_BYTES: usize = size_of::<Address>() + size_of::<U256>();

    /// Bytes for each earner.
    pub const EARNER_BYTES: usize = size_of::<Address>() + size_of::<u32>();

    /// No rows yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No rows yet, but room for so many: nothing is moved up to there.
    #[must_use]
    pub fn with_capacity(pairs: usize, earners: usize) -> Self {
        Self {
            earners: Vec::with_capacity(earners),
            starts: Vec::with_capacity(earners),
            tokens: Vec::with_capacity(pairs),
            amounts: Vec::with_capacity(pairs),
        }
    }

    /// Takes the next row, which must come after the one before: by earner, then by token (spec/05 §2).
    ///
    /// Addresses are compared as bytes, which is the order of their lower-case texts.
    ///
    /// # Errors
    /// [`BuildError::OutOfOrder`] if it does not, also if it is the same pair again; [`BuildError::TooManyPairs`]. The
    /// row is not taken then.
    pub fn push(&mut self, pair: Pair) -> Result<(), BuildError> {
        let row = self.tokens.len();
        let start = u32::try_from(row).ok().filter(|start| *start < u32::MAX).ok_or(BuildError::TooManyPairs)?;
        let new_earner = match self.last() {
            Some(last) if (last.earner, last.token) >= (pair.earner, pair.token) => {
                return Err(BuildError::OutOfOrder { row, previous: Box::new(last), pair: Box::new(pair) });
            }
            Some(last) => last.earner != pair.earner,
            None => true,
        };
        if new_earner {
            self.earners.push(pair.earner);
            self.starts.push(start);
        }
        self.tokens.push(pair.token);
        self.amounts.push(pair.cumulative);
        Ok(())
    }

    fn last(&self) -> Option<Pair> {
        let (&earner, &token, &cumulative) = (self.earners.last()?, self.tokens.last()?, self.amounts.last()?);
        Some(Pair { earner, token, cumulative })
    }

    /// Rows taken so far.
    #[must_use]
    pub fn pair_count(&self) -> usize {
        self.tokens.len()
    }

    /// Bytes held on the heap, room for rows to come included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let earners = self.earners.capacity() * size_of::<Address>() + self.starts.capacity() * size_of::<u32>();
        earners + self.tokens.capacity() * size_of::<Address>() + self.amounts.capacity() * size_of::<U256>()
    }

    /// Builds the tree, on all threads of rayon's current pool; the calling thread waits.
    ///
    /// Besides what the distribution holds, each thread needs 64 bytes per token of the earner it works on.
    ///
    /// # Errors
    /// [`BuildError::NoPairs`].
    pub fn finish(mut self) -> Result<Distribution, BuildError> {
        if self.tokens.is_empty() {
            return Err(BuildError::NoPairs);
        }
        self.earners.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.tokens.shrink_to_fit();
        self.amounts.shrink_to_fit();
        let mut nodes = Vec::with_capacity(tree::node_count(self.earners.len()));
        let earners = (0..self.earners.len()).into_par_iter().with_min_len(PARALLEL / 16);
        earners
            .map_init(Vec::new, |scratch, earner| self.earner_leaf(earner, scratch).hash())
            .collect_into_vec(&mut nodes);
        tree::grow(&mut nodes);
        Ok(Distribution::new(self, nodes))
    }

    /// The pairs of an earner, given by index.
    pub(crate) fn range(&self, earner: usize) -> std::ops::Range<usize> {
        let start = |earner: usize| self.starts.get(earner).map_or(self.tokens.len(), |&start| start as usize);
        start(earner)..start(earner + 1)
    }

    /// The leaf of a pair, given by index.
    pub(crate) fn token_leaf(&self, pair: usize) -> TokenLeaf {
        TokenLeaf { token: self.tokens[pair], cumulative_earnings: self.amounts[pair] }
    }

    /// The leaf of an earner, given by index. Leaves the nodes of its token tree in `nodes`.
    pub(crate) fn earner_leaf(&self, earner: usize, nodes: &mut Vec<B256>) -> EarnerLeaf {
        let pairs = self.range(earner);
        if pairs.len() < PARALLEL {
            nodes.clear();
            nodes.extend(pairs.map(|pair| self.token_leaf(pair).hash()));
        } else {
            pairs.into_par_iter().map(|pair| self.token_leaf(pair).hash()).collect_into_vec(nodes);
        }
        EarnerLeaf { earner: self.earners[earner], earner_token_root: tree::grow(nodes) }
    }
}
