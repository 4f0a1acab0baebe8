//! The tree over leaf hashes (spec/05 §4, §5).
//!
//! 1. Nodes are kept in one vector, level by level from the leaves upward; the last is the root.
//! 2. A level of n nodes has ⌈n/2⌉ above it. Padding is not kept: right of the nodes of a level, every node of the
//!    padded tree is the same, 32 zero bytes at the leaves and the hash of two paddings of the level below elsewhere.
//! 3. The proof of a leaf is its sibling on each level, kept or padding.

use std::sync::LazyLock;

use alloy_primitives::{B256, keccak256};
use rayon::prelude::*;

/// Levels of the largest tree: 2^32 leaves and the root above them.
const LEVELS: usize = 33;

/// From so many hashes on, a level is worth sharing between threads: some tenths of a millisecond.
pub(crate) const PARALLEL: usize = 1024;

/// Padding by level, that of the leaves first.
static PADDING: LazyLock<[B256; LEVELS]> = LazyLock::new(|| {
    let mut padding = [B256::ZERO; LEVELS];
    for level in 1..LEVELS {
        padding[level] = node(&padding[level - 1], &padding[level - 1]);
    }
    padding
});

fn node(left: &B256, right: &B256) -> B256 {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(left.as_slice());
    bytes[32..].copy_from_slice(right.as_slice());
    keccak256(bytes)
}

/// The number of nodes on each level over so many leaves, the leaves first, the root last.
fn levels(leaves: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(leaves), |&len| (len > 1).then(|| len.div_ceil(2)))
}

/// Nodes of a tree over so many leaves: less than 2 · leaves + 32.
pub(crate) fn node_count(leaves: usize) -> usize {
    levels(leaves).sum()
}

/// The root over the hashes of earners' leaves in the order of earners, on all threads of rayon's current pool; `None` if there is none
/// (spec/05 §4). For whoever keeps those hashes: a [`Distribution`](crate::Distribution) also proves claims.
#[must_use]
pub fn root_over(mut leaves: Vec<B256>) -> Option<B256> {
    (!leaves.is_empty()).then(|| grow(&mut leaves))
}

/// Appends the levels above to leaf hashes, of which there is at least one; the last node is the root, and is returned.
pub(crate) fn grow(nodes: &mut Vec<B256>) -> B256 {
    let leaves = nodes.len();
    nodes.resize(node_count(leaves), B256::ZERO);
    let mut level = nodes.as_mut_slice();
    for (len, padding) in levels(leaves).take_while(|&len| len > 1).zip(PADDING.iter()) {
        let (below, above) = level.split_at_mut(len);
        let over = |pair: &[B256]| node(&pair[0], pair.get(1).unwrap_or(padding));
        let count = len.div_ceil(2);
        if len < PARALLEL {
            above.iter_mut().zip(below.chunks(2)).for_each(|(parent, pair)| *parent = over(pair));
        } else {
            let parents = above[..count].par_iter_mut().with_min_len(PARALLEL / 4);
            parents.zip(below.par_chunks(2)).for_each(|(parent, pair)| *parent = over(pair));
        }
        level = above;
    }
    level[0]
}

/// The proof of leaf `index` in the nodes that [`grow`] made of so many leaves: siblings from the leaf level upward.
pub(crate) fn proof(nodes: &[B256], leaves: usize, mut index: usize) -> Vec<B256> {
    let mut level = nodes;
    let mut siblings = Vec::new();
    for (len, padding) in levels(leaves).take_while(|&len| len > 1).zip(PADDING.iter()) {
        let (below, above) = level.split_at(len);
        siblings.push(*below.get(index ^ 1).unwrap_or(padding));
        index /= 2;
        level = above;
    }
    siblings
}

/// The root that a proof leads to (spec/05 §5). Bits of the index above the proof are not looked at: see [`in_range`].
pub(crate) fn root_of(leaf: B256, index: u32, proof: &[B256]) -> B256 {
    let (root, _) = proof.iter().fold((leaf, index), |(hash, index), sibling| {
        let parent = if index & 1 == 0 { node(&hash, sibling) } else { node(sibling, &hash) };
        (parent, index >> 1)
    });
    root
}

/// Whether a tree as deep as a proof has a leaf of that index.
pub(crate) fn in_range(index: u32, proof: &[B256]) -> bool {
    let depth = u32::try_from(proof.len()).unwrap_or(u32::MAX);
    index.checked_shr(depth).unwrap_or(0) == 0
}
