//! `all_stakers` rewards, step 4 (spec/03 §4). Every day pays 1000 unless a test says otherwise.

use reward_rules::V1Type;

use crate::world::{Submission, World, ZERO_ADDRESS};

fn reward() -> Submission {
    Submission::v1(V1Type::AllStakers)
}

#[test]
fn spec_03_4_holders_earn_without_delegation_or_registration() {
    let mut world = World::mainnet();
    world.shares("holder", "s", 1);
    world.staker("undelegated", ZERO_ADDRESS, "s", 2);
    world.staker("delegated", "op", "s", 1);
    // 999.999999999999 × 0.25 = 249.99… rounds to 250, × 0.5 to 500. No operator's part.
    world.pay(&reward().strategy("s", 1), "2025-06-02").assert_gold(&[
        ("delegated", "250"),
        ("holder", "250"),
        ("undelegated", "500"),
    ]);
}

#[test]
fn spec_03_4_weights_are_multiplier_times_shares_over_all_strategies() {
    let mut world = World::mainnet();
    world.shares("a", "s", 10);
    world.shares("a", "t", 10);
    world.shares("b", "s", 60);
    // a: 1 × 10 + 3 × 10 = 40. b: 60.
    world.pay(&reward().strategy("s", 1).strategy("t", 3), "2025-06-02").assert_gold(&[("a", "400"), ("b", "600")]);
}

#[test]
fn q7_rounding_to_the_nearest_can_pay_more_than_a_day_has() {
    let mut world = World::mainnet();
    for staker in ["a", "b", "c"] {
        world.shares(staker, "s", 1);
    }
    // 1.999999999999998 × 0.333333333333333 = 0.666… rounds to 1: three of the two tokens are paid.
    world.pay(&reward().amount(14).strategy("s", 1), "2025-06-02").assert_gold(&[("a", "1"), ("b", "1"), ("c", "1")]);
}

#[test]
fn q9_equal_duplicates_of_a_strategy_collapse_in_step_1() {
    let mut world = World::mainnet();
    world.shares("a", "s", 10);
    world.shares("b", "t", 10);
    world
        .pay(&reward().strategy("s", 1).strategy("s", 1).strategy("t", 1), "2025-06-02")
        .assert_gold(&[("a", "500"), ("b", "500")]);
}

#[test]
fn q31_multiplier_zero_and_shares_up_to_zero_do_not_count() {
    let mut world = World::mainnet();
    world.shares("a", "s", 10);
    world.shares("of unweighted", "unweighted", 10);
    world.shares("negative", "s", -5);
    world.shares("zero", "s", 0);
    world.pay(&reward().strategy("s", 1).strategy("unweighted", 0), "2025-06-02").assert_gold(&[("a", "1000")]);
}

#[test]
fn q28_excluded_addresses_still_earn_as_stakers() {
    let mut world = World::mainnet();
    world.shares("excluded", "s", 10);
    world.exclude("excluded");
    let reward = reward().amount(1000).strategy("s", 1).one_day("2024-09-30").submitted("2024-09-30");
    world.pay(&reward, "2024-09-30").assert_gold(&[("excluded", "1000")]);
}
