//! Rows that are no distribution, and what a distribution tells about its rows.

use alloy_primitives::{Address, U256};
use claim_tree::{BuildError, Builder, Distribution, LookupError};

use crate::{address, grid, pair, v2};

#[test]
fn no_rows_at_all_are_an_error() {
    assert_eq!(Distribution::build([]).unwrap_err(), BuildError::NoPairs);
}

#[test]
fn a_row_out_of_order_is_named_with_the_row_before_it() {
    let (first, one) = (pair(0x11, 0xaa, U256::from(1)), pair(0x22, 0xbb, U256::from(1)));
    let smaller_earner = pair(0x21, 0xcc, U256::from(1));
    let smaller_token = pair(0x22, 0xba, U256::from(1));
    let again = pair(0x22, 0xbb, U256::from(2));
    for bad in [smaller_earner, smaller_token, again] {
        let error = Distribution::build([first, one, bad]).unwrap_err();
        assert_eq!(error, BuildError::OutOfOrder { row: 2, previous: Box::new(one), pair: Box::new(bad) });
    }
    let error = Distribution::build([first, one, smaller_token]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "pairs are not in ascending order: row 2 (from 0) is (earner 0x2222222222222222222222222222222222222222, token \
         0xbabababababababababababababababababababa), after (earner 0x2222222222222222222222222222222222222222, token \
         0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb)"
    );
}

#[test]
fn a_refused_row_is_not_taken() {
    let mut builder = Builder::new();
    builder.push(pair(2, 2, U256::from(1))).unwrap();
    builder.push(pair(1, 9, U256::from(1))).unwrap_err();
    builder.push(pair(2, 3, U256::from(1))).unwrap();
    let rows = builder.finish().unwrap().pairs().collect::<Vec<_>>();
    assert_eq!(rows, [pair(2, 2, U256::from(1)), pair(2, 3, U256::from(1))]);
}

#[test]
fn rows_and_earners_come_back_in_order_with_their_indices() {
    let rows = grid(5, 3);
    let distribution = Distribution::build(rows.iter().copied()).unwrap();
    assert_eq!(distribution.pairs().collect::<Vec<_>>(), rows);
    assert_eq!(distribution.pair_count(), 15);
    for (index, &earner) in (0..).zip(distribution.earners()) {
        assert_eq!((earner, distribution.find(earner)), (address(index), Some(index)));
        assert!(distribution.pairs_of(earner).eq(rows.iter().copied().filter(|row| row.earner == earner)));
    }
    assert_eq!(distribution.earners().len(), 5);
    assert_eq!(distribution.find(address(5)), None);
    assert_eq!(distribution.pairs_of(address(5)).count(), 0);
}

#[test]
fn unknown_earners_and_tokens_are_named() {
    let (distribution, known) = (v2(), Address::repeat_byte(0x22));
    let unknown = Address::repeat_byte(0xbb);
    let error = distribution.claim(0, unknown, &[]).unwrap_err();
    assert_eq!(error, LookupError::UnknownEarner { earner: unknown });
    assert_eq!(error, distribution.claim_all(0, unknown).unwrap_err());
    assert_eq!(error.to_string(), "earner 0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb has no cumulative amounts");
    // Another earner has that token.
    let error = distribution.claim(0, known, &[Address::repeat_byte(0xaa), unknown]).unwrap_err();
    assert_eq!(error, LookupError::UnknownToken { earner: known, token: unknown });
    assert_eq!(
        error.to_string(),
        "earner 0x2222222222222222222222222222222222222222 has no cumulative amount of token \
         0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    );
    assert_eq!(distribution.claim(0, known, &[]).unwrap_err(), LookupError::NoTokens { earner: known });
}

#[test]
fn memory_is_what_the_docs_say() {
    for (earners, tokens) in [(1, 1), (1, 1000), (1000, 1), (1025, 3), (4096, 2)] {
        let rows = grid(earners, tokens);
        let distribution = Distribution::build(rows.iter().copied()).unwrap();
        let least = rows.len() * Builder::PAIR_BYTES + earners as usize * Distribution::EARNER_BYTES - 32;
        assert!(
            (least..least + 1024).contains(&distribution.bytes()),
            "{earners} × {tokens}: {}",
            distribution.bytes()
        );
        let mut builder = Builder::with_capacity(rows.len(), earners as usize);
        let reserved = builder.bytes();
        assert_eq!(reserved, rows.len() * Builder::PAIR_BYTES + earners as usize * Builder::EARNER_BYTES);
        rows.into_iter().for_each(|row| builder.push(row).unwrap());
        assert_eq!(builder.bytes(), reserved);
    }
    assert_eq!((Builder::PAIR_BYTES, Builder::EARNER_BYTES, Distribution::EARNER_BYTES), (52, 24, 88));
}
