//! `avs` rewards, steps 1 to 3 (spec/03 §1 – §3). Every day pays 1000 unless a test says otherwise.

use reward_rules::V1Type;

use crate::world::{Paid, Submission, World, ZERO_ADDRESS};

fn reward() -> Submission {
    Submission::v1(V1Type::Avs)
}

fn pay(world: &mut World, submission: Submission) -> Paid {
    world.pay(&submission, "2025-06-02")
}

/// Operators that are registered and restake `s` and `t`.
fn world(operators: &[&str]) -> World {
    let mut world = World::mainnet();
    for operator in operators {
        world.register(operator);
        world.restake(operator, "s");
        world.restake(operator, "t");
    }
    world
}

#[test]
fn spec_03_2_the_total_is_over_all_operators() {
    let mut world = world(&["op1", "op2"]);
    world.staker("a", "op1", "s", 30);
    world.staker("b", "op2", "s", 70);
    // a: T = 0.3 × 1000 = 300, 10 % for op1. b: T = 700, 10 % for op2.
    pay(&mut world, reward().strategy("s", 1)).assert_gold(&[("a", "270"), ("b", "630"), ("op1", "30"), ("op2", "70")]);
}

#[test]
fn spec_03_2_weights_are_multiplier_times_shares_over_all_strategies() {
    let mut world = world(&["op"]);
    world.staker("a", "op", "s", 10);
    world.shares("a", "t", 10);
    world.staker("b", "op", "s", 60);
    // a: 1 × 10 + 3 × 10 = 40. b: 1 × 60 = 60. T = 400 and 600.
    pay(&mut world, reward().strategy("s", 1).strategy("t", 3)).assert_gold(&[
        ("a", "360"),
        ("b", "540"),
        ("op", "100"),
    ]);
}

#[test]
fn spec_03_3_the_operator_gets_the_sum_of_parts_floored_per_staker() {
    let mut world = world(&["op"]);
    for staker in ["a", "b", "c"] {
        world.staker(staker, "op", "s", 1);
    }
    // T = floor(0.333333333333333 × 1000) = 333 each, of which floor(33.3) = 33 are the operator's: 99, not 100.
    pay(&mut world, reward().strategy("s", 1)).assert_gold(&[("a", "300"), ("b", "300"), ("c", "300"), ("op", "99")]);
}

#[test]
fn spec_03_0_the_row_with_the_smallest_strategy_is_kept() {
    let mut world = world(&["op"]);
    world.staker("a", "op", "t", 7);
    world.shares("a", "s", 5);
    let paid = pay(&mut world, reward().strategy("t", 3).strategy("s", 2));
    let row = &paid.rows.staker_rewards[0];
    assert_eq!(
        (paid.name(row.strategy), row.multiplier.to_string(), row.shares.to_string()),
        ("s".into(), "2".into(), "5".into())
    );
    // 3 × 7 + 2 × 5.
    assert_eq!(row.staker_weight.to_string(), "31");
    assert_eq!(paid.rows.staker_rewards.len(), 1);
    assert_eq!(paid.name(paid.rows.operator_rewards[0].strategy), "s");
}

#[test]
fn spec_03_3_and_6_of_an_operators_stakers_the_row_with_the_smallest_strategy_is_kept() {
    let mut world = world(&["op"]);
    world.staker("a", "op", "t", 7);
    world.staker("b", "op", "s", 5);
    world.staker("c", "op", "t", 7);
    let strategies = |reward_type| Submission::v1(reward_type).strategy("t", 3).strategy("s", 2);
    let paid = pay(&mut world, strategies(V1Type::Avs));
    let kept: Vec<_> = paid.rows.operator_rewards.iter().map(|row| paid.name(row.strategy)).collect();
    assert_eq!(kept, ["s"], "step 3");
    let paid = pay(&mut world, strategies(V1Type::AllEarners));
    let kept: Vec<_> = paid.rows.rfae_operators.iter().map(|row| paid.name(row.strategy)).collect();
    assert_eq!(kept, ["s"], "step 6");
}

#[test]
fn q20_operators_must_be_registered_and_restake_the_strategy() {
    let mut world = World::mainnet();
    for operator in ["good", "unregistered", "unrestaked", "elsewhere"] {
        world.staker(&format!("of {operator}"), operator, "s", 10);
    }
    world.register("good");
    world.restake("good", "s");
    world.restake("unregistered", "s");
    world.register("unrestaked");
    world.register_with("elsewhere", "another avs");
    world.restake("elsewhere", "s");
    pay(&mut world, reward().strategy("s", 1)).assert_gold(&[("good", "100"), ("of good", "900")]);
}

#[test]
fn q20_only_restaked_strategies_weigh() {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "t");
    world.staker("a", "op", "s", 1000);
    world.shares("a", "t", 1);
    world.staker("b", "op", "t", 1);
    // s is not restaked: both weigh 1.
    pay(&mut world, reward().strategy("s", 1).strategy("t", 1)).assert_gold(&[
        ("a", "450"),
        ("b", "450"),
        ("op", "100"),
    ]);
}

#[test]
fn q9_equal_duplicates_of_a_strategy_collapse_in_step_1() {
    let mut world = world(&["op"]);
    world.staker("a", "op", "s", 10);
    world.staker("b", "op", "t", 10);
    let paid = pay(&mut world, reward().strategy("s", 1).strategy("s", 1).strategy("t", 1));
    assert_eq!(paid.rows.active.len(), 2);
    paid.assert_gold(&[("a", "450"), ("b", "450"), ("op", "100")]);
}

#[test]
fn q9_a_strategy_with_two_multipliers_counts_with_both() {
    let mut world = world(&["op"]);
    world.staker("a", "op", "s", 10);
    world.staker("b", "op", "t", 10);
    // a: 1 × 10 + 2 × 10 = 30, as much as b: 3 × 10.
    let paid = pay(&mut world, reward().strategy("s", 1).strategy("s", 2).strategy("t", 3));
    assert_eq!(paid.rows.active.len(), 3);
    paid.assert_gold(&[("a", "450"), ("b", "450"), ("op", "100")]);
}

#[test]
fn q17_stakers_of_the_zero_address_earn_nothing() {
    let mut world = world(&["op"]);
    world.staker("a", "op", "s", 10);
    world.staker("undelegated", ZERO_ADDRESS, "s", 90);
    world.restake(ZERO_ADDRESS, "s");
    for reward_type in [V1Type::Avs, V1Type::AllEarners] {
        pay(&mut world, Submission::v1(reward_type).strategy("s", 1)).assert_gold(&[("a", "900"), ("op", "100")]);
    }
}

#[test]
fn q30_a_weight_is_summed_over_operators() {
    let mut world = world(&["op1", "op2"]);
    world.staker("twice", "op1", "s", 10);
    world.delegate("twice", "op2");
    world.staker("b", "op2", "s", 20);
    let paid = pay(&mut world, reward().strategy("s", 1));
    // 10 through each operator: as much as b.
    let weights: Vec<_> =
        paid.rows.staker_rewards.iter().map(|row| (paid.name(row.staker), row.staker_weight.to_string())).collect();
    assert_eq!(weights, [("twice".to_owned(), "20".to_owned()), ("b".to_owned(), "20".to_owned())]);
    assert_eq!((paid.earned("twice"), paid.earned("b")), (Some("450".to_owned()), Some("450".to_owned())));
}

#[test]
fn q31_multiplier_zero_and_shares_up_to_zero_do_not_count() {
    let mut world = world(&["op"]);
    world.restake("op", "unweighted");
    world.staker("a", "op", "s", 10);
    world.staker("of unweighted", "op", "unweighted", 10);
    world.staker("negative", "op", "s", -5);
    world.staker("zero", "op", "s", 0);
    for reward_type in [V1Type::Avs, V1Type::AllEarners] {
        let reward = Submission::v1(reward_type).strategy("s", 1).strategy("unweighted", 0);
        pay(&mut world, reward).assert_gold(&[("a", "900"), ("op", "100")]);
    }
}

#[test]
fn spec_03_2_without_stakers_nothing_is_paid_or_refunded() {
    pay(&mut world(&["op"]), reward().strategy("s", 1)).assert_gold(&[]);
}

#[test]
fn spec_03_2_a_day_outside_the_window_pays_nothing() {
    let mut world = world(&["op"]);
    world.staker("a", "op", "s", 10);
    for (snapshot, paid) in [("2025-06-01", false), ("2025-06-02", true), ("2025-06-08", true), ("2025-06-09", false)] {
        assert_eq!(world.pay(&reward().strategy("s", 1), snapshot).earned("a").is_some(), paid, "{snapshot}");
    }
}
