//! Operator-directed rewards of operator sets, steps 11 to 14 (spec/03 §11 – §14). 7000 over 7 days are 1000 a day.

use crate::world::{Paid, Submission, World};

fn pay(world: &mut World, submission: Submission) -> Paid {
    world.pay(&submission, "2025-06-02")
}

/// An operator-set reward, submitted after Colorado.
fn reward(operators: &[(&str, i64)]) -> Submission {
    operators.iter().fold(Submission::od_set(), |submission, (operator, amount)| submission.operator(operator, *amount))
}

/// `op` in the set, with stakers of `s` and `t`.
fn world() -> World {
    let mut world = World::mainnet();
    world.join_set("op");
    world.staker("a", "op", "s", 10);
    world.staker("b", "op", "t", 30);
    world
}

#[test]
fn q19_stakers_are_paid_through_registered_strategies_only() {
    let both = || reward(&[("op", 7000)]).strategy("s", 1).strategy("t", 1);
    let mut world = world();
    world.set_strategy("s");
    pay(&mut world, both()).assert_gold(&[("a", "900"), ("op", "100")]);
    world.set_strategy("t");
    // a quarter of 900 and three quarters.
    pay(&mut world, both()).assert_gold(&[("a", "225"), ("b", "675"), ("op", "100")]);
}

#[test]
fn q19_an_operator_is_paid_without_any_registered_strategy() {
    let reward = reward(&[("op", 7000)]).strategy("s", 1).submitted("2025-04-16");
    pay(&mut world(), reward).assert_gold(&[("op", "100")]);
}

#[test]
fn q19_from_colorado_the_staker_part_is_refunded_if_no_strategy_is_registered() {
    for (submitted, snapshot, refunded) in [
        ("2025-04-16", "2025-04-10", false),
        ("2025-04-16", "2025-04-17", false),
        // Only the submission date matters.
        ("2025-04-17", "2025-04-10", true),
        ("2025-04-17", "2025-04-17", true),
    ] {
        let reward = reward(&[("op", 1000)]).strategy("s", 1).one_day(snapshot).submitted(submitted);
        let expected: &[_] = if refunded { &[("avs", "900"), ("op", "100")] } else { &[("op", "100")] };
        world().pay(&reward, snapshot).assert_gold(expected);
    }
}

#[test]
fn q19_one_registered_strategy_prevents_the_refund() {
    // The stakers hold s and t, but registered is u: their part is lost.
    let mut world = world();
    world.set_strategy("u");
    let reward = reward(&[("op", 7000)]).strategy("s", 1).strategy("t", 1).strategy("u", 1);
    pay(&mut world, reward).assert_gold(&[("op", "100")]);
}

#[test]
fn q19_a_registered_strategy_of_multiplier_zero_prevents_the_refund_too() {
    let mut world = world();
    world.set_strategy("s");
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 0)).assert_gold(&[("op", "100")]);
}

#[test]
fn q19_a_registered_strategy_that_the_reward_does_not_list_does_not_matter() {
    let mut world = world();
    world.set_strategy("unlisted");
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1)).assert_gold(&[("avs", "900"), ("op", "100")]);
}

#[test]
fn q19_without_stakers_their_part_is_lost() {
    let mut world = World::mainnet();
    world.join_set("op");
    world.set_strategy("s");
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1)).assert_gold(&[("op", "100")]);
}

#[test]
fn spec_03_14_staker_refunds_are_summed_over_operators_with_their_splits() {
    let mut world = World::mainnet();
    world.join_set("op1");
    world.join_set("op2");
    world.set_split("op2", 5000);
    // op1: 1000 less 100. op2: 2000 less 1000. 900 + 1000 on both rows, paid once.
    let paid = pay(&mut world, reward(&[("op1", 7000), ("op2", 14_000)]).strategy("s", 1).strategy("t", 1));
    let refunds: Vec<_> = paid.rows.avs_od_set.iter().map(|row| row.avs_tokens.to_string()).collect();
    assert_eq!(refunds, ["1900", "1900"]);
    paid.assert_gold(&[("avs", "1900"), ("op1", "100"), ("op2", "1000")]);
}

#[test]
fn spec_03_14_an_unregistered_day_of_a_registered_operator_is_not_refunded() {
    let mut world = World::mainnet();
    world.join_set_from_to("op", "2025-06-03", "2025-06-04");
    let reward = reward(&[("op", 7000)]).strategy("s", 1);
    // Two registered days: 3500 each, of which 3150 cannot be paid to stakers.
    world.pay(&reward, "2025-06-02").assert_gold(&[]);
    world.pay(&reward, "2025-06-03").assert_gold(&[("avs", "3150"), ("op", "350")]);
}

#[test]
fn spec_03_14_a_registration_with_the_avs_is_none_with_the_set() {
    let mut world = World::mainnet();
    world.register("op");
    world.staker("a", "op", "s", 10);
    world.set_strategy("s");
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1)).assert_gold(&[("avs", "1000")]);
}

#[test]
fn q10_an_operator_refund_and_a_staker_refund_of_equal_value_collapse_to_one() {
    let mut world = World::mainnet();
    world.join_set("here");
    // A: 6300 / 7 = 900 of the operator that is gone. B: 1000 less 100 of the stakers of the other. One 900 is paid.
    let paid = pay(&mut world, reward(&[("gone", 6300), ("here", 7000)]).strategy("s", 1));
    let refunds: Vec<_> =
        paid.rows.avs_od_set.iter().map(|row| (paid.name(row.operator), row.avs_tokens.to_string())).collect();
    assert_eq!(refunds, ["gone", "here"].map(|operator| (operator.to_owned(), "900".to_owned())));
    paid.assert_gold(&[("avs", "900"), ("here", "100")]);
}

#[test]
fn q10_an_operator_refund_and_a_staker_refund_of_unequal_value_add_up() {
    let mut world = World::mainnet();
    world.join_set("here");
    // A: 1000. B: 900.
    pay(&mut world, reward(&[("gone", 7000), ("here", 7000)]).strategy("s", 1))
        .assert_gold(&[("avs", "1900"), ("here", "100")]);
}

#[test]
fn q9_equal_duplicates_of_a_strategy_collapse_in_step_11() {
    let mut world = World::mainnet();
    world.join_set("op");
    world.set_strategy("s");
    world.set_strategy("t");
    world.staker("a", "op", "s", 10);
    world.staker("b", "op", "t", 10);
    let paid = pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1).strategy("s", 1).strategy("t", 1));
    assert_eq!(paid.rows.active_od_set.len(), 2);
    paid.assert_gold(&[("a", "450"), ("b", "450"), ("op", "100")]);
}

#[test]
fn q31_multiplier_zero_and_shares_up_to_zero_do_not_count() {
    let mut world = World::mainnet();
    world.join_set("op");
    world.set_strategy("s");
    world.set_strategy("unweighted");
    world.staker("a", "op", "s", 10);
    world.staker("of unweighted", "op", "unweighted", 10);
    world.staker("negative", "op", "s", -5);
    world.staker("zero", "op", "s", 0);
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1).strategy("unweighted", 0))
        .assert_gold(&[("a", "900"), ("op", "100")]);
}
