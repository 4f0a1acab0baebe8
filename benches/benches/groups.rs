//! One (reward, day) group of 100 000 stakers, for each kind of reward. Throughput is in gold rows.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pg_numeric::Numeric;
use reward_rules::{
    ActiveDays, ById, Chain, Day, DayState, Id, Mode, OdLine, Reward, Rules, SetId, StakeLine, StakeType, V1Line,
    V1Type, compute_gold,
};

const STAKERS: u32 = 100_000;
const OPERATORS: u32 = 1000;
const STRATEGIES: u32 = 12;
const SET: i64 = 1;
/// Mainnet after all forks.
const DAY: Day = Day(20_800);
const DAYS: ActiveDays = ActiveDays { first: DAY, last: DAY };

/// Ids: the AVS, the token, the hash, strategies, operators, stakers.
const AVS: Id = Id(0);
const TOKEN: Id = Id(1);
const HASH: Id = Id(2);

fn strategy(number: u32) -> Id {
    Id(3 + number % STRATEGIES)
}

fn operator(number: u32) -> Id {
    Id(3 + STRATEGIES + number % OPERATORS)
}

fn staker(number: u32) -> Id {
    Id(3 + STRATEGIES + OPERATORS + number)
}

/// Numbers without order, the same in every run.
fn scattered(number: u32) -> u64 {
    let mixed = u64::from(number).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 8
}

/// 10^17 to 10^22 shares.
fn shares(number: u32) -> Numeric {
    let digits = 10_i128.pow(number % 6);
    Numeric::from(i128::from(scattered(number) % 900_000_000 + 100_000_000) * 1_000_000_000 * digits)
}

/// Few operators have most stakers; a third of the stakers hold two strategies.
fn operator_of(number: u32) -> Id {
    let at = u32::try_from(scattered(number) % 1_000_000).expect("below a million");
    operator((at / 1000) * (at % 1000) / 1000)
}

fn state() -> DayState {
    let set = SetId { avs: AVS, number: SET };
    let all_operators = || (0..OPERATORS).map(operator);
    let pairs = || all_operators().flat_map(|operator| (0..STRATEGIES).map(move |number| (operator, strategy(number))));
    let first = (0..STAKERS).map(|number| (staker(number), (strategy(number), shares(number))));
    let second =
        (0..STAKERS).step_by(3).map(|number| (staker(number), (strategy(number + 5), shares(number.wrapping_mul(7)))));
    DayState {
        day: DAY,
        delegations: (0..STAKERS).map(|number| (operator_of(number), staker(number))).collect(),
        staker_shares: ById::new(first.chain(second).collect()),
        operator_shares: pairs().map(|(operator, strategy)| ((operator, strategy), shares(operator.0))).collect(),
        avs_operators: all_operators().map(|operator| (AVS, operator)).collect(),
        restaked: pairs().map(|(operator, strategy)| (operator, AVS, strategy)).collect(),
        set_operators: all_operators().map(|operator| (set, operator)).collect(),
        set_strategies: (0..STRATEGIES).map(|number| (set, strategy(number))).collect(),
        allocations: pairs()
            .map(|(operator, strategy)| {
                let magnitude = Numeric::from(300_000_000_000_000_000 + i64::from(operator.0));
                ((operator, set, strategy), magnitude)
            })
            .collect(),
        avs_splits: all_operators().step_by(2).map(|operator| ((operator, AVS), 700)).collect(),
        pi_splits: all_operators().step_by(2).map(|operator| (operator, 700)).collect(),
        set_splits: all_operators().step_by(2).map(|operator| ((operator, set), 700)).collect(),
        any_avs_operators: all_operators().collect(),
        ..DayState::default()
    }
}

fn multiplier(number: u32) -> Numeric {
    Numeric::from(1_000_000_000_000_000_000_i64 + i64::from(number) * 50_000_000_000_000_000)
}

fn per_day() -> Numeric {
    Numeric::from(97_796_235_930_014_064_123_456_i128)
}

fn reward() -> Reward {
    Reward { reward_hash: HASH, v1: Vec::new(), od: Vec::new(), od_set: Vec::new(), stake: Vec::new() }
}

fn v1(reward_type: V1Type) -> Reward {
    let line = |number| V1Line {
        days: DAYS,
        avs: AVS,
        token: TOKEN,
        tokens_per_day: per_day().to_f64(),
        tokens_per_day_decimal: per_day(),
        multiplier: multiplier(number),
        strategy: strategy(number),
        reward_type,
        submission_date: DAY,
    };
    Reward { v1: (0..STRATEGIES).map(line).collect(), ..reward() }
}

/// Every operator, with two strategies.
fn od(operator_set_id: Option<i64>) -> Vec<OdLine> {
    let line = |operator, number| OdLine {
        days: DAYS,
        avs: AVS,
        operator_set_id,
        operator,
        token: TOKEN,
        amount_decimal: per_day(),
        multiplier: multiplier(number),
        strategy: strategy(number),
        duration: 7 * 86_400,
        submission_date: DAY,
        num_registered_snapshots: 7,
        tokens_per_registered_snapshot_decimal: per_day(),
    };
    (0..STRATEGIES).flat_map(|number| (0..OPERATORS).map(move |at| line(operator(at), number))).collect()
}

fn stake(reward_type: StakeType) -> Reward {
    let midnight = DAY.date().and_time(chrono::NaiveTime::MIN);
    let line = |number: u32| StakeLine {
        days: DAYS,
        set: SetId { avs: AVS, number: SET },
        token: TOKEN,
        amount: per_day(),
        strategy: strategy(number),
        strategy_index: i32::try_from(number).expect("few strategies"),
        multiplier: multiplier(number),
        reward_type,
        window_start: midnight,
        window_end: midnight,
        duration: 7 * 86_400,
        global_end: midnight,
        submission_date: DAY,
        tokens_per_day_decimal: per_day(),
    };
    Reward { stake: (0..STRATEGIES).map(line).collect(), ..reward() }
}

fn groups(criterion: &mut Criterion) {
    let (state, rules) = (state(), Rules::of(Chain::Mainnet, Mode::Compatible));
    let kinds = [
        ("avs", v1(V1Type::Avs)),
        ("all_stakers", v1(V1Type::AllStakers)),
        ("all_earners", v1(V1Type::AllEarners)),
        ("operator-directed", Reward { od: od(None), ..reward() }),
        ("operator-directed of a set", Reward { od_set: od(Some(SET)), ..reward() }),
        ("unique stake", stake(StakeType::UniqueStake)),
        ("total stake", stake(StakeType::TotalStake)),
    ];
    let mut group = criterion.benchmark_group("group of 100 000 stakers");
    group.sample_size(10);
    for (name, reward) in &kinds {
        let gold = |reward: &Reward| compute_gold(reward, &state, &rules).expect("amounts that fit");
        group.throughput(Throughput::Elements(gold(reward).len() as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |bench| bench.iter(|| gold(black_box(reward))));
    }
    group.finish();
}

/// What keeping weights from one day to the next could save at most: the weights of a group made anew, and fetched from where they were
/// kept, by staker (which could be brought up to date) and in the order of the rows (which a changed delegation would shift). Nothing is
/// spent on finding out what has changed.
fn weights(criterion: &mut Criterion) {
    let state = state();
    let offers: Vec<(Id, Numeric)> = (0..STRATEGIES).map(|number| (strategy(number), multiplier(number))).collect();
    let weight_of = |staker: Id| -> Numeric {
        let terms = state.staker_shares.get(staker).iter().map(|(strategy, shares)| {
            let at = offers.partition_point(|(offered, _)| offered < strategy);
            &offers[at].1 * shares
        });
        terms.reduce(|sum, term| &sum + &term).unwrap_or_default()
    };
    let members = || (0..OPERATORS).flat_map(|number| state.delegations.get(operator(number)).iter().copied());
    let made = || members().map(|staker| (staker, weight_of(staker))).collect::<Vec<_>>();
    let in_order = made();
    let mut by_staker = vec![Numeric::default(); staker(STAKERS).0 as usize];
    in_order.iter().for_each(|(staker, weight)| by_staker[staker.0 as usize] = weight.clone());

    let mut group = criterion.benchmark_group("weights of 100 000 stakers");
    group.sample_size(20);
    group.throughput(Throughput::Elements(in_order.len() as u64));
    group.bench_function("made anew", |bench| bench.iter(|| black_box(made())));
    group.bench_function("kept by staker", |bench| {
        bench.iter(|| black_box(members().map(|s| (s, by_staker[s.0 as usize].clone())).collect::<Vec<_>>()));
    });
    group.bench_function("kept in order", |bench| bench.iter(|| black_box(in_order.clone())));
    group.finish();
}

criterion_group!(benches, groups, weights);
criterion_main!(benches);
