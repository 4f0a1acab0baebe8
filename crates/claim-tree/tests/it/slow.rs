//! The trees of spec/05 §3 – §5 once more, recursive and on byte strings, with another Keccak; nothing is shared with
//! the crate.

use claim_tree::Pair;
use tiny_keccak::{Hasher, Keccak};

pub type Bytes = Vec<u8>;

fn h(bytes: &[u8]) -> Bytes {
    let mut keccak = Keccak::v256();
    keccak.update(bytes);
    let mut hash = vec![0; 32];
    keccak.finalize(&mut hash);
    hash
}

/// `nodes[i]` of §4, with m leaves after padding.
fn node(leaves: &[Bytes], m: usize, i: usize) -> Bytes {
    if i < m {
        h(&[node(leaves, m, 2 * i), node(leaves, m, 2 * i + 1)].concat())
    } else if i - m < leaves.len() {
        h(&leaves[i - m])
    } else {
        vec![0; 32]
    }
}

fn padded(leaves: &[Bytes]) -> usize {
    let mut m = 1;
    while m < leaves.len() {
        m *= 2;
    }
    m
}

pub fn root(leaves: &[Bytes]) -> Bytes {
    node(leaves, padded(leaves), 1)
}

/// The proof of leaf k by §5, as one string of bytes.
pub fn proof(leaves: &[Bytes], k: usize) -> Bytes {
    let m = padded(leaves);
    let mut p = m + k;
    let mut bytes = Bytes::new();
    while p > 1 {
        bytes.extend(node(leaves, m, p ^ 1));
        p /= 2;
    }
    bytes
}

/// The pairs of each earner.
pub fn by_earner(pairs: &[Pair]) -> Vec<&[Pair]> {
    pairs.chunk_by(|a, b| a.earner == b.earner).collect()
}

/// The leaves over the pairs of one earner.
pub fn token_leaves(pairs: &[Pair]) -> Vec<Bytes> {
    let leaf = |pair: &Pair| [&[1], pair.token.as_slice(), &pair.cumulative.to_be_bytes::<32>()].concat();
    pairs.iter().map(leaf).collect()
}

/// The leaves over all pairs.
pub fn earner_leaves(pairs: &[Pair]) -> Vec<Bytes> {
    let leaf = |of_earner: &[Pair]| {
        let token_root = root(&token_leaves(of_earner));
        [&[0], of_earner[0].earner.as_slice(), &token_root].concat()
    };
    by_earner(pairs).into_iter().map(leaf).collect()
}
