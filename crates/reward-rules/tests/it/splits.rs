//! How a day's amount is cut between operator and stakers, for every kind of reward (spec/03 §0 "Splits").

use reward_rules::{Chain, StakeType, V1Type};

use crate::world::{Submission, World};

/// Every kind of reward that is cut, paying 1000 a day for strategy `s`.
fn kinds() -> [(&'static str, Submission); 6] {
    [
        ("avs", Submission::v1(V1Type::Avs)),
        ("all earners", Submission::v1(V1Type::AllEarners)),
        ("operator-directed", Submission::od().operator("op", 7000)),
        ("operator-directed set", Submission::od_set().operator("op", 7000)),
        ("unique stake", Submission::stake(StakeType::UniqueStake)),
        ("total stake", Submission::stake(StakeType::TotalStake)),
    ]
    .map(|(name, submission)| (name, submission.strategy("s", 1)))
}

/// `op` earns by every kind, with one staker who holds everything.
fn world(chain: Chain) -> World {
    let mut world = World::on(chain);
    world.register("op");
    world.join_set("op");
    world.set_strategy("s");
    world.restake("op", "s");
    world.staker("staker", "op", "s", 10);
    world.operator_shares("op", "s", 10);
    world.allocate("op", "s", 1_000_000_000_000_000_000_i64, 1_000_000_000_000_000_000_i64);
    world
}

/// Checks what `op` gets of 1000 by each kind, and that its staker gets the rest.
#[track_caller]
fn assert_parts(world: &mut World, expected: [i64; 6]) {
    for ((name, submission), operator) in kinds().into_iter().zip(expected) {
        let gold = world.pay(&submission, "2025-06-02").gold();
        let part = |earner: &str, amount: i64| (earner.to_owned(), amount.to_string());
        assert_eq!(gold, [part("op", operator), part("staker", 1000 - operator)], "{name}");
    }
}

#[test]
fn spec_03_0_without_any_split_an_operator_gets_1000_bips() {
    assert_parts(&mut world(Chain::Mainnet), [100; 6]);
}

#[test]
fn spec_03_0_the_default_split_replaces_the_1000_bips() {
    let mut world = world(Chain::Mainnet);
    world.default_split(2000);
    assert_parts(&mut world, [200; 6]);
}

#[test]
fn spec_03_0_each_kind_has_its_own_split() {
    let mut avs = world(Chain::Mainnet);
    avs.avs_split("op", 2500);
    assert_parts(&mut avs, [250, 100, 250, 100, 100, 100]);
    let mut pi = world(Chain::Mainnet);
    pi.pi_split("op", 2500);
    assert_parts(&mut pi, [100, 250, 100, 100, 100, 100]);
    let mut set = world(Chain::Mainnet);
    set.set_split("op", 2500);
    assert_parts(&mut set, [100, 100, 100, 250, 250, 250]);
}

#[test]
fn spec_03_0_a_split_of_ones_own_goes_before_the_default() {
    let mut world = world(Chain::Mainnet);
    world.default_split(2000);
    world.avs_split("op", 2500);
    world.set_split("op", 3000);
    assert_parts(&mut world, [250, 200, 250, 300, 300, 300]);
}

#[test]
fn spec_03_0_a_split_of_zero_is_a_split() {
    let mut world = world(Chain::Mainnet);
    world.default_split(2000);
    world.avs_split("op", 0);
    world.pi_split("op", 0);
    world.set_split("op", 0);
    assert_parts(&mut world, [0; 6]);
}

#[test]
fn spec_03_0_a_split_of_10000_leaves_the_stakers_zero() {
    let mut world = world(Chain::Mainnet);
    world.default_split(10_000);
    assert_parts(&mut world, [1000; 6]);
}

#[test]
fn spec_03_0_a_split_of_another_operator_does_not_count() {
    let mut world = world(Chain::Mainnet);
    world.avs_split("other", 2500);
    world.pi_split("other", 2500);
    world.set_split("other", 2500);
    assert_parts(&mut world, [100; 6]);
}

/// Pays 1000 for a snapshot that was submitted on that day, and checks what `op` gets.
#[track_caller]
fn assert_parts_on(world: &mut World, snapshot: &str, expected: [&str; 6]) {
    for ((name, submission), operator) in kinds().into_iter().zip(expected) {
        // 7000 over the 7 days whose first snapshot this is.
        let start = crate::world::day(snapshot).previous();
        let end = reward_rules::Day(start.0 + 7);
        let submission = submission.period(&start.to_string(), &end.to_string()).submitted(snapshot);
        assert_eq!(world.pay(&submission, snapshot).earned("op").as_deref(), Some(operator), "{name}");
    }
}

#[test]
fn spec_03_12_before_trinity_only_operator_sets_have_the_default_split() {
    let mut world = world(Chain::Holesky);
    world.default_split(2000);
    assert_parts_on(&mut world, "2025-01-08", ["100", "100", "100", "200", "200", "200"]);
    world.avs_split("op", 2500);
    assert_parts_on(&mut world, "2025-01-08", ["250", "100", "250", "200", "200", "200"]);
}

#[test]
fn spec_03_8_before_arno_only_v1_ignores_splits() {
    let mut world = world(Chain::Mainnet);
    world.avs_split("op", 2500);
    world.pi_split("op", 2500);
    world.set_split("op", 3000);
    assert_parts_on(&mut world, "2024-12-02", ["100", "100", "250", "300", "300", "300"]);
}

#[test]
fn q15_a_split_above_10000_bips_leaves_the_stakers_less_than_nothing() {
    let mut world = world(Chain::Mainnet);
    world.avs_split("op", 20_000);
    world.pi_split("op", 20_000);
    // cut(1000, 20000) = 2000, and 1000 − 2000 = −1000.
    for (_, submission) in &kinds()[..3] {
        world.pay(submission, "2025-06-02").assert_gold(&[("op", "2000"), ("staker", "-1000")]);
    }
}

#[test]
fn q15_a_negative_rest_is_floored_away_from_zero() {
    let mut world = World::mainnet();
    world.register("op");
    world.avs_split("op", 20_000);
    world.staker("one", "op", "s", 1);
    world.staker("two", "op", "s", 2);
    // rest = −1000. 0.333333333333333 × −1000 = −333.33… and 0.666666666666666 × −1000 = −666.66…, floored.
    world.pay(&Submission::od().operator("op", 7000).strategy("s", 1), "2025-06-02").assert_gold(&[
        ("one", "-334"),
        ("op", "2000"),
        ("two", "-667"),
    ]);
}

#[test]
fn spec_04_13_split_pct_has_the_scale_of_the_division() {
    let mut world = world(Chain::Mainnet);
    for (bips, expected) in [(1000, "0.10000000000000000000"), (1, "0.000100000000000000000000")] {
        world.default_split(bips);
        let rows = kinds().map(|(_, submission)| world.pay(&submission, "2025-06-02").rows);
        assert_eq!(rows[2].operator_od[0].split_pct.to_string(), expected, "step 8");
        assert_eq!(rows[3].operator_od_set[0].split_pct.to_string(), expected, "step 12");
        assert_eq!(rows[4].operator_unique[0].split_pct.to_string(), expected, "step 16");
        assert_eq!(rows[5].operator_total[0].split_pct.to_string(), expected, "step 19");
    }
}
