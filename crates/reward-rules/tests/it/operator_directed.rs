//! Operator-directed rewards, steps 7 to 10 (spec/03 §7 – §10). 7000 over 7 days are 1000 a day.

use pg_numeric::Numeric;

use crate::world::{Paid, Submission, World, n};

fn pay(world: &mut World, submission: Submission) -> Paid {
    world.pay(&submission, "2025-06-02")
}

fn reward(operators: &[(&str, i64)]) -> Submission {
    operators.iter().fold(Submission::od(), |submission, (operator, amount)| submission.operator(operator, *amount))
}

#[test]
fn spec_03_9_each_operator_shares_with_its_own_stakers() {
    let mut world = World::mainnet();
    world.register("op1");
    world.register("op2");
    world.staker("a", "op1", "s", 10);
    world.staker("b", "op2", "s", 1);
    world.staker("c", "op2", "s", 3);
    world.staker("d", "undirected", "s", 50);
    // op1: 1000 a day, 100 kept, 900 for a. op2: 2000 a day, 200 kept, a quarter of 1800 for b.
    pay(&mut world, reward(&[("op1", 7000), ("op2", 14_000)]).strategy("s", 1)).assert_gold(&[
        ("a", "900"),
        ("b", "450"),
        ("c", "1350"),
        ("op1", "100"),
        ("op2", "200"),
    ]);
}

#[test]
fn spec_03_9_the_weights_of_an_operator_are_over_all_strategies() {
    let mut world = World::mainnet();
    world.register("op");
    world.staker("a", "op", "s", 10);
    world.shares("a", "t", 10);
    world.staker("b", "op", "s", 60);
    // a: 1 × 10 + 3 × 10 = 40. b: 60. 900 to share.
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1).strategy("t", 3)).assert_gold(&[
        ("a", "360"),
        ("b", "540"),
        ("op", "100"),
    ]);
}

#[test]
fn spec_03_8_and_9_the_row_with_the_smallest_strategy_is_kept() {
    let mut world = World::mainnet();
    world.register("op");
    world.staker("a", "op", "t", 7);
    world.shares("a", "s", 5);
    let paid = pay(&mut world, reward(&[("op", 7000)]).strategy("t", 3).strategy("s", 2));
    let kept: Vec<_> = (paid.rows.operator_od.iter().map(|row| (row.strategy, &row.multiplier)))
        .chain(paid.rows.staker_od.iter().map(|row| (row.strategy, &row.multiplier)))
        .map(|(strategy, multiplier)| (paid.name(strategy), multiplier.to_string()))
        .collect();
    let row = ("s".to_owned(), "2".to_owned());
    assert_eq!(kept, [row.clone(), row]);
    assert_eq!(paid.rows.staker_od[0].shares, Numeric::from(5));
    // 3 × 7 + 2 × 5.
    assert_eq!(paid.rows.staker_od[0].staker_weight, Numeric::from(31));
}

#[test]
fn spec_03_7_the_amount_is_floored_before_it_is_divided() {
    let mut world = World::mainnet();
    world.register("op");
    // floor(6999.9) = 6999; 6999 / 7 = 999.85…, floored: 999, of which 99 are the operator's.
    let paid = pay(&mut world, Submission::od().operator("op", n("6999.9")).strategy("s", 1));
    assert_eq!(paid.rows.active_od[0].amount_decimal.to_string(), "6999");
    paid.assert_gold(&[("op", "99")]);
}

#[test]
fn spec_03_10_refunds_are_summed_and_q10_collapse() {
    let mut world = World::mainnet();
    // 1000 + 2000 + 2000, on the row of every operator, paid once.
    let paid = pay(&mut world, reward(&[("op1", 7000), ("op2", 14_000), ("op3", 14_000)]).strategy("s", 1));
    let refunds: Vec<_> =
        paid.rows.avs_od.iter().map(|row| (paid.name(row.operator), row.avs_tokens.to_string())).collect();
    assert_eq!(refunds, ["op1", "op2", "op3"].map(|operator| (operator.to_owned(), "5000".to_owned())));
    paid.assert_gold(&[("avs", "5000")]);
}

#[test]
fn spec_03_10_an_operator_is_refunded_once_however_many_strategies() {
    let mut world = World::mainnet();
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1).strategy("t", 2)).assert_gold(&[("avs", "1000")]);
}

#[test]
fn spec_03_10_only_operators_that_are_never_registered_are_refunded() {
    let mut world = World::mainnet();
    world.register("here");
    world.staker("a", "here", "s", 1);
    world.register_with("gone", "another avs");
    world.join_set("gone");
    pay(&mut world, reward(&[("here", 7000), ("gone", 14_000)]).strategy("s", 1)).assert_gold(&[
        ("a", "900"),
        ("avs", "2000"),
        ("here", "100"),
    ]);
}

#[test]
fn spec_03_10_an_unregistered_day_of_a_registered_operator_is_not_refunded() {
    let mut world = World::mainnet();
    world.register_from_to("op", "2025-06-03", "2025-06-04");
    world.staker("a", "op", "s", 1);
    let reward = reward(&[("op", 7000)]).strategy("s", 1);
    // Two registered days: 3500 each.
    world.pay(&reward, "2025-06-02").assert_gold(&[]);
    world.pay(&reward, "2025-06-03").assert_gold(&[("a", "3150"), ("op", "350")]);
    let step_7 = &world.pay(&reward, "2025-06-02").rows.active_od[0];
    assert_eq!(step_7.num_registered_snapshots, 2);
    assert_eq!(step_7.tokens_per_registered_snapshot_decimal, Numeric::from(3500));
}

#[test]
fn q9_equal_duplicates_of_a_strategy_collapse_in_step_7() {
    let mut world = World::mainnet();
    world.register("op");
    world.staker("a", "op", "s", 10);
    world.staker("b", "op", "t", 10);
    let paid = pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1).strategy("s", 1).strategy("t", 1));
    assert_eq!(paid.rows.active_od.len(), 2);
    paid.assert_gold(&[("a", "450"), ("b", "450"), ("op", "100")]);
}

#[test]
fn q20_and_q19_strategies_are_never_checked() {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "something else");
    world.staker("a", "op", "s", 10);
    world.staker("b", "op", "t", 30);
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1).strategy("t", 1)).assert_gold(&[
        ("a", "225"),
        ("b", "675"),
        ("op", "100"),
    ]);
}

#[test]
fn q19_without_stakers_their_part_is_lost() {
    let mut world = World::mainnet();
    world.register("op");
    pay(&mut world, reward(&[("op", 7000)]).strategy("s", 1)).assert_gold(&[("op", "100")]);
}

#[test]
fn q31_multiplier_zero_and_shares_up_to_zero_do_not_count_but_the_operator_is_paid() {
    let mut world = World::mainnet();
    world.register("op");
    world.staker("a", "op", "s", 10);
    world.staker("of unweighted", "op", "unweighted", 10);
    world.staker("negative", "op", "s", -5);
    world.staker("zero", "op", "s", 0);
    let reward = reward(&[("op", 7000)]);
    pay(&mut world, reward.clone().strategy("s", 1).strategy("unweighted", 0))
        .assert_gold(&[("a", "900"), ("op", "100")]);
    pay(&mut world, reward.strategy("unweighted", 0)).assert_gold(&[("op", "100")]);
}
