//! Every byte of a claim changed, and every byte of its JSON: all is noticed, but for `RootIndex`, which no proof
//! covers.

use std::ops::Range;

use alloy_primitives::{Address, B256, U256};
use claim_tree::{Claim, ClaimError, Distribution};

use crate::{CONTRACT_CLAIMS, contract_claims, grid, v2};

/// Claims of every shape: those of the contract, of V2, and of trees with padding on several levels.
fn claims() -> Vec<(String, Claim)> {
    let mut claims = contract_claims().map(|(name, claim)| (name.to_owned(), claim)).collect::<Vec<_>>();
    let one = Distribution::build(grid(1, 1)).unwrap();
    let padded = Distribution::build(grid(9, 5)).unwrap();
    let full = Distribution::build(grid(8, 4)).unwrap();
    for (name, distribution) in [("V2", v2()), ("one pair", one), ("padded", padded), ("full", full)] {
        for &earner in distribution.earners() {
            claims.push((format!("{name} {earner:#x}"), distribution.claim_all(0, earner).unwrap()));
        }
    }
    claims
}

/// The claim with one value changed into each of those that differ in one byte, by four different masks.
fn flips<const N: usize>(
    claim: &Claim,
    get: impl Fn(&Claim) -> [u8; N],
    set: impl Fn(&mut Claim, [u8; N]),
) -> Vec<Claim> {
    let masks = [0x01, 0x40, 0x80, 0xff];
    let flip = |(at, mask): (usize, u8)| {
        let (mut claim, mut bytes) = (claim.clone(), get(claim));
        bytes[at] ^= mask;
        set(&mut claim, bytes);
        claim
    };
    (0..N).flat_map(|at| masks.map(|mask| (at, mask))).map(flip).collect()
}

#[test]
fn a_changed_byte_of_any_field_is_noticed() {
    for (name, claim) in claims() {
        let mut changed = flips(&claim, |c| c.root.0, |c, bytes| c.root = B256::new(bytes));
        changed.extend(flips(&claim, |c| c.earner_index.to_be_bytes(), |c, b| c.earner_index = u32::from_be_bytes(b)));
        changed.extend(flips(&claim, |c| c.earner_leaf.earner.into(), |c, b| c.earner_leaf.earner = Address::new(b)));
        let token_root = |c: &mut Claim, b| c.earner_leaf.earner_token_root = B256::new(b);
        changed.extend(flips(&claim, |c| c.earner_leaf.earner_token_root.0, token_root));
        for at in 0..claim.earner_tree_proof.len() {
            changed.extend(flips(&claim, |c| c.earner_tree_proof[at].0, |c, b| c.earner_tree_proof[at] = B256::new(b)));
        }
        for entry in 0..claim.tokens.len() {
            let index = |c: &Claim| c.tokens[entry].index.to_be_bytes();
            changed.extend(flips(&claim, index, |c, b| c.tokens[entry].index = u32::from_be_bytes(b)));
            let token = |c: &mut Claim, b| c.tokens[entry].leaf.token = Address::new(b);
            changed.extend(flips(&claim, |c| c.tokens[entry].leaf.token.into(), token));
            let amount = |c: &Claim| c.tokens[entry].leaf.cumulative_earnings.to_be_bytes::<32>();
            let set = |c: &mut Claim, b| c.tokens[entry].leaf.cumulative_earnings = U256::from_be_bytes::<32>(b);
            changed.extend(flips(&claim, amount, set));
            for at in 0..claim.tokens[entry].proof.len() {
                let set = |c: &mut Claim, b| c.tokens[entry].proof[at] = B256::new(b);
                changed.extend(flips(&claim, |c| c.tokens[entry].proof[at].0, set));
            }
        }
        assert_eq!(claim.verify(), Ok(()), "{name}");
        for changed in changed {
            assert_ne!(changed, claim);
            assert!(changed.verify().is_err(), "{name}: {changed:?}");
        }
    }
}

#[test]
fn a_proof_with_a_hash_too_many_or_too_few_or_two_of_them_swapped_is_noticed() {
    let changes: [fn(&mut Vec<B256>); 5] = [
        |proof| proof.push(B256::ZERO),
        |proof| proof.insert(0, B256::ZERO),
        |proof| proof.truncate(proof.len().saturating_sub(1)),
        |proof| *proof = proof.split_off(proof.len().min(1)),
        |proof| proof.reverse(),
    ];
    for (name, claim) in claims() {
        for change in changes {
            let mut changed = claim.clone();
            change(&mut changed.earner_tree_proof);
            assert!(changed == claim || changed.verify().is_err(), "{name}: {changed:?}");
            for entry in 0..claim.tokens.len() {
                let mut changed = claim.clone();
                change(&mut changed.tokens[entry].proof);
                assert!(changed == claim || changed.verify().is_err(), "{name}: {changed:?}");
            }
        }
    }
}

#[test]
fn an_index_with_bits_above_the_proof_is_refused_although_the_hashes_agree() {
    for (name, claim) in claims() {
        let depth = claim.earner_tree_proof.len();
        for bit in depth..32 {
            let mut changed = claim.clone();
            changed.earner_index |= 1 << bit;
            let error = ClaimError::EarnerIndexOutOfRange { index: changed.earner_index, depth };
            assert_eq!(changed.verify(), Err(error), "{name}");
            let mut changed = claim.clone();
            let depth = changed.tokens[0].proof.len();
            changed.tokens[0].index |= 1 << bit.max(depth);
            let error = ClaimError::TokenIndexOutOfRange { entry: 0, index: changed.tokens[0].index, depth };
            assert_eq!(changed.verify(), Err(error), "{name}");
        }
    }
}

#[test]
fn the_proofs_of_two_tokens_are_not_interchangeable() {
    let (_, claim) = contract_claims().find(|(name, _)| *name == "Root1").unwrap();
    let mut changed = claim.clone();
    let (first, rest) = changed.tokens.split_at_mut(1);
    std::mem::swap(&mut first[0].leaf, &mut rest[0].leaf);
    assert!(matches!(changed.verify(), Err(ClaimError::TokenProof { entry: 0, .. })));
    // A node of the tree is not taken for a leaf, nor an earner for a token: neither has a leaf's bytes and prefix.
    let mut shorter = claim;
    shorter.tokens[0].proof.remove(0);
    shorter.tokens[0].index /= 2;
    assert!(matches!(shorter.verify(), Err(ClaimError::TokenProof { entry: 0, .. })));
}

#[test]
fn errors_say_which_proof_fails_with_expected_and_found_hash() {
    let mut claim = v2().claim_all(0, Address::repeat_byte(0x11)).unwrap();
    claim.tokens[1].leaf.cumulative_earnings = U256::from(6);
    let error = claim.verify().unwrap_err();
    let ClaimError::TokenProof { entry: 1, expected, found, .. } = error.clone() else { panic!("{error}") };
    assert_eq!(expected, claim.earner_leaf.earner_token_root);
    let text = format!(
        "TokenTreeProofs: entry 1: token 0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb leads to {found}, \
         EarnerTokenRoot is {expected}"
    );
    assert_eq!(error.to_string(), text);
    // With the root that was found, the earner's proof is the next thing that is wrong.
    claim.tokens.remove(0);
    claim.tokens.remove(1);
    claim.earner_leaf.earner_token_root = found;
    let error = claim.verify().unwrap_err();
    let ClaimError::EarnerProof { expected, found, .. } = error.clone() else { panic!("{error}") };
    assert_eq!(expected, claim.root);
    let text = format!(
        "EarnerTreeProof: earner 0x1111111111111111111111111111111111111111 leads to {found}, Root is {expected}"
    );
    assert_eq!(error.to_string(), text);
    claim.tokens.clear();
    assert_eq!(claim.verify(), Err(ClaimError::NoTokens));
}

/// Where a text has the value of `RootIndex`.
fn root_index(text: &str) -> Range<usize> {
    let start = text.find("\"RootIndex\": ").unwrap() + "\"RootIndex\": ".len();
    start..start + 1
}

fn is_accepted(json: &[u8]) -> bool {
    serde_json::from_slice::<Claim>(json).is_ok_and(|claim| claim.verify().is_ok())
}

/// Every text of a file with one byte changed, as it comes out of `change`.
fn all_are_refused(name: &str, text: &str, change: impl Fn(u8) -> Vec<u8>) {
    for (at, byte) in text.bytes().enumerate() {
        if root_index(text).contains(&at) {
            continue;
        }
        for other in change(byte).into_iter().filter(|other| *other != byte) {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = other;
            assert!(!is_accepted(&changed), "{name}: byte {at} changed from {byte:#x} to {other:#x}");
        }
    }
}

#[test]
fn any_other_digit_in_the_json_is_noticed() {
    for (name, text) in CONTRACT_CLAIMS {
        let written = serde_json::to_string_pretty(&serde_json::from_str::<Claim>(text).unwrap()).unwrap();
        for text in [text, &written] {
            assert!(is_accepted(text.as_bytes()));
            all_are_refused(name, text, |byte| {
                let digits = b"0123456789abcdef";
                let Some(at) = digits.iter().position(|digit| *digit == byte) else { return Vec::new() };
                // The next one among the decimal ones, so that amounts stay amounts, and two among all.
                [(at + 1) % 10, (at + 1) % 16, (at + 9) % 16].map(|at| digits[at]).to_vec()
            });
        }
    }
}

#[test]
fn any_flipped_bit_in_the_json_is_noticed() {
    for (name, text) in CONTRACT_CLAIMS {
        all_are_refused(name, text, |byte| {
            let bits = if byte.is_ascii_whitespace() { 0..0 } else { 0..8 };
            bits.map(|bit| byte ^ 1 << bit).collect()
        });
    }
}

#[test]
fn another_root_index_is_not_noticed_because_no_proof_covers_it() {
    let (_, text) = CONTRACT_CLAIMS[0];
    let mut changed = text.as_bytes().to_vec();
    changed[root_index(text).start] = b'7';
    assert!(is_accepted(&changed));
}
