//! Pools for operator sets, steps 15 to 21 (spec/03 §15 – §21, spec/04 §5). 7000 over 7 days are 1000 a day.

use pg_numeric::Numeric;
use reward_rules::StakeType::{TotalStake, UniqueStake};
use reward_rules::{GroupRows, StakeType};

use crate::world::{Paid, Submission, World, day, n};

const BOTH: [StakeType; 2] = [UniqueStake, TotalStake];

/// 10^18, a whole magnitude.
const WHOLE: i64 = 1_000_000_000_000_000_000;

fn pool(reward_type: StakeType) -> Submission {
    Submission::stake(reward_type)
}

fn pay(world: &mut World, submission: Submission) -> Paid {
    world.pay(&submission, "2025-06-02")
}

/// An operator of the set with all of its shares of a strategy allocated.
fn stake(world: &mut World, operator: &str, strategy: &str, shares: impl Into<Numeric>) {
    world.operator_shares(operator, strategy, shares);
    world.allocate(operator, strategy, WHOLE, WHOLE);
}

/// Operators of the set.
fn world(operators: &[&str]) -> World {
    let mut world = World::mainnet();
    for operator in operators {
        world.join_set(operator);
    }
    world
}

/// What each operator and its stakers get together of a pool (column of steps 16 and 19).
fn operator_shares_of(rows: &GroupRows) -> Vec<String> {
    (rows.operator_unique.iter().map(|row| &row.tokens_per_registered_snapshot_decimal))
        .chain(rows.operator_total.iter().map(|row| &row.tokens_per_registered_snapshot_decimal))
        .map(Numeric::to_string)
        .collect()
}

#[test]
fn spec_03_16_a_pool_is_divided_by_allocated_stake() {
    let mut world = world(&["op1", "op2"]);
    // op1: 100 × 0.5 = 50. op2: 150. 250 and 750 of 1000, 10 % of each kept.
    world.operator_shares("op1", "s", 100);
    world.allocate("op1", "s", WHOLE / 2, WHOLE);
    stake(&mut world, "op2", "s", 150);
    world.staker("a", "op1", "s", 100);
    world.staker("b", "op2", "s", 150);
    pay(&mut world, pool(UniqueStake).strategy("s", 1)).assert_gold(&[
        ("a", "225"),
        ("b", "675"),
        ("op1", "25"),
        ("op2", "75"),
    ]);
}

#[test]
fn spec_03_19_a_pool_is_divided_by_total_stake() {
    let mut world = world(&["op1", "op2"]);
    // No allocations at all. 250 and 750 of 1000.
    world.operator_shares("op1", "s", 100);
    world.operator_shares("op2", "s", 300);
    world.staker("a", "op1", "s", 100);
    world.staker("b", "op2", "s", 300);
    pay(&mut world, pool(TotalStake).strategy("s", 1)).assert_gold(&[
        ("a", "225"),
        ("b", "675"),
        ("op1", "25"),
        ("op2", "75"),
    ]);
}

#[test]
fn spec_03_17_stakers_weigh_with_the_allocation_of_their_operator() {
    let mut world = world(&["op"]);
    stake(&mut world, "op", "s", 10);
    world.operator_shares("op", "t", 20);
    world.allocate("op", "t", WHOLE / 2, WHOLE);
    world.operator_shares("op", "u", 20);
    world.staker("a", "op", "s", 10);
    world.staker("b", "op", "t", 20);
    world.staker("of unallocated", "op", "u", 20);
    let strategies = |reward_type| pool(reward_type).strategy("s", 1).strategy("t", 1).strategy("u", 1);
    // 10 and 20 × 0.5: half of 900 each.
    pay(&mut world, strategies(UniqueStake)).assert_gold(&[("a", "450"), ("b", "450"), ("op", "100")]);
    // 10, 20 and 20 of 50.
    pay(&mut world, strategies(TotalStake)).assert_gold(&[
        ("a", "180"),
        ("b", "360"),
        ("of unallocated", "360"),
        ("op", "100"),
    ]);
}

#[test]
fn spec_03_20_staker_amounts_are_floored_proportions() {
    let mut world = world(&["op"]);
    world.operator_shares("op", "s", 3);
    world.staker("one", "op", "s", 1);
    world.staker("two", "op", "s", 2);
    // 0.333333333333333 × 900 = 299.99… and 0.666666666666666 × 900 = 599.99…, floored.
    pay(&mut world, pool(TotalStake).strategy("s", 1)).assert_gold(&[("one", "299"), ("op", "100"), ("two", "599")]);
}

#[test]
fn spec_04_27_28_a_term_is_divided_before_it_is_multiplied() {
    for (shares, multiplier, expected) in [
        // Example 27: a large quotient has no decimals.
        (WHOLE, WHOLE, "333333333333333333000000000000000000"),
        // Example 28: 2.3333333333333333 × 3; multiplied first it would be 6.999999999999999993.
        (7, 3, "6.9999999999999999"),
    ] {
        let mut world = world(&["op"]);
        world.operator_shares("op", "s", shares);
        world.allocate("op", "s", 333_333_333_333_333_333_i64, WHOLE);
        world.staker("a", "op", "s", shares);
        let rows = pay(&mut world, pool(UniqueStake).strategy("s", multiplier)).rows;
        assert_eq!(rows.operator_unique[0].operator_allocated_weight.to_string(), expected, "step 16");
        assert_eq!(rows.staker_unique[0].staker_weight.to_string(), expected, "step 17");
    }
}

#[test]
fn spec_04_29_30_decimals_of_weights_are_carried_into_the_division() {
    let mut world = world(&["op1", "op2"]);
    world.operator_shares("op1", "s", 100_000);
    world.allocate("op1", "s", 1, 3);
    world.operator_shares("op2", "s", 50_000);
    world.allocate("op2", "s", 3, 3);
    let paid = pay(&mut world, pool(UniqueStake).strategy("s", 1));
    // Example 29: 100000 / 3 = 33333.333333333333, with 12 decimals. 150000 / 3 = 50000.
    assert_eq!(paid.rows.operator_unique[0].operator_allocated_weight.to_string(), "33333.333333333333");
    // Example 30: 399.9999999999999976, floored; the other is 600.0000000000000024. One token is lost.
    assert_eq!(operator_shares_of(&paid.rows), ["399", "600"]);
    paid.assert_gold(&[("op1", "39"), ("op2", "60")]);
}

#[test]
fn spec_04_31_32_the_same_division_floors_or_rounds_by_its_scale() {
    let divided = |reward_type, two: Numeric, one: Numeric| {
        let mut world = world(&["op1", "op2"]);
        stake(&mut world, "op1", "s", two);
        stake(&mut world, "op2", "s", one);
        let pool = pool(reward_type).amount(n("1000000000000000000000")).strategy("s", 1);
        operator_shares_of(&pay(&mut world, pool.one_day("2025-06-02")).rows)
    };
    let rounded = ["666666666666666666667", "333333333333333333333"];
    // Example 31: integral weights, and 10^21 × 2 / 3 is rounded.
    assert_eq!(divided(TotalStake, n("2"), n("1")), rounded);
    // Example 32: 2 × 10^18 / 10^18 has 16 decimals, and the quotient is floored.
    assert_eq!(divided(UniqueStake, n("2"), n("1")), ["666666666666666666666", "333333333333333333333"]);
    // 2 × 10^18 × 10^18 / 10^18 has none again.
    assert_eq!(divided(UniqueStake, n("2000000000000000000"), n("1000000000000000000")), rounded);
}

#[test]
fn q9_a_strategy_listed_twice_counts_twice_in_step_15() {
    for reward_type in BOTH {
        let mut world = world(&["op1", "op2"]);
        stake(&mut world, "op1", "s", 10);
        stake(&mut world, "op2", "t", 10);
        world.staker("a", "op1", "s", 5);
        world.staker("b", "op2", "t", 5);
        // op1: 2 × 10 of 30, op2: 10 of 30; 666 and 333 of 1000, and 66 and 33 of these.
        let paid = pay(&mut world, pool(reward_type).strategy("s", 1).strategy("s", 1).strategy("t", 1));
        assert_eq!(paid.rows.active_stake.len(), 3);
        paid.assert_gold(&[("a", "600"), ("b", "300"), ("op1", "66"), ("op2", "33")]);
        let weights = (paid.rows.staker_unique.iter().map(|row| &row.staker_weight))
            .chain(paid.rows.staker_total.iter().map(|row| &row.staker_weight));
        assert_eq!(weights.cloned().collect::<Vec<_>>(), [n("10"), n("5")], "twice for the staker too");
    }
}

#[test]
fn q31_multiplier_zero_stays_for_operators_but_not_for_stakers() {
    for reward_type in BOTH {
        let mut world = world(&["op1", "op2"]);
        stake(&mut world, "op1", "a zero", 5);
        stake(&mut world, "op1", "s", 10);
        stake(&mut world, "op2", "a zero", 7);
        world.staker("a", "op1", "s", 10);
        world.staker("b", "op2", "a zero", 7);
        let paid = pay(&mut world, pool(reward_type).strategy("a zero", 0).strategy("s", 2));
        // op1 weighs 2 × 10 and op2 0, but op2 has a row.
        paid.assert_gold(&[("a", "900"), ("op1", "100"), ("op2", "0")]);
        // The kept row prefers a multiplier other than 0 to a smaller strategy.
        let kept: Vec<_> = (paid.rows.operator_unique.iter())
            .map(|row| (row.operator, row.strategy, &row.multiplier))
            .chain(paid.rows.operator_total.iter().map(|row| (row.operator, row.strategy, &row.multiplier)))
            .map(|(operator, strategy, multiplier)| (paid.name(operator), paid.name(strategy), multiplier.to_string()))
            .collect();
        let row = |operator: &str, strategy: &str, multiplier: &str| {
            (operator.to_owned(), strategy.to_owned(), multiplier.to_owned())
        };
        assert_eq!(kept, [row("op1", "s", "2"), row("op2", "a zero", "0")]);
        let shares: Vec<_> = paid.rows.operator_total.iter().map(|row| row.operator_total_shares.to_string()).collect();
        assert!(reward_type == UniqueStake || shares == ["10", "7"], "shares of the kept row: {shares:?}");
    }
}

#[test]
fn spec_03_16_of_several_weighted_rows_the_smallest_strategy_is_kept() {
    for reward_type in BOTH {
        let mut world = world(&["op"]);
        stake(&mut world, "op", "s", 5);
        stake(&mut world, "op", "t", 10);
        let paid = pay(&mut world, pool(reward_type).strategy("t", 3).strategy("s", 2));
        let kept = (paid.rows.operator_unique.iter().map(|row| row.strategy))
            .chain(paid.rows.operator_total.iter().map(|row| row.strategy));
        assert_eq!(kept.map(|strategy| paid.name(strategy)).collect::<Vec<_>>(), ["s"]);
    }
}

#[test]
fn q31_operator_shares_up_to_zero_do_not_count() {
    for reward_type in BOTH {
        let mut world = world(&["negative", "op", "zero"]);
        stake(&mut world, "negative", "s", -10);
        stake(&mut world, "op", "s", 10);
        stake(&mut world, "zero", "s", 0);
        pay(&mut world, pool(reward_type).strategy("s", 1)).assert_gold(&[("op", "100")]);
    }
}

#[test]
fn q31_staker_shares_up_to_zero_do_not_count() {
    for reward_type in BOTH {
        let mut world = world(&["op"]);
        stake(&mut world, "op", "s", 10);
        world.staker("a", "op", "s", 10);
        world.staker("negative", "op", "s", -5);
        world.staker("zero", "op", "s", 0);
        pay(&mut world, pool(reward_type).strategy("s", 1)).assert_gold(&[("a", "900"), ("op", "100")]);
    }
}

#[test]
fn spec_03_16_magnitudes_of_zero_do_not_count() {
    let mut world = world(&["all zero", "max zero", "nothing", "op", "zero"]);
    for operator in ["all zero", "max zero", "nothing", "zero"] {
        world.operator_shares(operator, "s", 10);
        world.staker(&format!("of {operator}"), operator, "s", 10);
    }
    world.allocate("all zero", "s", 0, 0);
    world.allocate("max zero", "s", 1, 0);
    world.allocate("zero", "s", 0, WHOLE);
    stake(&mut world, "op", "s", 10);
    world.staker("a", "op", "s", 10);
    pay(&mut world, pool(UniqueStake).strategy("s", 1)).assert_gold(&[("a", "900"), ("op", "100")]);
}

#[test]
fn spec_03_16_only_operators_of_the_set_share() {
    for reward_type in BOTH {
        let mut world = world(&["op"]);
        stake(&mut world, "op", "s", 10);
        stake(&mut world, "outside", "s", 90);
        world.register("outside");
        world.staker("a", "op", "s", 10);
        world.staker("b", "outside", "s", 90);
        pay(&mut world, pool(reward_type).strategy("s", 1)).assert_gold(&[("a", "900"), ("op", "100")]);
    }
}

#[test]
fn spec_03_16_a_total_weight_of_zero_pays_nobody_and_the_pool_is_refunded() {
    for reward_type in BOTH {
        let mut world = world(&["op"]);
        stake(&mut world, "op", "s", 10);
        world.staker("a", "op", "s", 10);
        let paid = pay(&mut world, pool(reward_type).strategy("s", 0));
        assert!(paid.rows.operator_unique.is_empty() && paid.rows.operator_total.is_empty());
        paid.assert_gold(&[("avs", "1000")]);
    }
}

#[test]
fn spec_03_17_a_total_operator_weight_of_zero_gives_its_stakers_zero() {
    for reward_type in BOTH {
        let mut world = world(&["op"]);
        stake(&mut world, "op", "s", 3);
        stake(&mut world, "op", "t", 1);
        world.staker("a", "op", "s", 5);
        world.shares("a", "t", 5);
        // Only a negative multiplier can do this. Operator: 3 − 1 = 2. Staker: 5 − 5 = 0.
        let paid = pay(&mut world, pool(reward_type).strategy("s", 1).strategy("t", -1));
        paid.assert_gold(&[("a", "0"), ("op", "100")]);
        let proportions = (paid.rows.staker_unique.iter().map(|row| &row.staker_proportion))
            .chain(paid.rows.staker_total.iter().map(|row| &row.staker_proportion));
        assert!(proportions.cloned().eq([Numeric::ZERO]));
    }
}

#[test]
fn q22_a_pool_of_which_nothing_is_paid_is_refunded() {
    for reward_type in BOTH {
        pay(&mut world(&[]), pool(reward_type).strategy("s", 1)).assert_gold(&[("avs", "1000")]);
        pay(&mut world(&["op"]), pool(reward_type).strategy("s", 1)).assert_gold(&[("avs", "1000")]);
    }
}

#[test]
fn q22_a_pool_is_refunded_once_however_many_strategies() {
    for reward_type in BOTH {
        pay(&mut world(&[]), pool(reward_type).strategy("s", 1).strategy("t", 1)).assert_gold(&[("avs", "1000")]);
    }
}

#[test]
fn q22_a_pool_whose_parts_are_all_zero_is_refunded_too() {
    for reward_type in BOTH {
        // An operator that keeps nothing and has no stakers.
        let mut generous = world(&["op"]);
        stake(&mut generous, "op", "s", 10);
        generous.set_split("op", 0);
        pay(&mut generous, pool(reward_type).strategy("s", 1)).assert_gold(&[("avs", "1000"), ("op", "0")]);

        // One token between two: floor(0.5) each.
        let mut two = world(&["op1", "op2"]);
        stake(&mut two, "op1", "s", 10);
        stake(&mut two, "op2", "s", 10);
        two.staker("a", "op1", "s", 10);
        pay(&mut two, pool(reward_type).amount(7).strategy("s", 1)).assert_gold(&[
            ("a", "0"),
            ("avs", "1"),
            ("op1", "0"),
            ("op2", "0"),
        ]);
    }
}

#[test]
fn q22_leftovers_are_lost() {
    for reward_type in BOTH {
        // Without stakers their 900 are lost.
        let mut alone = world(&["op"]);
        stake(&mut alone, "op", "s", 10);
        pay(&mut alone, pool(reward_type).strategy("s", 1)).assert_gold(&[("op", "100")]);

        // 10 tokens between three: floor(3.33) = 3 each, of which floor(0.3) = 0 are the operator's.
        let mut three = world(&["op1", "op2", "op3"]);
        for operator in ["op1", "op2", "op3"] {
            stake(&mut three, operator, "s", 10);
        }
        three.staker("a", "op1", "s", 10);
        pay(&mut three, pool(reward_type).amount(70).strategy("s", 1)).assert_gold(&[
            ("a", "3"),
            ("op1", "0"),
            ("op2", "0"),
            ("op3", "0"),
        ]);
    }
}

#[test]
fn spec_03_15_the_columns_show_the_window() {
    let mut world = world(&[]);
    world.cutoff("2026-03-13");
    let mut pool = pool(TotalStake).strategy("s", 1).period("2026-03-08", "2026-03-15 06:00");
    pool.watermark = Some(day("2026-03-10"));
    let row = &world.pay(&pool, "2026-03-12").rows.active_stake[0];
    assert_eq!(row.reward_start_exclusive.to_string(), "2026-03-10 00:00:00", "the watermark");
    assert_eq!(row.reward_end_inclusive.to_string(), "2026-03-12 00:00:00", "D − 1");
    assert_eq!(row.global_end_inclusive.to_string(), "2026-03-12 00:00:00", "D − 1");

    world.cutoff("2026-06-01");
    let row = &world.pay(&pool, "2026-03-12").rows.active_stake[0];
    assert_eq!(row.reward_end_inclusive.to_string(), "2026-03-15 06:00:00", "the end of the submission");
    assert_eq!(row.global_end_inclusive.to_string(), "2026-05-31 00:00:00");
}
