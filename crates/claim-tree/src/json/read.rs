//! Reading a claim: every field once, no other, and counts that agree.

use std::fmt;

use alloy_primitives::{Address, B256};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::fields::Field;
use super::values::{Amount, Hex, List, Proof};
use crate::{Claim, EarnerLeaf, TokenClaim, TokenLeaf};

/// Reads the JSON of the contract's tests, by serde_json only: amounts are taken from the text itself.
///
/// # Errors
/// With the name of the field: what is missing, unknown, there twice, or not of its form; counts that differ; an index
/// that a tree as deep as its proof does not have; no token at all. A `serde_json::Value` has made a float of a number
/// above 2^64, which is refused; amounts as text are read from it.
impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimFields)
    }
}

struct ClaimFields;

impl<'de> Visitor<'de> for ClaimFields {
    type Value = Claim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claim, A::Error> {
        const NAMES: &[&str] = &[
            "Root",
            "RootIndex",
            "EarnerIndex",
            "EarnerTreeProof",
            "EarnerLeaf",
            "LeafIndices",
            "TokenTreeProofs",
            "TokenLeaves",
            "TokenTreeProofsNum",
            "TokenLeavesNum",
        ];
        let mut root = Field::<Hex<32>>::new("Root");
        let mut root_index = Field::<u32>::new("RootIndex");
        let mut earner_index = Field::<u32>::new("EarnerIndex");
        let mut earner_tree_proof = Field::<Proof>::new("EarnerTreeProof");
        let mut earner_leaf = Field::<EarnerLeaf>::new("EarnerLeaf");
        let mut indices = Field::<List<u32>>::new("LeafIndices");
        let mut proofs = Field::<List<Proof>>::new("TokenTreeProofs");
        let mut leaves = Field::<List<TokenLeaf>>::new("TokenLeaves");
        let mut proofs_num = Field::<u32>::new("TokenTreeProofsNum");
        let mut leaves_num = Field::<u32>::new("TokenLeavesNum");
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "Root" => root.read(&mut map)?,
                "RootIndex" => root_index.read(&mut map)?,
                "EarnerIndex" => earner_index.read(&mut map)?,
                "EarnerTreeProof" => earner_tree_proof.read(&mut map)?,
                "EarnerLeaf" => earner_leaf.read(&mut map)?,
                "LeafIndices" => indices.read(&mut map)?,
                "TokenTreeProofs" => proofs.read(&mut map)?,
                "TokenLeaves" => leaves.read(&mut map)?,
                "TokenTreeProofsNum" => proofs_num.read(&mut map)?,
                "TokenLeavesNum" => leaves_num.read(&mut map)?,
                other => return Err(A::Error::unknown_field(other, NAMES)),
            }
        }
        let tokens = Tokens {
            indices: indices.required::<A::Error>()?.0,
            proofs: proofs.required::<A::Error>()?.0,
            leaves: leaves.required::<A::Error>()?.0,
            proofs_num: proofs_num.required()?,
            leaves_num: leaves_num.required()?,
        };
        let claim = Claim {
            root: B256::new(root.required::<A::Error>()?.0),
            root_index: root_index.required()?,
            earner_index: earner_index.required()?,
            earner_tree_proof: earner_tree_proof.required::<A::Error>()?.0,
            earner_leaf: earner_leaf.required()?,
            tokens: tokens.joined()?,
        };
        claim.check_indices().map_err(A::Error::custom)?;
        Ok(claim)
    }
}

/// The lists that have an entry for each token, and what the claim says their lengths are.
struct Tokens {
    indices: Vec<u32>,
    proofs: Vec<Proof>,
    leaves: Vec<TokenLeaf>,
    proofs_num: u32,
    leaves_num: u32,
}

impl Tokens {
    fn joined<E: Error>(self) -> Result<Vec<TokenClaim>, E> {
        let (indices, proofs, leaves) = (self.indices.len(), self.proofs.len(), self.leaves.len());
        if proofs != indices {
            return Err(E::custom(format_args!("TokenTreeProofs: {proofs} entries, but LeafIndices has {indices}")));
        }
        if leaves != indices {
            return Err(E::custom(format_args!("TokenLeaves: {leaves} entries, but LeafIndices has {indices}")));
        }
        if u32::try_from(proofs) != Ok(self.proofs_num) {
            let says = self.proofs_num;
            return Err(E::custom(format_args!(
                "TokenTreeProofsNum: {says}, but TokenTreeProofs has {proofs} entries"
            )));
        }
        if u32::try_from(leaves) != Ok(self.leaves_num) {
            let says = self.leaves_num;
            return Err(E::custom(format_args!("TokenLeavesNum: {says}, but TokenLeaves has {leaves} entries")));
        }
        let lists = self.indices.into_iter().zip(self.proofs).zip(self.leaves);
        Ok(lists.map(|((index, proof), leaf)| TokenClaim { index, proof: proof.0, leaf }).collect())
    }
}

/// As part of a [`Claim`].
impl<'de> Deserialize<'de> for EarnerLeaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EarnerLeafFields)
    }
}

struct EarnerLeafFields;

impl<'de> Visitor<'de> for EarnerLeafFields {
    type Value = EarnerLeaf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an earner leaf as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EarnerLeaf, A::Error> {
        let mut earner = Field::<Hex<20>>::new("Earner");
        let mut root = Field::<Hex<32>>::new("EarnerTokenRoot");
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "Earner" => earner.read(&mut map)?,
                "EarnerTokenRoot" => root.read(&mut map)?,
                other => return Err(A::Error::unknown_field(other, &["Earner", "EarnerTokenRoot"])),
            }
        }
        Ok(EarnerLeaf {
            earner: Address::from(earner.required::<A::Error>()?.0),
            earner_token_root: B256::new(root.required::<A::Error>()?.0),
        })
    }
}

/// As part of a [`Claim`]: by serde_json only.
impl<'de> Deserialize<'de> for TokenLeaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TokenLeafFields)
    }
}

struct TokenLeafFields;

impl<'de> Visitor<'de> for TokenLeafFields {
    type Value = TokenLeaf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token leaf as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TokenLeaf, A::Error> {
        let mut token = Field::<Hex<20>>::new("Token");
        let mut amount = Field::<Amount>::new("CumulativeEarnings");
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "Token" => token.read(&mut map)?,
                "CumulativeEarnings" => amount.read(&mut map)?,
                other => return Err(A::Error::unknown_field(other, &["Token", "CumulativeEarnings"])),
            }
        }
        Ok(TokenLeaf {
            token: Address::from(token.required::<A::Error>()?.0),
            cumulative_earnings: amount.required::<A::Error>()?.0,
        })
    }
}
