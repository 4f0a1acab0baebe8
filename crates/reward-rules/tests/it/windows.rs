//! Which days a run pays, and what follows from a watermark being all that runs know of each other.

use reward_rules::{Chain, StakeType, V1Type};

use crate::world::{Submission, World};

/// `op` with one staker, ready for `avs` rewards of strategy `s` once it is registered.
fn world() -> World {
    let mut world = World::mainnet();
    world.restake("op", "s");
    world.staker("staker", "op", "s", 10);
    world
}

/// 7000 over 7 days: 1000 a day, 10 % of it for `op`.
fn avs_reward() -> Submission {
    Submission::v1(V1Type::Avs).strategy("s", 1)
}

#[test]
fn q1_a_day_without_rows_before_the_watermark_is_never_revisited() {
    let (mut world, mut reward) = (world(), avs_reward());
    world.register_from_to("op", "2025-06-02", "2025-06-03");
    world.register_from_to("op", "2025-06-05", "2025-06-05");
    world.cutoff("2025-06-07");
    assert_eq!(
        world.run(&mut reward),
        ["2025-06-02: op 100, staker 900", "2025-06-03: op 100, staker 900", "2025-06-05: op 100, staker 900"]
    );

    // Even if the operator turns out to have been registered on the 4th.
    world.deregister_all();
    world.register("op");
    world.cutoff("2025-06-20");
    assert_eq!(
        world.run(&mut reward),
        ["2025-06-06: op 100, staker 900", "2025-06-07: op 100, staker 900", "2025-06-08: op 100, staker 900"]
    );
    assert!(world.run(&mut reward).is_empty(), "everything up to the end is paid");
}

#[test]
fn q1_trailing_days_without_rows_are_revisited() {
    let (mut world, mut reward) = (world(), avs_reward());
    world.register_from_to("op", "2025-06-02", "2025-06-03");
    world.cutoff("2025-06-07");
    assert_eq!(world.run(&mut reward), ["2025-06-02: op 100, staker 900", "2025-06-03: op 100, staker 900"]);

    world.deregister_all();
    world.register_from_to("op", "2025-06-01", "2025-06-05");
    world.cutoff("2025-06-20");
    assert_eq!(world.run(&mut reward), ["2025-06-04: op 100, staker 900", "2025-06-05: op 100, staker 900"]);
}

#[test]
fn q2_the_days_a_second_run_finds_unregistered_are_refunded_on_top() {
    let mut world = world();
    let mut reward = Submission::od().operator("op", 70_000).strategy("s", 1);
    world.register_from_to("op", "2025-06-02", "2025-06-05");

    // Four registered days: 70000 / 4 = 17500 a day, 10 % of it for the operator. That is everything.
    let four_days = ["2", "3", "4", "5"].map(|day| format!("2025-06-0{day}: op 1750, staker 15750"));
    assert_eq!(world.run(&mut reward.clone()), four_days, "one run over all seven days refunds nothing");
    world.cutoff("2025-06-06");
    assert_eq!(world.run(&mut reward), four_days);

    // The second window has no registered day: 70000 / 7 = 10000 for each of its days.
    world.cutoff("2025-06-20");
    assert_eq!(world.run(&mut reward), ["2025-06-06: avs 10000", "2025-06-07: avs 10000", "2025-06-08: avs 10000"]);
}

#[test]
fn q3_an_amount_is_divided_by_the_registered_days_of_the_current_window() {
    let mut world = world();
    let mut reward = Submission::od().operator("op", 70_000).strategy("s", 1);
    world.register("op");

    // The window is 2 – 4 June, but registrations end at D − 1: two days of 70000 / 2 = 35000.
    world.cutoff("2025-06-04");
    assert_eq!(world.run(&mut reward), ["2025-06-02: op 3500, staker 31500", "2025-06-03: op 3500, staker 31500"]);

    // The window is 4 – 8 June: five days of the whole amount again, 70000 / 5 = 14000.
    world.cutoff("2025-06-20");
    let five_days = ["4", "5", "6", "7", "8"].map(|day| format!("2025-06-0{day}: op 1400, staker 12600"));
    assert_eq!(world.run(&mut reward), five_days);
}

#[test]
fn q4_a_start_that_is_not_midnight_pays_its_own_day_too() {
    // Two days of duration, 2000 / 2 = 1000 a day, but three dates: 1, 2 and 3 June.
    let noon_to_noon = |submission: Submission| submission.period("2025-06-01 12:00", "2025-06-03 12:00");
    let mut world = world();
    world.register("op");
    assert_eq!(
        world.run(&mut noon_to_noon(avs_reward().amount(2000))),
        ["2025-06-01: op 100, staker 900", "2025-06-02: op 100, staker 900", "2025-06-03: op 100, staker 900"]
    );

    let three_refunds = ["2025-06-01: avs 1000", "2025-06-02: avs 1000", "2025-06-03: avs 1000"];
    for submission in [
        Submission::od().operator("gone", 2000).strategy("s", 1),
        Submission::od_set().operator("gone", 2000).strategy("s", 1),
        Submission::stake(StakeType::UniqueStake).amount(2000).strategy("s", 1),
        Submission::stake(StakeType::TotalStake).amount(2000).strategy("s", 1),
    ] {
        assert_eq!(world.run(&mut noon_to_noon(submission)), three_refunds);
    }

    // An operator that is registered on all three has its amount divided by three: 3000 / 3.
    assert_eq!(
        world.run(&mut noon_to_noon(Submission::od().operator("op", 3000).strategy("s", 1))),
        ["2025-06-01: op 100, staker 900", "2025-06-02: op 100, staker 900", "2025-06-03: op 100, staker 900"]
    );
}

#[test]
fn q5_all_stakers_and_refunds_pay_the_cutoff_day() {
    let mut world = world();
    world.register("op");
    world.cutoff("2025-06-04");
    // 7000 / 7 × 0.999999999999999 = 999.999999999999, which rounds to 1000.
    assert_eq!(
        world.run(&mut Submission::v1(V1Type::AllStakers).strategy("s", 1)),
        ["2025-06-02: staker 1000", "2025-06-03: staker 1000", "2025-06-04: staker 1000"]
    );
    for submission in [Submission::od(), Submission::od_set()] {
        assert_eq!(
            world.run(&mut submission.operator("gone", 7000).strategy("s", 1)),
            ["2025-06-02: avs 1000", "2025-06-03: avs 1000", "2025-06-04: avs 1000"]
        );
    }
}

#[test]
fn q5_registrations_end_the_day_before_the_cutoff() {
    let mut world = world();
    world.register("op");
    world.cutoff("2025-06-04");
    for reward_type in [V1Type::Avs, V1Type::AllEarners] {
        let mut reward = Submission::v1(reward_type).strategy("s", 1);
        assert_eq!(world.run(&mut reward), ["2025-06-02: op 100, staker 900", "2025-06-03: op 100, staker 900"]);
    }
    let on_the_cutoff = world.pay(&avs_reward(), "2025-06-04");
    assert_eq!(on_the_cutoff.rows.active.len(), 1, "step 1 has the day");
    on_the_cutoff.assert_gold(&[]);
}

#[test]
fn q5_pools_end_the_day_before_the_cutoff() {
    // Holesky, where pools exist on these dates.
    let mut world = World::on(Chain::Holesky);
    world.cutoff("2025-06-04");
    for reward_type in [StakeType::UniqueStake, StakeType::TotalStake] {
        let mut pool = Submission::stake(reward_type).strategy("s", 1);
        assert_eq!(world.run(&mut pool), ["2025-06-02: avs 1000", "2025-06-03: avs 1000"]);
    }
}

#[test]
fn q11_days_of_zero_amounts_advance_the_watermark() {
    let mut world = world();
    world.register("op");
    world.staker("other", "op", "s", 10);
    // 7 / 7 = 1 a day, half of it each: floor(0.5 × 1) = 0.
    let mut reward = avs_reward().amount(7);
    world.cutoff("2025-06-04");
    assert_eq!(world.run(&mut reward), ["2025-06-02: op 0, other 0, staker 0", "2025-06-03: op 0, other 0, staker 0"]);
    assert_eq!(reward.watermark.map(|day| day.to_string()), Some("2025-06-03".to_owned()));
}

#[test]
fn q32_the_number_of_days_is_truncated() {
    let mut world = world();
    world.register("op");
    // 90000 seconds are 90000 idiv 86400 = 1 day; the only date is 2 June.
    let mut reward = avs_reward().amount(1000).period("2025-06-01", "2025-06-02 01:00");
    assert_eq!(world.run(&mut reward), ["2025-06-02: op 100, staker 900"]);
    // 47 hours are 1 day as well, but from noon they touch three dates: 1000 on each.
    let mut reward = avs_reward().amount(1000).period("2025-06-01 12:00", "2025-06-03 11:00");
    assert_eq!(world.run(&mut reward).len(), 3);
}

#[test]
fn spec_00_3_gated_steps_need_a_cutoff_at_their_fork() {
    let submission = |kind: Submission| kind.operator("gone", 1000).strategy("s", 1).one_day("2025-01-10");
    let mut world = World::mainnet();
    for (cutoff, v2, v2_1) in [
        ("2025-01-20", false, false),
        ("2025-01-21", true, false),
        ("2025-04-16", true, false),
        ("2025-04-17", true, true),
    ] {
        world.cutoff(cutoff);
        assert_eq!(!world.run(&mut submission(Submission::od())).is_empty(), v2, "v2 with cutoff {cutoff}");
        assert_eq!(!world.run(&mut submission(Submission::od_set())).is_empty(), v2_1, "v2.1 with cutoff {cutoff}");
    }
    for (cutoff, v2_2) in [("2026-03-11", false), ("2026-03-12", true)] {
        world.cutoff(cutoff);
        let mut pool = Submission::stake(StakeType::TotalStake).strategy("s", 1);
        assert_eq!(!world.run(&mut pool).is_empty(), v2_2, "v2.2 with cutoff {cutoff}");
    }
}
