//! `all_earners` rewards (programmatic incentives), steps 5 and 6 (spec/03 §5, §6). Every day pays 1000.

use reward_rules::V1Type;

use crate::world::{Paid, Submission, World};

/// Pays 1000 for one snapshot.
fn pay(world: &mut World, snapshot: &str, submitted: &str) -> Paid {
    let reward = Submission::v1(V1Type::AllEarners).amount(1000).strategy("s", 1);
    world.pay(&reward.one_day(snapshot).submitted(submitted), snapshot)
}

/// Stakers of two operators, two of them excluded.
fn world_with_excluded() -> World {
    let mut world = World::mainnet();
    world.register("op1");
    world.register("op2");
    world.staker("x1", "op1", "s", 25);
    world.staker("y", "op1", "s", 50);
    world.staker("x2", "op2", "s", 25);
    world.exclude("x1");
    world.exclude("x2");
    world
}

#[test]
fn q28_before_panama_excluded_stakers_are_gone_with_their_operators_part() {
    // y is alone: T = 1000, 10 % of it for op1. op2 has nobody left. Only the snapshot matters.
    for submitted in ["2024-09-30", "2024-10-01"] {
        let paid = pay(&mut world_with_excluded(), "2024-09-30", submitted);
        paid.assert_gold(&[("op1", "100"), ("y", "900")]);
        assert_eq!(paid.rows.rfae_stakers[0].total_weight.to_string(), "50", "the exclusion comes before all sums");
    }
}

#[test]
fn q28_from_panama_excluded_stakers_count_and_are_marked() {
    // T = 250, 500 and 250. op1: 25 + 50.
    for submitted in ["2024-09-30", "2024-10-01"] {
        let paid = pay(&mut world_with_excluded(), "2024-10-01", submitted);
        paid.assert_gold(&[("op1", "75"), ("op2", "25"), ("x1", "225"), ("x2", "225"), ("y", "450")]);
        for row in &paid.rows.rfae_stakers {
            let excluded = row.excluded_address.map(|id| paid.name(id));
            let staker = paid.name(row.staker);
            assert_eq!(excluded, (staker != "y").then_some(staker));
        }
    }
}

#[test]
fn q28_excluded_addresses_still_earn_avs_rewards() {
    let mut world = world_with_excluded();
    world.restake("op1", "s");
    world.restake("op2", "s");
    let reward = Submission::v1(V1Type::Avs).amount(1000).strategy("s", 1);
    world.pay(&reward.one_day("2024-09-30").submitted("2024-09-30"), "2024-09-30").assert_gold(&[
        ("op1", "75"),
        ("op2", "25"),
        ("x1", "225"),
        ("x2", "225"),
        ("y", "450"),
    ]);
}

#[test]
fn q29_operators_of_any_avs_count() {
    let mut world = World::mainnet();
    world.register_with("op", "another avs");
    world.staker("a", "op", "s", 10);
    world.staker("b", "unregistered", "s", 90);
    pay(&mut world, "2025-06-02", "2025-06-02").assert_gold(&[("a", "900"), ("op", "100")]);
}

#[test]
fn q29_from_mississippi_operators_of_any_set_count() {
    let mut world = World::mainnet();
    world.register_with("op1", "another avs");
    world.join_set("op2");
    world.staker("a", "op1", "s", 10);
    world.staker("b", "op2", "s", 10);
    // Only the snapshot matters.
    for submitted in ["2025-04-16", "2025-04-17"] {
        pay(&mut world, "2025-04-16", submitted).assert_gold(&[("a", "900"), ("op1", "100")]);
        pay(&mut world, "2025-04-17", submitted).assert_gold(&[
            ("a", "450"),
            ("b", "450"),
            ("op1", "50"),
            ("op2", "50"),
        ]);
    }
}

#[test]
fn q29_the_operators_of_a_day_are_a_set() {
    let mut world = World::mainnet();
    world.register("many");
    world.register_with("many", "another avs");
    world.join_set("many");
    world.register("once");
    world.staker("a", "many", "s", 10);
    world.staker("b", "once", "s", 10);
    // Registered three times over, a still weighs 10.
    pay(&mut world, "2025-06-02", "2025-06-02").assert_gold(&[
        ("a", "450"),
        ("b", "450"),
        ("many", "50"),
        ("once", "50"),
    ]);
}

#[test]
fn q20_restaked_strategies_do_not_matter() {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "t");
    world.staker("a", "op", "s", 10);
    pay(&mut world, "2025-06-02", "2025-06-02").assert_gold(&[("a", "900"), ("op", "100")]);
}

#[test]
fn spec_03_6_the_operator_gets_the_sum_of_parts_floored_per_staker() {
    let mut world = World::mainnet();
    world.register("op");
    for staker in ["a", "b", "c"] {
        world.staker(staker, "op", "s", 1);
    }
    // T = floor(0.333333333333333 × 1000) = 333; floor(33.3) = 33 of each are the operator's.
    for date in ["2025-01-20", "2025-06-02"] {
        pay(&mut world, date, date).assert_gold(&[("a", "300"), ("b", "300"), ("c", "300"), ("op", "99")]);
    }
}
