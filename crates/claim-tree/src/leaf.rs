//! The two kinds of leaves (spec/05 §3). A prefix tells them apart, and their 53 bytes tell them from the 64 of an
//! inner node.

use alloy_primitives::{Address, B256, U256, keccak256};
use serde::Serialize;

use crate::tree;

const EARNER_PREFIX: u8 = 0x00;
const TOKEN_PREFIX: u8 = 0x01;

/// What an earner has got of one token since the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TokenLeaf {
    /// The token's contract.
    pub token: Address,
    /// Σ amount in the token's smallest unit (spec/05 §1); may be 0. Decimal text in JSON.
    #[serde(serialize_with = "crate::json::decimal")]
    pub cumulative_earnings: U256,
}

/// An earner, and the root over its token leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EarnerLeaf {
    /// Who may claim.
    pub earner: Address,
    /// Root of the tree over the earner's token leaves in order.
    pub earner_token_root: B256,
}

impl TokenLeaf {
    /// Keccak-256 of 0x01 ‖ token ‖ amount as 32 bytes, big-endian (spec/05 §3).
    #[must_use]
    pub fn hash(&self) -> B256 {
        hash(TOKEN_PREFIX, self.token, self.cumulative_earnings.to_be_bytes())
    }
}

impl EarnerLeaf {
    /// The leaf of an earner with these token leaves, of which there is at least one, in the order of tokens. `nodes` is for the token tree.
    #[must_use]
    pub fn over(earner: Address, tokens: impl Iterator<Item = TokenLeaf>, nodes: &mut Vec<B256>) -> Self {
        nodes.clear();
        nodes.extend(tokens.map(|token| token.hash()));
        Self { earner, earner_token_root: tree::grow(nodes) }
    }

    /// Keccak-256 of 0x00 ‖ earner ‖ token root (spec/05 §3).
    #[must_use]
    pub fn hash(&self) -> B256 {
        hash(EARNER_PREFIX, self.earner, self.earner_token_root.0)
    }
}

fn hash(prefix: u8, address: Address, rest: [u8; 32]) -> B256 {
    let mut bytes = [prefix; 53];
    bytes[1..21].copy_from_slice(address.as_slice());
    bytes[21..].copy_from_slice(&rest);
    keccak256(bytes)
}
