//! The rows of a distribution with their tree, and claims from it.

use std::mem::size_of;

use alloy_primitives::{Address, B256};

use crate::{BuildError, Builder, Claim, LookupError, Pair, TokenClaim, tree};

/// Every earner's cumulative amounts, and the tree over them (spec/05 §2 – §4).
///
/// It holds [`Builder::PAIR_BYTES`] (52) per pair, and [`Distribution::EARNER_BYTES`] (88) per earner with at most
/// 1 KiB more in all. Token trees are not kept: a claim builds that of its earner again.
#[derive(Clone, Debug)]
pub struct Distribution {
    rows: Builder,
    /// Of the earner tree, as [`tree::grow`] leaves them.
    nodes: Vec<B256>,
    root: B256,
}

impl Distribution {
    /// Bytes for each earner: its address, its first pair, and two nodes of the tree.
    pub const EARNER_BYTES: usize = Builder::EARNER_BYTES + 2 * size_of::<B256>();

    /// Builds the tree over rows in strictly ascending order. A caller whose rows can fail uses a [`Builder`].
    ///
    /// ```
    /// # use alloy_primitives::{Address, U256};
    /// # use claim_tree::{BuildError, Distribution, Pair};
    /// let pair = |earner, token| Pair {
    ///     earner: Address::repeat_byte(earner),
    ///     token: Address::repeat_byte(token),
    ///     cumulative: U256::ZERO,
    /// };
    /// let error = Distribution::build([pair(1, 7), pair(2, 9), pair(2, 8)]).unwrap_err();
    /// assert!(matches!(error, BuildError::OutOfOrder { row: 2, .. }));
    /// ```
    ///
    /// # Errors
    /// As [`Builder::push`] and [`Builder::finish`].
    pub fn build(pairs: impl IntoIterator<Item = Pair>) -> Result<Self, BuildError> {
        let mut builder = Builder::new();
        for pair in pairs {
            builder.push(pair)?;
        }
        builder.finish()
    }

    pub(crate) fn new(rows: Builder, nodes: Vec<B256>) -> Self {
        let root = nodes.last().copied().unwrap_or_default();
        Self { rows, nodes, root }
    }

    /// The root. Its text (`Display`) is `0x` and 64 lower-case hex digits (spec/05 §4).
    #[must_use]
    pub fn root(&self) -> B256 {
        self.root
    }

    /// The earners in order: the position of one is its index.
    #[must_use]
    pub fn earners(&self) -> &[Address] {
        &self.rows.earners
    }

    /// The rows it was built from, in order.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> {
        (0..self.earners().len()).flat_map(|earner| self.pairs_at(earner))
    }

    /// The number of rows it was built from.
    #[must_use]
    pub fn pair_count(&self) -> usize {
        self.rows.pair_count()
    }

    /// The rows of one earner in order: the position of one is its token index. None if the earner is unknown.
    pub fn pairs_of(&self, earner: Address) -> impl Iterator<Item = Pair> {
        self.position(earner).into_iter().flat_map(|earner| self.pairs_at(earner))
    }

    fn pairs_at(&self, earner: usize) -> impl Iterator<Item = Pair> {
        self.rows.range(earner).map(move |pair| Pair {
            earner: self.rows.earners[earner],
            token: self.rows.tokens[pair],
            cumulative: self.rows.amounts[pair],
        })
    }

    /// The index of an earner, if it has any pair.
    #[must_use]
    pub fn find(&self, earner: Address) -> Option<u32> {
        self.position(earner).map(index)
    }

    fn position(&self, earner: Address) -> Option<usize> {
        self.earners().binary_search(&earner).ok()
    }

    /// Bytes held on the heap.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows.bytes() + self.nodes.capacity() * size_of::<B256>()
    }

    /// The claim of an earner for tokens in the caller's order (spec/05 §5). A token may be listed twice; the contract
    /// pays it once and refuses the second.
    ///
    /// `root_index` is the index under which the root was posted. It is passed on as it is: no proof covers it.
    ///
    /// # Errors
    /// [`LookupError`]: the earner or one of the tokens has no pair, or there is no token in the list.
    pub fn claim(&self, root_index: u32, earner: Address, tokens: &[Address]) -> Result<Claim, LookupError> {
        let position = self.position(earner).ok_or(LookupError::UnknownEarner { earner })?;
        let of_earner = &self.rows.tokens[self.rows.range(position)];
        let find = |token| of_earner.binary_search(&token).map_err(|_| LookupError::UnknownToken { earner, token });
        let indices = tokens.iter().map(|&token| find(token)).collect::<Result<Vec<_>, _>>()?;
        if indices.is_empty() {
            return Err(LookupError::NoTokens { earner });
        }
        Ok(self.claim_at(root_index, position, indices))
    }

    /// The claim of an earner for all its tokens, in ascending order; otherwise as [`claim`](Self::claim).
    ///
    /// # Errors
    /// [`LookupError::UnknownEarner`].
    pub fn claim_all(&self, root_index: u32, earner: Address) -> Result<Claim, LookupError> {
        let position = self.position(earner).ok_or(LookupError::UnknownEarner { earner })?;
        Ok(self.claim_at(root_index, position, 0..self.rows.range(position).len()))
    }

    fn claim_at(&self, root_index: u32, earner: usize, tokens: impl IntoIterator<Item = usize>) -> Claim {
        let mut nodes = Vec::new();
        let earner_leaf = self.rows.earner_leaf(earner, &mut nodes);
        let pairs = self.rows.range(earner);
        let tokens = tokens.into_iter().map(|token| TokenClaim {
            index: index(token),
            proof: tree::proof(&nodes, pairs.len(), token),
            leaf: self.rows.token_leaf(pairs.start + token),
        });
        Claim {
            root: self.root,
            root_index,
            earner_index: index(earner),
            earner_tree_proof: tree::proof(&self.nodes, self.earners().len(), earner),
            earner_leaf,
            tokens: tokens.collect(),
        }
    }
}

/// A position as a claim has it. A builder takes no more rows than there are indices.
fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
