//! Strict mode: the smallest example of each difference (docs/strict-mode.md has the same ones, S1 to S6), each beside what the
//! reference pays.

use pg_numeric::Numeric;
use reward_rules::explain::Derivation;
use reward_rules::{StakeType, V1Type};

use crate::world::{Paid, Submission, World, n};

/// `op` with one staker, ready for rewards of strategy `s` once it is registered.
fn world() -> World {
    let mut world = World::mainnet();
    world.restake("op", "s");
    world.staker("staker", "op", "s", 10);
    world
}

/// What both modes pay on a snapshot: `[compatible, strict]`.
fn both(world: &mut World, submission: &Submission, snapshot: &str) -> [Paid; 2] {
    let compatible = world.pay(submission, snapshot);
    world.strict();
    [compatible, world.pay(submission, snapshot)]
}

fn sum(paid: &Paid) -> Numeric {
    paid.rows.gold.iter().map(|row| &row.amount).sum()
}

#[test]
fn s1_an_operators_amount_is_divided_once_by_the_registered_days_of_the_whole_window() {
    let mut world = world();
    world.strict();
    let mut reward = Submission::od().operator("op", 70_000).strategy("s", 1);
    world.register_from_to("op", "2025-06-02", "2025-06-05");

    // The last day is the 8th: nothing before it is over.
    for cutoff in ["2025-06-03", "2025-06-06", "2025-06-08"] {
        world.cutoff(cutoff);
        assert!(world.run(&mut reward).is_empty(), "{cutoff}");
    }
    // 70000 / 4 = 17500 for each of the four days it was registered, and that is all (Q2 refunds three days on top).
    world.cutoff("2025-06-09");
    let paid = ["2", "3", "4", "5"].map(|day| format!("2025-06-0{day}: op 1750, staker 15750"));
    assert_eq!(world.run(&mut reward), paid);
    world.cutoff("2025-06-20");
    assert!(world.run(&mut reward).is_empty(), "settled");
}

#[test]
fn s1_the_run_after_the_one_that_paid_all_refunds_nothing() {
    for (is_strict, refunds) in [(false, 3), (true, 0)] {
        let mut world = world();
        if is_strict {
            world.strict();
        }
        world.register_from_to("op", "2025-06-02", "2025-06-05");
        let mut reward = Submission::od().operator("op", 70_000).strategy("s", 1).submitted("2025-06-09");
        world.cutoff("2025-06-10");
        let paid = ["2", "3", "4", "5"].map(|day| format!("2025-06-0{day}: op 1750, staker 15750"));
        assert_eq!(world.run(&mut reward), paid, "in both modes");
        world.cutoff("2025-06-11");
        let refunded = ["6", "7", "8"].map(|day| format!("2025-06-0{day}: avs 10000"));
        assert_eq!(world.run(&mut reward), refunded[..refunds], "strict: {is_strict} (Q2)");
    }
}

#[test]
fn s1_what_nobody_was_registered_for_goes_back_once() {
    let mut world = world();
    world.strict();
    let mut reward = Submission::od_set().operator("op", 70_000).strategy("s", 1);
    world.cutoff("2025-06-09");
    let paid = ["2", "3", "4", "5", "6", "7", "8"].map(|day| format!("2025-06-0{day}: avs 10000"));
    assert_eq!(world.run(&mut reward), paid);
    assert!(world.run(&mut reward).is_empty());
}

#[test]
fn s2_the_day_of_the_cutoff_is_not_paid() {
    let mut world = world();
    let reward = Submission::v1(V1Type::AllStakers).amount(7000).strategy("s", 1);
    world.cutoff("2025-06-04");
    assert_eq!(world.run(&mut reward.clone()).len(), 3, "the 2nd, 3rd and 4th (Q5)");
    world.strict();
    assert_eq!(world.run(&mut reward.clone()), ["2025-06-02: staker 1000", "2025-06-03: staker 1000"]);
}

#[test]
fn s3_a_submission_has_as_many_days_as_its_duration() {
    let mut world = world();
    world.register("op");
    let reward = Submission::v1(V1Type::Avs).strategy("s", 1).period("2025-06-01 12:00", "2025-06-08 12:00");
    assert_eq!(world.run(&mut reward.clone()).len(), 8, "the day it starts in as well (Q4): 8000 of 7000");
    world.strict();
    let paid = world.run(&mut reward.clone());
    assert_eq!(paid.len(), 7);
    assert_eq!(paid[0], "2025-06-02: op 100, staker 900");
}

#[test]
fn s4_floors_are_of_exact_quotients() {
    // 5·10^22 a week: floor(amount / 7) is …142, and …143 as PostgreSQL divides (spec/04 example 6).
    let mut world = world();
    let reward = Submission::od().operator("op", n("50000000000000000000000")).strategy("s", 1);
    let [compatible, strict] = both(&mut world, &reward, "2025-06-02");
    compatible.assert_gold(&[("avs", "7142857142857142857143")]);
    strict.assert_gold(&[("avs", "7142857142857142857142")]);
}

#[test]
fn s4_the_operators_part_is_floored_exactly_too() {
    // spec/04 example 17: a tenth of 200000000000000005.
    let mut world = world();
    world.register("op");
    let reward =
        Submission::od().operator("op", n("200000000000000005")).strategy("s", 1).period("2025-06-01", "2025-06-02");
    let [compatible, strict] = both(&mut world, &reward, "2025-06-02");
    assert_eq!(compatible.earned("op").unwrap(), "20000000000000001");
    assert_eq!(strict.earned("op").unwrap(), "20000000000000000");
    assert_eq!(sum(&compatible), sum(&strict), "either way the rest is the staker's");
}

#[test]
fn s4_proportions_add_up_to_one_at_most() {
    // spec/04 example 23: 999999999999999999999 of 10^21 is 1.000… as PostgreSQL divides, and 1 of 10^21 nothing.
    let mut world = World::mainnet();
    world.shares("most", "s", n("999999999999999999999"));
    world.shares("least", "s", 1);
    world.register("op");
    world.delegate("most", "op");
    world.delegate("least", "op");
    let amount = n("7000000000000000000000000");
    let reward = Submission::v1(V1Type::AllEarners).amount(amount).strategy("s", 1);
    let [compatible, strict] = both(&mut world, &reward, "2025-06-02");
    assert_eq!(sum(&compatible).to_string(), "1000000000000000000000000");
    assert_eq!(sum(&strict).to_string(), "999999999999999000000000");
}

#[test]
fn s4_parts_of_a_pool_add_up_to_it_at_most() {
    // Two operators with equal weight and a pool of 2·10^17 + 1: 100000000000000000.5 each, rounded up to …001 by PostgreSQL.
    let mut world = World::mainnet();
    for operator in ["op1", "op2"] {
        world.join_set(operator);
        world.operator_shares(operator, "s", n("3000000000000000000"));
    }
    let reward = Submission::stake(StakeType::TotalStake)
        .amount(n("200000000000000001"))
        .strategy("s", 1)
        .period("2025-06-01", "2025-06-02");
    let together = |paid: &Paid| -> Numeric {
        paid.rows.operator_total.iter().map(|row| &row.tokens_per_registered_snapshot_decimal).sum()
    };
    let [compatible, strict] = both(&mut world, &reward, "2025-06-02");
    assert_eq!(together(&compatible).to_string(), "200000000000000002");
    assert_eq!(together(&strict).to_string(), "200000000000000000");
}

#[test]
fn s5_nothing_is_paid_in_floats() {
    // 10^18 + 3 for three: floats give …333333333332992 for each; strict floors 0.333333333333333 of the pool.
    let mut world = World::mainnet();
    for staker in ["a", "b", "c"] {
        world.shares(staker, "s", 1);
    }
    let reward = Submission::v1(V1Type::AllStakers).amount(n("7000000000000000021")).strategy("s", 1);
    let [compatible, strict] = both(&mut world, &reward, "2025-06-02");
    assert_ne!(compatible.earned("a"), strict.earned("a"));
    // 1000000000000000003 × 0.333333333333333 = 333333333333333000.99…
    assert_eq!(strict.earned("a").unwrap(), "333333333333333000");
    let explanation = world.explain(&reward, "2025-06-02", "a");
    let Derivation::Holder(holder) = &explanation.parts[0].derivation else { panic!("a holder") };
    assert_eq!(holder.payout_rule.name(), "exact");
}

#[test]
fn s5_before_nile_amounts_are_exact_and_the_operators_tenth_is_what_it_was() {
    let mut world = world();
    world.register("op");
    let reward = Submission::v1(V1Type::Avs).strategy("s", 1).one_day("2024-08-01").submitted("2024-08-01");
    world.strict();
    // All of 7000, of which 10 % are the operator's.
    world.pay(&reward, "2024-08-01").assert_gold(&[("op", "700"), ("staker", "6300")]);
}

#[test]
fn s6_a_split_counts_up_to_the_whole() {
    let mut world = World::mainnet();
    world.register("op");
    world.avs_split("op", 20_000);
    let reward = Submission::od().operator("op", 7000).strategy("s", 1);
    let [compatible, strict] = both(&mut world, &reward, "2025-06-02");
    compatible.assert_gold(&[("op", "2000")]);
    strict.assert_gold(&[("op", "1000")]);
}

#[test]
fn s6_nor_does_it_count_below_nothing() {
    let mut world = world();
    world.register("op");
    world.pi_split("op", -5000);
    let reward = Submission::v1(V1Type::AllEarners).strategy("s", 1);
    let [compatible, strict] = both(&mut world, &reward, "2025-06-02");
    compatible.assert_gold(&[("op", "-500"), ("staker", "1500")]);
    strict.assert_gold(&[("op", "0"), ("staker", "1000")]);
}
