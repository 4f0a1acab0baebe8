//! The tree over a million cumulative amounts, and claims from it.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use alloy_primitives::{Address, U256};
use claim_tree::{Builder, Distribution, Pair};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

const PAIRS: u32 = 1_000_000;

fn address(index: u32) -> Address {
    Address::right_padding_from(&index.to_be_bytes())
}

/// A million pairs with so many tokens an earner.
fn pairs(tokens: u32) -> impl Iterator<Item = Pair> {
    (0..PAIRS).map(move |row| Pair {
        earner: address(row / tokens),
        token: address(row % tokens),
        cumulative: U256::from(row) << 64,
    })
}

fn builder(tokens: u32) -> Builder {
    let mut builder = Builder::with_capacity(PAIRS as usize, PAIRS.div_ceil(tokens) as usize);
    pairs(tokens).for_each(|pair| builder.push(pair).expect("ascending"));
    builder
}

fn trees(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a million pairs");
    group.sample_size(10);
    group.bench_function("rows", |bench| bench.iter(|| builder(black_box(5)).pair_count()));
    for tokens in [5, 1] {
        let builder = builder(tokens);
        group.bench_function(format!("tree, tokens an earner: {tokens}"), |bench| {
            bench.iter_batched(
                || builder.clone(),
                |builder| builder.finish().map(|distribution| distribution.root()),
                BatchSize::PerIteration,
            );
        });
    }
}

fn claims(criterion: &mut Criterion) {
    let distribution = Distribution::build(pairs(5)).expect("ascending");
    let (earner, token) = (address(66_666), address(3));
    criterion.bench_function("claim of one token", |bench| {
        bench.iter(|| distribution.claim(0, black_box(earner), black_box(&[token])));
    });
    criterion.bench_function("claim of all five tokens", |bench| {
        bench.iter(|| distribution.claim_all(0, black_box(earner)));
    });
    let claim = distribution.claim_all(0, earner).expect("known");
    criterion.bench_function("verification of five tokens", |bench| bench.iter(|| black_box(&claim).verify()));
}

criterion_group!(benches, trees, claims);
criterion_main!(benches);
