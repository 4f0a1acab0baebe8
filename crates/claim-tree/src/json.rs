//! A claim as JSON, in the shape of the rewards coordinator contract's own tests.
//!
//! | field | form |
//! |---|---|
//! | `Root`, `Earner`, `EarnerTokenRoot`, `Token` | text, `0x` and lower-case hex |
//! | `EarnerTreeProof`, entries of `TokenTreeProofs` | the same, 64 digits for each hash, `0x` for none |
//! | `RootIndex`, `EarnerIndex`, entries of `LeafIndices`, `TokenTreeProofsNum`, `TokenLeavesNum` | number |
//! | `CumulativeEarnings` | decimal text is written (spec/05 §5); a number, as in those tests, is read as exactly |
//!
//! Each value has one text, so that no change of a byte goes unnoticed: upper-case digits, missing `0x`, leading zeros,
//! signs, points and exponents are refused.

mod fields;
mod read;
mod values;

use alloy_primitives::{B256, U256, hex};
use serde::{Serialize, Serializer};

use crate::{Claim, EarnerLeaf, TokenLeaf};

/// A claim as it is written, for derive.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    root: B256,
    root_index: u32,
    earner_index: u32,
    earner_tree_proof: String,
    earner_leaf: &'a EarnerLeaf,
    leaf_indices: Vec<u32>,
    token_tree_proofs: Vec<String>,
    token_leaves: Vec<&'a TokenLeaf>,
    token_tree_proofs_num: usize,
    token_leaves_num: usize,
}

/// Writes the JSON of the contract's tests, amounts as decimal text.
impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            root: self.root,
            root_index: self.root_index,
            earner_index: self.earner_index,
            earner_tree_proof: text(&self.earner_tree_proof),
            earner_leaf: &self.earner_leaf,
            leaf_indices: self.tokens.iter().map(|token| token.index).collect(),
            token_tree_proofs: self.tokens.iter().map(|token| text(&token.proof)).collect(),
            token_leaves: self.tokens.iter().map(|token| &token.leaf).collect(),
            token_tree_proofs_num: self.tokens.len(),
            token_leaves_num: self.tokens.len(),
        };
        written.serialize(serializer)
    }
}

fn text(proof: &[B256]) -> String {
    hex::encode_prefixed(proof.concat())
}

/// An amount as decimal text.
pub(crate) fn decimal<S: Serializer>(amount: &U256, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}
