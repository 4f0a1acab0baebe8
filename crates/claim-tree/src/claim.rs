//! A claim as data, and its verification.

use alloy_primitives::B256;

use crate::tree::{in_range, root_of};
use crate::{ClaimError, EarnerLeaf, TokenLeaf};

/// Proof that an earner has got so much of some tokens under a root (spec/05 §5).
///
/// It cannot have fewer proofs than leaves, nor a proof that is no whole number of hashes. JSON can say that, and is
/// refused when it is read: see the implementation of `Deserialize`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The distribution root.
    pub root: B256,
    /// Index of the posted root. No proof covers it: the contract looks up the root under it, and so must whoever needs
    /// to know that the two belong together.
    pub root_index: u32,
    /// Position of the earner among all earners, from 0.
    pub earner_index: u32,
    /// Proof of the earner leaf: siblings from the leaf level upward, none in a tree of one earner.
    pub earner_tree_proof: Vec<B256>,
    /// The earner and the root over its tokens.
    pub earner_leaf: EarnerLeaf,
    /// What is claimed, in the order the claim was asked for; at least one.
    pub tokens: Vec<TokenClaim>,
}

/// One token of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenClaim {
    /// Position of the token among the earner's tokens, from 0.
    pub index: u32,
    /// Proof of the token leaf: siblings from the leaf level upward, none if the earner has one token.
    pub proof: Vec<B256>,
    /// The token and its cumulative amount.
    pub leaf: TokenLeaf,
}

impl Claim {
    /// Proves the claim from itself: each token leads to the earner's token root, and the earner to the root.
    ///
    /// That the root was posted, under [`root_index`](Self::root_index), is not proven by this.
    ///
    /// # Errors
    /// [`ClaimError`]: the first thing that is wrong, indices before hashes and tokens before the earner.
    pub fn verify(&self) -> Result<(), ClaimError> {
        self.check_indices()?;
        let expected = self.earner_leaf.earner_token_root;
        for (entry, TokenClaim { index, proof, leaf }) in self.tokens.iter().enumerate() {
            let found = root_of(leaf.hash(), *index, proof);
            if found != expected {
                return Err(ClaimError::TokenProof { entry, token: leaf.token, expected, found });
            }
        }
        let found = root_of(self.earner_leaf.hash(), self.earner_index, &self.earner_tree_proof);
        if found != self.root {
            return Err(ClaimError::EarnerProof { earner: self.earner_leaf.earner, expected: self.root, found });
        }
        Ok(())
    }

    /// What can be said without hashing: there is a token, and no index has bits above its proof, where verification
    /// would not look.
    pub(crate) fn check_indices(&self) -> Result<(), ClaimError> {
        if self.tokens.is_empty() {
            return Err(ClaimError::NoTokens);
        }
        let (index, depth) = (self.earner_index, self.earner_tree_proof.len());
        if !in_range(index, &self.earner_tree_proof) {
            return Err(ClaimError::EarnerIndexOutOfRange { index, depth });
        }
        for (entry, TokenClaim { index, proof, .. }) in self.tokens.iter().enumerate() {
            if !in_range(*index, proof) {
                return Err(ClaimError::TokenIndexOutOfRange { entry, index: *index, depth: proof.len() });
            }
        }
        Ok(())
    }
}
