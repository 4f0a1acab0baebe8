//! The float8 eras (Q7, Q8) and PostgreSQL's divisions that round before the floor (Q6).

use reward_rules::{StakeType, V1Type};

use crate::world::{Submission, World, n};

/// Three equal stakers of `op`: each has the proportion 0.333333333333333.
pub fn three_stakers() -> World {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "s");
    for staker in ["a", "b", "c"] {
        world.staker(staker, "op", "s", 1);
    }
    world
}

/// One staker, who has everything.
fn one_staker() -> World {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "s");
    world.staker("staker", "op", "s", 1);
    world
}

/// The amount whose float8 day is that of spec/04 example 46, 142857142857142857142.857.
///
/// That double is 142857142857142861824, with neighbours 2^14 apart and a mantissa of 0.968 × 2^53. The factor
/// 0.999999999999999 is 1 − 9 × 2^-53, so it takes 9 × 0.968 = 8.7 neighbours off: the double nine neighbours up,
/// 142857142857142861824 + 9 × 16384, comes down to it.
pub const EXAMPLE_46: &str = "142857142857143009280";

fn paid_on(snapshot: &str, reward_type: V1Type) -> crate::world::Paid {
    let reward = Submission::v1(reward_type).amount(n(EXAMPLE_46)).strategy("s", 1);
    three_stakers().pay(&reward.one_day(snapshot).submitted(snapshot), snapshot)
}

#[test]
fn q7_before_amazon_a_float_is_cast_with_15_digits() {
    // Example 46: T = 47619047619047600000; 10 % of it is 4761904761904760000.
    let staker = "42857142857142840000";
    paid_on("2024-08-01", V1Type::Avs).assert_gold(&[
        ("a", staker),
        ("b", staker),
        ("c", staker),
        ("op", "14285714285714280000"),
    ]);
}

#[test]
fn q7_before_nile_a_float_is_cast_through_its_shortest_text() {
    // Example 46: T = 47619047619047570000; 10 % of it is 4761904761904757000.
    let staker = "42857142857142813000";
    for snapshot in ["2024-08-02", "2024-08-11"] {
        paid_on(snapshot, V1Type::Avs).assert_gold(&[
            ("a", staker),
            ("b", staker),
            ("c", staker),
            ("op", "14285714285714271000"),
        ]);
    }
}

/// From Nile, T = floor(0.333333333333333 × 142857142857143009280)
/// = floor(47619047619047669760 − 47619.04…) = 47619047619047622140, and 10 % of it is 4761904761904762214.
const EXACT: [(&str, &str); 4] = [
    ("a", "42857142857142859926"),
    ("b", "42857142857142859926"),
    ("c", "42857142857142859926"),
    ("op", "14285714285714286642"),
];

#[test]
fn q7_from_nile_amounts_are_exact() {
    paid_on("2024-08-12", V1Type::Avs).assert_gold(&EXACT);
}

#[test]
fn q7_all_earners_are_exact_on_all_dates() {
    for snapshot in ["2024-08-01", "2024-08-11", "2024-08-12"] {
        paid_on(snapshot, V1Type::AllEarners).assert_gold(&EXACT);
    }
}

#[test]
fn q7_all_stakers_stay_with_the_shortest_text_on_all_dates() {
    for snapshot in ["2024-08-01", "2024-08-11", "2024-08-12", "2025-06-02"] {
        // The value of example 46 without an operator's part.
        let staker = "47619047619047570000";
        paid_on(snapshot, V1Type::AllStakers).assert_gold(&[("a", staker), ("b", staker), ("c", staker)]);
    }
}

#[test]
fn q7_the_shortest_text_never_is_a_midpoint() {
    // Example 35: the double of 2e23 is 199999999999999983222784, with neighbours 2^25 apart and a mantissa of
    // 0.66 × 2^53. The factor takes 9 × 0.66 = 5.96 neighbours off, so six neighbours up comes down to it.
    // Its text is 1.9999999999999998e+23, where ryu would print 2e23.
    let reward = Submission::v1(V1Type::AllStakers).amount(n("200000000000000184549376")).strategy("s", 1);
    one_staker()
        .pay(&reward.one_day("2025-06-02"), "2025-06-02")
        .assert_gold(&[("staker", "199999999999999980000000")]);
}

#[test]
fn q7_tokens_per_day_lose_the_factor() {
    for (amount, expected) in [
        // Example 45: 9.99999999999999e+17.
        ("1000000000000000000", "999999999999999000"),
        // Example 45: 2.999999999999997 rounds to 3.
        ("3", "3"),
        // Example 44: 4999.999999999995 rounds to 5000.
        ("5000", "5000"),
        // Example 43: 1.4285714285714271e+20 (the double of …143 is that of …142).
        ("142857142857142857143", "142857142857142710000"),
    ] {
        let reward = Submission::v1(V1Type::AllStakers).amount(n(amount)).strategy("s", 1);
        one_staker().pay(&reward.one_day("2025-06-02"), "2025-06-02").assert_gold(&[("staker", expected)]);
    }
}

#[test]
fn spec_03_1_the_float_is_made_of_the_unfloored_quotient() {
    // Example 42: 1000 / 7 = 142.857…, not 142.
    let reward = Submission::v1(V1Type::Avs).amount(1000).strategy("s", 1);
    let active = &one_staker().pay(&reward, "2025-06-02").rows.active[0];
    assert_eq!(active.tokens_per_day, 142.857_142_857_142_72);
    assert_eq!(active.tokens_per_day_decimal.to_string(), "142");
}

#[test]
fn q8_before_nile_ten_percent_is_rounded_half_up() {
    // A staker with everything has T = round(amount × 0.999999999999999) = amount, here and with 15 digits.
    for (amount, snapshot, operator, staker) in [
        // Example 25: 0.50 rounds to 1.
        (5, "2024-08-01", "1", "4"),
        (5, "2024-08-11", "1", "4"),
        (5, "2024-08-12", "0", "5"),
        // 2.50 rounds to 3, not to the even 2.
        (25, "2024-08-01", "3", "22"),
        (25, "2024-08-11", "3", "22"),
        (25, "2024-08-12", "2", "23"),
        // 0.40 rounds to 0.
        (4, "2024-08-11", "0", "4"),
    ] {
        let reward = Submission::v1(V1Type::Avs).amount(amount).strategy("s", 1);
        one_staker()
            .pay(&reward.one_day(snapshot).submitted(snapshot), snapshot)
            .assert_gold(&[("op", operator), ("staker", staker)]);
    }
}

/// Total, and a seventh of it as PostgreSQL sees it: large quotients have no decimals and are rounded half up.
const SEVENTHS: [(&str, &str); 3] = [
    // Example 6: …142.857, rounded up.
    ("50000000000000000000000", "7142857142857142857143"),
    // Example 8: …142.86, rounded up.
    ("64000000000000000000000", "9142857142857142857143"),
    // Example 7: …714.28, rounded down.
    ("100000000000000000000", "14285714285714285714"),
];

#[test]
fn q6_tokens_per_day_are_rounded_before_the_floor() {
    for (amount, expected) in SEVENTHS {
        let mut world = one_staker();
        let v1 = world.pay(&Submission::v1(V1Type::Avs).amount(n(amount)).strategy("s", 1), "2025-06-02");
        assert_eq!(v1.rows.active[0].tokens_per_day_decimal.to_string(), expected, "step 1");
        let od = world.pay(&Submission::od().operator("op", n(amount)).strategy("s", 1), "2025-06-02");
        let tokens = &od.rows.active_od[0].tokens_per_registered_snapshot_decimal;
        assert_eq!(tokens.to_string(), expected, "step 7, registered");
        let refund = world.pay(&Submission::od().operator("gone", n(amount)).strategy("s", 1), "2025-06-02");
        refund.assert_gold(&[("avs", expected)]);
        let pool = Submission::stake(StakeType::TotalStake).amount(n(amount)).strategy("s", 1);
        world.pay(&pool, "2025-06-02").assert_gold(&[("avs", expected)]);
    }
}

#[test]
fn q6_a_split_is_rounded_before_the_floor_but_ten_percent_is_not() {
    for (amount, snapshot, operator, staker) in [
        // Example 17: 20000000000000000.5.
        ("200000000000000005", "2025-01-20", "20000000000000000", "180000000000000005"),
        ("200000000000000005", "2025-01-21", "20000000000000001", "180000000000000004"),
        // Example 18: 199999999999999999.5.
        ("1999999999999999995", "2025-01-20", "199999999999999999", "1799999999999999996"),
        ("1999999999999999995", "2025-01-21", "200000000000000000", "1799999999999999995"),
        // Example 16: 19999999999999999.5, small enough for decimals.
        ("199999999999999995", "2025-01-21", "19999999999999999", "179999999999999996"),
    ] {
        let reward = Submission::v1(V1Type::Avs).amount(n(amount)).strategy("s", 1);
        one_staker()
            .pay(&reward.one_day(snapshot).submitted(snapshot), snapshot)
            .assert_gold(&[("op", operator), ("staker", staker)]);
    }
}

#[test]
fn q6_a_proportion_can_be_rounded_up_to_one() {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "s");
    // Example 23: (10^21 − 1) / 10^21 is 1 for PostgreSQL; the other has 10^-21, which is 0 with 15 decimals.
    world.staker("big", "op", "s", n("999999999999999999999"));
    world.staker("small", "op", "s", 1);
    world.pay(&Submission::v1(V1Type::Avs).strategy("s", 1), "2025-06-02").assert_gold(&[
        ("big", "900"),
        ("op", "100"),
        ("small", "0"),
    ]);
}
