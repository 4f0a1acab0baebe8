//! PostgreSQL's arithmetic as the rules use it, on operands of the sizes mainnet has.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pg_numeric::{Numeric, Parts, float8};
use reward_rules::{cut, prop};

/// A weight of shares around 10^20 times a multiplier around 10^18, and the total of many such.
const WEIGHT: &str = "98040651852260532873515295568546867000";
const TOTAL: &str = "1681280846910909511341291507596759460717360000";
const TOKENS: &str = "97796235930014064123456";

fn number(text: &str) -> Numeric {
    text.parse().expect("a number of this file")
}

fn rules(criterion: &mut Criterion) {
    let (weight, total, tokens) = (number(WEIGHT), number(TOTAL), number(TOKENS));
    criterion.bench_function("pgdiv", |bench| bench.iter(|| black_box(&weight).pgdiv(black_box(&total))));
    criterion.bench_function("prop", |bench| bench.iter(|| prop(black_box(&weight), black_box(&total))));
    let parts = Parts::of(total.clone());
    criterion.bench_function("prop by the reciprocal", |bench| {
        bench.iter(|| parts.floor_to_15_decimals(black_box(&weight)));
    });
    criterion.bench_function("cut", |bench| bench.iter(|| cut(black_box(&tokens), black_box(1000))));
    criterion.bench_function("multiply and add", |bench| {
        bench.iter(|| black_box(&total) + &(black_box(&weight) * black_box(&tokens)));
    });
}

fn casts(criterion: &mut Criterion) {
    let tokens = number(TOKENS);
    criterion.bench_function("numeric to float8", |bench| bench.iter(|| black_box(&tokens).to_f64()));
    let float = tokens.to_f64();
    criterion.bench_function("float8 to numeric, 15 digits", |bench| {
        bench.iter(|| float8::to_numeric_15(black_box(float)));
    });
    criterion.bench_function("float8 to numeric, shortest text", |bench| {
        bench.iter(|| float8::to_numeric_shortest(black_box(float)));
    });
}

fn codec(criterion: &mut Criterion) {
    let total = number(TOTAL);
    let mut wire = Vec::new();
    total.write_wire(&mut wire);
    criterion.bench_function("read NUMERIC", |bench| bench.iter(|| Numeric::read_wire(black_box(&wire))));
    let write = |criterion: &mut Criterion, name, value: &Numeric| {
        criterion.bench_function(name, |bench| {
            let mut out = Vec::with_capacity(64);
            bench.iter(|| {
                out.clear();
                black_box(value).write_wire(&mut out);
                out.len()
            });
        });
    };
    write(criterion, "write NUMERIC", &total);
    write(criterion, "write NUMERIC of an amount", &number(TOKENS));
}

criterion_group!(benches, rules, casts, codec);
criterion_main!(benches);
