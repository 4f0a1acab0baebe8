//! Integration tests of claim-tree, one binary.
//!
//! * `spec_vectors`: V1 and V2 of spec/05 §6
//! * `contract_claims`: the claims of the contract's own tests
//! * `slow`: the trees of spec/05 §4 once more, slowly; `against_slow`: both on the same pairs
//! * `order`: rows that are no distribution, and what a distribution tells about its rows
//! * `tampering`: every byte of a claim, and every byte of its JSON, changed
//! * `json`: the JSON form, and what it refuses
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod against_slow;
mod contract_claims;
mod json;
mod order;
mod slow;
mod spec_vectors;
mod tampering;

use alloy_primitives::{Address, U256};
use claim_tree::{Claim, Distribution, Pair};

/// Name and text of each claim of the contract's tests.
const CONTRACT_CLAIMS: [(&str, &str); 7] = [
    ("MaxEarnerAndLeafIndices", include_str!("../vectors/processClaimProofs_MaxEarnerAndLeafIndices.json")),
    ("Root1", include_str!("../vectors/processClaimProofs_Root1.json")),
    ("Root2", include_str!("../vectors/processClaimProofs_Root2.json")),
    ("Root3", include_str!("../vectors/processClaimProofs_Root3.json")),
    ("SingleEarnerLeaf", include_str!("../vectors/processClaimProofs_SingleEarnerLeaf.json")),
    ("SingleTokenLeaf", include_str!("../vectors/processClaimProofs_SingleTokenLeaf.json")),
    ("Preprod", include_str!("../vectors/processClaim_Preprod_Test.json")),
];

fn contract_claims() -> impl Iterator<Item = (&'static str, Claim)> {
    CONTRACT_CLAIMS.into_iter().map(|(name, text)| (name, serde_json::from_str(text).unwrap()))
}

/// A pair whose addresses repeat one byte, as in spec/05 §6.
fn pair(earner: u8, token: u8, cumulative: U256) -> Pair {
    let (earner, token) = (Address::repeat_byte(earner), Address::repeat_byte(token));
    Pair { earner, token, cumulative }
}

/// V2 of spec/05 §6.
fn v2() -> Distribution {
    let amount = |text: &str| U256::from_str_radix(text, 10).unwrap();
    Distribution::build([
        pair(0x11, 0xaa, amount("1000000000000000000")),
        pair(0x11, 0xbb, amount("5")),
        pair(0x11, 0xcc, amount("0")),
        pair(0x22, 0xaa, amount("7")),
        pair(0x33, 0xbb, amount("123456789012345678901234567890")),
    ])
    .unwrap()
}

/// Addresses that ascend with `index` but have nothing else in common.
fn address(index: u32) -> Address {
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&index.to_be_bytes());
    bytes[4..8].copy_from_slice(&index.wrapping_mul(0x9e37_79b9).to_le_bytes());
    Address::from(bytes)
}

/// So many earners with so many tokens each.
fn grid(earners: u32, tokens: u32) -> Vec<Pair> {
    let pair = |earner, token: u32| Pair {
        earner: address(earner),
        token: address(token),
        cumulative: U256::from(u64::from(earner) << 32 | u64::from(token)).pow(U256::from(token % 4)),
    };
    (0..earners).flat_map(|earner| (0..tokens).map(move |token| pair(earner, token))).collect()
}
