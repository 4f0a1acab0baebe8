//! What PostgreSQL refuses too, with its coordinates.

use pg_numeric::NumericError;
use reward_rules::{StakeType, Step, V1Type};

use crate::world::{Submission, World, day, n};

/// 10^39: a day of it has 39 digits as a float8 too, as the factor only takes 10^-15 of it off.
const TOO_MUCH: &str = "1000000000000000000000000000000000000000";

fn world() -> World {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "s");
    world.staker("staker", "op", "s", 10);
    world
}

#[test]
fn u8_a_payout_beyond_38_digits_names_step_snapshot_reward_and_earner() {
    let mut world = world();
    for (reward_type, snapshot, step) in [
        (V1Type::AllStakers, "2025-06-02", Step::RewardsForAll),
        // Before Amazon and before Nile.
        (V1Type::Avs, "2024-08-01", Step::StakerRewardAmounts),
        (V1Type::Avs, "2024-08-11", Step::StakerRewardAmounts),
    ] {
        let reward = Submission::v1(reward_type).amount(n(TOO_MUCH)).strategy("s", 1);
        let error = world.try_pay(&reward.one_day(snapshot).submitted(snapshot), snapshot).unwrap_err();
        assert_eq!((error.step, error.snapshot), (step, day(snapshot)));
        assert_eq!(error.reward_hash, world.hash());
        assert_eq!(error.earner, Some(world.id("staker")));
        assert_eq!(error.source, NumericError::Overflow { precision: 38, digits: 39 });
        assert_eq!(
            world.describe(&error),
            format!(
                "step {step}, snapshot {snapshot}, reward_hash hash, earner staker: numeric field overflow: \
                 39 digits before the decimal point, numeric(38,0) holds 38"
            )
        );
    }
}

#[test]
fn u8_38_digits_fit() {
    // 10^38 × 0.999999999999999.
    let reward = Submission::v1(V1Type::AllStakers).amount(n("100000000000000000000000000000000000000"));
    world()
        .pay(&reward.strategy("s", 1).one_day("2025-06-02"), "2025-06-02")
        .assert_gold(&[("staker", "99999999999999900000000000000000000000")]);
}

#[test]
fn u8_exact_payouts_are_not_cast() {
    let reward = Submission::v1(V1Type::Avs).amount(n(TOO_MUCH)).strategy("s", 1);
    world().pay(&reward.one_day("2024-08-12").submitted("2024-08-12"), "2024-08-12").assert_gold(&[
        ("op", "100000000000000000000000000000000000000"),
        ("staker", "900000000000000000000000000000000000000"),
    ]);
}

#[test]
fn q32_a_submission_shorter_than_a_day_is_a_division_by_zero() {
    let mut world = world();
    let half_a_day =
        |submission: Submission| submission.strategy("s", 1).period("2025-06-01 06:00", "2025-06-01 18:00");
    for reward_type in [V1Type::Avs, V1Type::AllStakers, V1Type::AllEarners] {
        let reward = half_a_day(Submission::v1(reward_type));
        assert_eq!(world.reward(&reward).unwrap_err(), NumericError::DivisionByZero, "step 1");
    }
    for submission in [Submission::od(), Submission::od_set()] {
        let reward = half_a_day(submission.operator("gone", 1000));
        assert_eq!(world.reward(&reward).unwrap_err(), NumericError::DivisionByZero, "steps 7 and 11");
    }
    for reward_type in [StakeType::UniqueStake, StakeType::TotalStake] {
        let reward = half_a_day(Submission::stake(reward_type));
        assert_eq!(world.reward(&reward).unwrap_err(), NumericError::DivisionByZero, "step 15");
    }
}

#[test]
fn spec_03_7_a_registered_operator_is_paid_even_for_half_a_day() {
    // Its amount is divided by the one registered snapshot, not by the days of the submission.
    let reward = Submission::od().operator("op", 1000).strategy("s", 1);
    world()
        .pay(&reward.period("2025-06-01 06:00", "2025-06-01 18:00"), "2025-06-01")
        .assert_gold(&[("op", "100"), ("staker", "900")]);
}

#[test]
fn spec_03_15_an_amount_has_at_most_78_digits() {
    let mut world = world();
    let pool = |amount: &str| Submission::stake(StakeType::TotalStake).amount(n(amount)).strategy("s", 1);
    let nines = "9".repeat(78);
    world.pay(&pool(&nines).one_day("2025-06-02"), "2025-06-02").assert_gold(&[("avs", &nines)]);
    let too_much = format!("1{}", "0".repeat(78));
    assert_eq!(world.reward(&pool(&too_much)).unwrap_err(), NumericError::Overflow { precision: 78, digits: 79 });
}

#[test]
fn spec_03_2_a_total_weight_of_zero_is_a_division_by_zero() {
    let mut world = world();
    world.restake("op", "t");
    world.shares("staker", "t", 10);
    // 1 × 10 − 1 × 10; only a negative multiplier can do this.
    for (submission, step) in [
        (Submission::v1(V1Type::Avs), Step::StakerRewardAmounts),
        (Submission::v1(V1Type::AllStakers), Step::RewardsForAll),
        (Submission::v1(V1Type::AllEarners), Step::RfaeStakers),
        (Submission::od().operator("op", 7000), Step::StakerOdRewardAmounts),
    ] {
        let error = world.try_pay(&submission.strategy("s", 1).strategy("t", -1), "2025-06-02").unwrap_err();
        assert_eq!((error.step, error.earner), (step, Some(world.id("staker"))));
        assert_eq!(error.source, NumericError::DivisionByZero);
    }
}
