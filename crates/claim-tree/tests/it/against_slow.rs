//! Fast and slow on the same pairs.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use claim_tree::{Distribution, Pair};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{grid, slow};

/// Root, and every `step`-th earner's claim, as the slow implementation has them; the claims verify.
fn check(pairs: &[Pair], step: usize) {
    let distribution = Distribution::build(pairs.iter().copied()).unwrap();
    let leaves = slow::earner_leaves(pairs);
    assert_eq!(distribution.root().as_slice(), slow::root(&leaves), "root of {pairs:?}");
    for (i, of_earner) in slow::by_earner(pairs).into_iter().enumerate().step_by(step) {
        let claim = distribution.claim_all(3, of_earner[0].earner).unwrap();
        assert_eq!((claim.root, claim.root_index, claim.earner_index as usize), (distribution.root(), 3, i));
        assert_eq!(claim.earner_tree_proof.concat(), slow::proof(&leaves, i), "proof of earner {i} of {pairs:?}");
        let token_leaves = slow::token_leaves(of_earner);
        assert_eq!(claim.earner_leaf.earner_token_root.as_slice(), slow::root(&token_leaves));
        assert_eq!(claim.tokens.len(), of_earner.len());
        for (j, (token, pair)) in claim.tokens.iter().zip(of_earner).enumerate().step_by(step) {
            assert_eq!((token.index as usize, token.leaf.token), (j, pair.token));
            assert_eq!(token.leaf.cumulative_earnings, pair.cumulative);
            assert_eq!(token.proof.concat(), slow::proof(&token_leaves, j), "proof of token {j} of {pairs:?}");
        }
        assert_eq!(claim.verify(), Ok(()));
    }
}

#[test]
fn every_number_of_earners_and_of_tokens_around_powers_of_two() {
    for count in (1..=17).chain([31, 32, 33]) {
        check(&grid(count, 1), 1);
        check(&grid(1, count), 1);
        check(&grid(count, 3), 1);
        check(&grid(2, count), 1);
    }
}

#[test]
fn trees_large_enough_for_several_threads() {
    check(&grid(5000, 1), 617);
    check(&grid(2, 4097), 1_021);
    check(&grid(1025, 2), 512);
}

/// Any amount, with small ones, 0 and the largest among them.
fn amount() -> impl Strategy<Value = U256> {
    prop_oneof![
        Just(U256::ZERO),
        Just(U256::MAX),
        any::<u64>().prop_map(U256::from),
        any::<[u64; 4]>().prop_map(U256::from_limbs),
    ]
}

/// Few different addresses, many, or such that share most bytes.
fn addresses(count: usize) -> impl Strategy<Value = Vec<Address>> {
    let far = any::<[u8; 20]>().prop_map(Address::from);
    let near = (0..20_usize, any::<u8>()).prop_map(|(at, byte)| {
        let mut bytes = [0x7f; 20];
        bytes[at] = byte;
        Address::from(bytes)
    });
    vec(prop_oneof![far, near], count)
}

const COUNTS: [usize; 14] = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33];

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    let earner = select(&COUNTS[..10]).prop_flat_map(|count| (addresses(count), vec(amount(), count)));
    let earners = select(&COUNTS[..]).prop_flat_map(move |count| (addresses(count), vec(earner.clone(), count)));
    earners.prop_map(|(earners, tokens)| {
        let mut pairs = BTreeMap::new();
        for (earner, (tokens, amounts)) in earners.into_iter().zip(tokens) {
            pairs.extend(tokens.into_iter().map(|token| (earner, token)).zip(amounts));
        }
        pairs.into_iter().map(|((earner, token), cumulative)| Pair { earner, token, cumulative }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_pairs_have_the_slow_root_and_proofs_and_every_claim_verifies(pairs in pairs()) {
        check(&pairs, 1);
    }

    #[test]
    fn a_claim_keeps_the_callers_order_of_tokens(pairs in pairs(), seed in any::<prop::sample::Index>()) {
        let distribution = Distribution::build(pairs.iter().copied()).unwrap();
        let earner = pairs[seed.index(pairs.len())].earner;
        let all = distribution.claim_all(0, earner).unwrap();
        let mut tokens = all.tokens.iter().map(|token| token.leaf.token).collect::<Vec<_>>();
        let count = tokens.len();
        tokens.rotate_left(seed.index(count));
        tokens.reverse();
        tokens.push(tokens[0]);
        let claim = distribution.claim(0, earner, &tokens).unwrap();
        prop_assert_eq!(claim.tokens.iter().map(|token| token.leaf.token).collect::<Vec<_>>(), tokens);
        prop_assert!(claim.tokens.iter().all(|token| all.tokens.contains(token)));
        prop_assert_eq!(claim.verify(), Ok(()));
    }
}
