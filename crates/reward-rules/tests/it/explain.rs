//! Why somebody gets nothing, zero, or not all of it. That every row is explained is checked in all worlds
//! (`World::pay`); here are reasons that are rare.

use reward_rules::StakeType::{TotalStake, UniqueStake};
use reward_rules::V1Type::{AllEarners, Avs};
use reward_rules::explain::{Explanation, Role, WhyNot};

use crate::world::{Submission, World};

const DAY: &str = "2025-06-02";
const WHOLE: i64 = 1_000_000_000_000_000_000;

/// The names of the reasons, as what the earner gets nothing.
fn reasons(explanation: &Explanation) -> Vec<(Role, &'static str)> {
    assert!(explanation.rows.is_empty() && explanation.parts.is_empty(), "{explanation:?}");
    explanation.reasons.iter().map(|(role, why)| (*role, why.name())).collect()
}

/// Why an amount is zero.
fn zeros(explanation: &Explanation) -> Vec<&'static str> {
    explanation.parts.iter().filter_map(|part| part.zero.as_ref()).map(WhyNot::name).collect()
}

/// An operator with a staker of an `avs` reward of 1000 a day.
fn world() -> (World, Submission) {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "s");
    world.staker("a", "op", "s", 10);
    (world, Submission::v1(Avs).strategy("s", 1))
}

#[test]
fn a_staker_of_avs_rewards_gets_nothing() {
    let (mut world, submission) = world();
    world.staker("debtor", "op", "s", -5);
    world.staker("of another strategy", "op", "t", 5);
    world.shares("undelegated", "s", 5);
    world.delegate("gone", "");
    world.staker("of a stranger", "stranger", "s", 5);
    world.register("idle");
    world.staker("of the idle", "idle", "s", 5);
    let mut why = |earner: &str| reasons(&world.explain(&submission, DAY, earner));
    assert_eq!(why("debtor"), [(Role::Staker, "negative_shares")]);
    assert_eq!(why("of another strategy"), [(Role::Staker, "no_shares")]);
    assert_eq!(why("undelegated"), [(Role::Staker, "no_delegation")]);
    assert_eq!(why("gone"), [(Role::Staker, "no_delegation")]);
    assert_eq!(why("of a stranger"), [(Role::Staker, "not_registered")]);
    assert_eq!(why("stranger"), [(Role::Operator, "not_registered")]);
    assert_eq!(why("of the idle"), [(Role::Staker, "not_restaked")]);
    assert_eq!(why("idle"), [(Role::Operator, "not_restaked")]);
    assert_eq!(why("avs"), [(Role::Avs, "submitter_pays")]);
    assert_eq!(why("nobody"), [(Role::Staker, "nothing_known")]);
}

#[test]
fn an_operator_without_stakers_that_count() {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "s");
    world.delegate("a", "op");
    let submission = Submission::v1(Avs).strategy("s", 1);
    assert_eq!(reasons(&world.explain(&submission, DAY, "op")), [(Role::Operator, "no_stakers")]);
}

#[test]
fn excluded_before_panama_and_multipliers_of_zero() {
    let mut world = World::mainnet();
    world.register("op");
    world.staker("a", "op", "s", 10);
    world.exclude("a");
    let submission = Submission::v1(AllEarners).strategy("s", 1).one_day("2024-09-30").submitted("2024-09-01");
    assert_eq!(reasons(&world.explain(&submission, "2024-09-30", "a")), [(Role::Staker, "excluded")]);
    let weightless = Submission::v1(AllEarners).strategy("s", 0);
    assert_eq!(reasons(&world.explain(&weightless, DAY, "a")), [(Role::Staker, "no_multiplier")]);
}

#[test]
fn a_split_takes_all_or_leaves_nothing() {
    let (mut world, submission) = world();
    world.avs_split("op", 10_000);
    assert_eq!(zeros(&world.explain(&submission, DAY, "a")), ["split_takes_all"]);
    assert!(zeros(&world.explain(&submission, DAY, "op")).is_empty());
    world.avs_split("op", 0);
    assert_eq!(zeros(&world.explain(&submission, DAY, "op")), ["split_leaves_nothing"]);
    assert!(zeros(&world.explain(&submission, DAY, "a")).is_empty());
}

#[test]
fn a_part_that_floors_to_zero() {
    let (mut world, submission) = world();
    world.staker("whale", "op", "s", 10_000_000_000_000_000_i64);
    assert_eq!(zeros(&world.explain(&submission, DAY, "a")), ["proportion_is_zero"]);
    let small = Submission::v1(Avs).strategy("s", 1).amount(7_i64);
    world.staker("b", "op", "s", 9_000_000_000_000_000_i64);
    assert_eq!(zeros(&world.explain(&small, DAY, "b")), ["less_than_one"]);
    let nothing = Submission::v1(Avs).strategy("s", 1).amount(6_i64);
    assert_eq!(zeros(&world.explain(&nothing, DAY, "b")), ["pool_is_zero"]);
}

#[test]
fn q10_of_two_equal_refunds_one_counts() {
    let mut world = World::mainnet();
    world.join_set("here");
    world.register_with("gone", "another");
    let submission = Submission::od_set().operator("gone", 6300).operator("here", 7000).strategy("s", 1);
    let explanation = world.explain(&submission, DAY, "avs");
    let parts: Vec<_> = explanation.parts.iter().map(|part| (part.amount.to_string(), part.counts)).collect();
    assert_eq!(parts, [("900".to_owned(), true), ("900".to_owned(), false)]);
    assert_eq!(explanation.rows[0].amount.to_string(), "900");
    world.staker("a", "here", "s", 10);
    let why = reasons(&world.explain(&submission, DAY, "a"));
    assert_eq!(why, [(Role::Staker, "strategies_not_registered"), (Role::Staker, "refunded")]);
    let why = reasons(&world.explain(&submission, DAY, "gone"));
    assert_eq!(why, [(Role::Operator, "not_registered"), (Role::Operator, "refunded")]);
}

#[test]
fn the_pool_of_a_set_goes_back() {
    let mut world = World::mainnet();
    world.join_set("op");
    world.staker("a", "op", "s", 10);
    world.operator_shares("op", "s", 10);
    let unique = Submission::stake(UniqueStake).strategy("s", 1).period("2026-03-11", "2026-03-18");
    let why = reasons(&world.explain(&unique, "2026-03-12", "op"));
    assert_eq!(why, [(Role::Operator, "not_allocated"), (Role::Operator, "refunded")]);
    let why = reasons(&world.explain(&unique, "2026-03-12", "a"));
    assert_eq!(why, [(Role::Staker, "not_allocated"), (Role::Staker, "refunded")]);
    // What weighs nothing together is not divided.
    world.allocate("op", "s", WHOLE, WHOLE);
    let weightless = Submission::stake(UniqueStake).strategy("s", 0).period("2026-03-11", "2026-03-18");
    let why = reasons(&world.explain(&weightless, "2026-03-12", "op"));
    assert_eq!(why, [(Role::Operator, "no_weight"), (Role::Operator, "refunded")]);
    let total = Submission::stake(TotalStake).strategy("s", 1).period("2026-03-11", "2026-03-18");
    let explanation = world.explain(&total, "2026-03-12", "avs");
    assert_eq!(reasons(&explanation), [(Role::Avs, "nothing_to_refund")]);
    assert_eq!(
        (explanation.balance.pool.to_string(), explanation.balance.remainder.to_string()),
        ("1000".into(), "0".into())
    );
}

#[test]
fn the_words_of_an_amount() {
    let (mut world, submission) = world();
    world.staker("b", "op", "s", 20);
    let explanation = world.explain(&submission, DAY, "a");
    let [part] = &explanation.parts[..] else { panic!("{explanation:?}") };
    let paid = world.pay(&submission, DAY);
    let words = part.derivation.words(paid.names());
    // 10 of 30 of 1000, and 10 % for the operator.
    let tail: Vec<&str> = words.iter().skip(2).map(String::as_str).collect();
    assert_eq!(
        tail,
        [
            "weight: 10; total weight of all stakers that count: 30",
            "proportion: 10 / 30 = 0.33333333333333333333 as PostgreSQL divides, cut to 15 decimals: 0.33333333333333300000",
            "for staker and operator: floor(0.33333333333333300000 × 1000) = 333 (the rule from Nile on, and always in strict mode)",
            "the operator's part: floor(333 × 1000 / 10000) = 33 (split 1000 bips, neither set by the operator nor by a default in force)",
            "the staker's part: 333 − 33 = 300",
        ]
    );
    assert!(words[1].ends_with(": shares 10 × multiplier 1 = 10"), "{words:?}");
}
