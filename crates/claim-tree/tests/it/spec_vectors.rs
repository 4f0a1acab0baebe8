//! V1 and V2 of spec/05 §6.

use alloy_primitives::{Address, B256, U256, b256, keccak256};
use claim_tree::{Distribution, TokenLeaf};

use crate::{pair, v2};

#[test]
fn v1_token_leaf_token_root_and_root() {
    let distribution = Distribution::build([pair(0x11, 0xaa, U256::from(1))]).unwrap();
    let claim = distribution.claim_all(0, Address::repeat_byte(0x11)).unwrap();
    let token_root = b256!("b7f392d121be0a8d841b974d4d9a2e2095f5a6d1a84de6cf9a40a0cd515d2c4e");
    assert_eq!(claim.earner_leaf.earner_token_root, token_root);
    let bytes = [&[1][..], &[0xaa; 20], &[0; 31], &[1]].concat();
    assert_eq!(claim.tokens[0].leaf.hash(), keccak256(bytes));
    assert_eq!(distribution.root(), b256!("a3574509ee017ccc1f7492a6277dbc0196b0fc83e6e0fe4a76fd9eb1e21865bf"));
    assert!(claim.earner_tree_proof.is_empty() && claim.tokens[0].proof.is_empty());
    assert_eq!(claim.verify(), Ok(()));
}

#[test]
fn v2_roots() {
    let distribution = v2();
    let token_roots = distribution
        .earners()
        .iter()
        .map(|&earner| distribution.claim_all(0, earner).unwrap().earner_leaf.earner_token_root);
    let expected = [
        b256!("e0609c9452db63f7718e1b69fd6b69701aedd148b199d63b7addf49d8e005c4c"),
        b256!("2ab2fe4238936f723a9dad1f7daff180ce641b945516c5a69893be273a47ee35"),
        b256!("730d68d4615f0f00397454c92a2ca63f3442f5635036b1a4d6ad418d47d6921f"),
    ];
    assert_eq!(token_roots.collect::<Vec<_>>(), expected);
    assert_eq!(distribution.root(), b256!("69c2298a3ee3e1d850da7e4e1b4ecb7be3a1d991bbb21e732dd2177341e2a7e4"));
}

#[test]
fn v2_proofs() {
    let distribution = v2();
    let claim = |earner| distribution.claim_all(0, Address::repeat_byte(earner)).unwrap();
    let third = claim(0x33);
    assert_eq!(third.earner_index, 2);
    let padded = b256!("f0ae16c1c5fa7ca7c7c00e94d8f9fbe1ec2171759e144f2d25ecaabd3fa83a91");
    assert_eq!(third.earner_tree_proof, [B256::ZERO, padded]);
    let first = claim(0x11);
    assert_eq!(first.earner_index, 0);
    let siblings = [
        b256!("e485292907510c768c71d4b9892d5b43badc8bdb161be73b293128d362e20510"),
        b256!("af01f4f5b3ee4f508008be3acb6e9d2b75c1d2ee1bd22a804600a813e51aef2b"),
    ];
    assert_eq!(first.earner_tree_proof, siblings);
    let nothing = &first.tokens[2];
    assert_eq!(nothing.leaf, TokenLeaf { token: Address::repeat_byte(0xcc), cumulative_earnings: U256::ZERO });
    let sibling = b256!("087090810a4f082e5f93a61022f725323d571d3eb974dc6c0825fbd3e25cd6ed");
    assert_eq!((nothing.index, nothing.proof.as_slice()), (2, &[B256::ZERO, sibling][..]));
    assert!(claim(0x22).tokens[0].proof.is_empty());
}

#[test]
fn the_text_of_a_root_is_0x_and_64_lower_case_digits() {
    let text = "0x69c2298a3ee3e1d850da7e4e1b4ecb7be3a1d991bbb21e732dd2177341e2a7e4";
    assert_eq!(v2().root().to_string(), text);
}
