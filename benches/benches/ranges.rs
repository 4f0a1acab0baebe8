//! The state of 90 days in a row from 100 000 ranges of shares and as many delegations, of which 1 % change on a day.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::collections::HashSet;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use delta_extractor::{Range, State, StateRanges};
use memory_budget::Budget;
use pg_numeric::Numeric;
use reward_rules::{Day, Id};

const STAKERS: u32 = 53_000;
const STRATEGIES: u32 = 12;
const OPERATORS: u32 = 150;
const DAYS: i32 = 90;

/// Numbers without order, the same in every run.
fn scattered(number: u32, bound: u32) -> u32 {
    let mixed = u64::from(number).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) % u64::from(bound)).unwrap_or(0)
}

/// Every key has a range from before the first day; some end, and another begins.
fn ranges<K: Copy, V>(key: impl Fn(u32) -> K, next: impl Fn(u32) -> K, value: impl Fn(u32) -> V) -> Vec<Range<K, V>> {
    let mut ranges = Vec::new();
    for number in 0..STAKERS {
        let first = Range { key: key(number), value: value(number), from: Day(0), to: None };
        let change = i32::try_from(scattered(number, 100)).unwrap_or(0);
        if change < DAYS {
            let day = Day(1000 + change);
            ranges.push(Range { to: Some(day), ..first });
            ranges.push(Range { key: next(number), value: value(number + 1), from: day, to: None });
        } else {
            ranges.push(first);
        }
    }
    ranges
}

fn state(budget: &Budget) -> State {
    let staker = |number| Id(STRATEGIES + OPERATORS + number);
    let strategy = |number| Id(number % STRATEGIES);
    let operator = |number| Id(STRATEGIES + scattered(number, OPERATORS));
    let shares = |number| Numeric::from(i128::from(scattered(number, 1_000_000_000)) * 1_000_000_000_000);
    let holding = |number| (staker(number), strategy(number));
    let ranges = StateRanges {
        staker_shares: ranges(holding, holding, shares),
        delegations: ranges(
            |number| (staker(number), operator(number)),
            |number| (staker(number), operator(number + 7)),
            |_| (),
        ),
        ..StateRanges::default()
    };
    State::new(ranges, HashSet::new(), budget.reservation("ranges")).expect("enough memory")
}

fn sweep(criterion: &mut Criterion) {
    let budget = Budget::default();
    let mut group = criterion.benchmark_group("ranges");
    group.sample_size(10);
    group.bench_function("in order", |bench| bench.iter(|| state(&budget)));
    group.bench_function("a day from nothing", |bench| {
        let make = || state(&budget);
        let one_day = |state: State| {
            state.day(Day(1000), Day(2000), &budget).expect("one value a day");
            state
        };
        bench.iter_batched(make, one_day, BatchSize::PerIteration);
    });
    let days = || (1000..1000 + DAYS).map(Day);
    group.throughput(Throughput::Elements(days().count() as u64));
    group.bench_function("90 days", |bench| {
        bench.iter_batched(
            || state(&budget),
            |state| {
                for day in days() {
                    state.day(day, Day(2000), &budget).expect("one value a day");
                }
                state
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
