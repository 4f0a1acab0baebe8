//! Step 22 (spec/03 §22), and the rows of all steps as text.

use reward_rules::{StakeType, Step, V1Type};

use crate::world::{Submission, World};

fn self_delegated() -> World {
    let mut world = World::mainnet();
    world.register("op");
    world.join_set("op");
    world.set_strategy("s");
    world.restake("op", "s");
    world.staker("op", "op", "s", 10);
    world.operator_shares("op", "s", 10);
    world.allocate("op", "s", 1, 1);
    world
}

#[test]
fn spec_03_22_a_self_delegated_operator_has_one_row() {
    for submission in [
        Submission::v1(V1Type::Avs),
        Submission::v1(V1Type::AllEarners),
        Submission::od().operator("op", 7000),
        Submission::od_set().operator("op", 7000),
        Submission::stake(StakeType::UniqueStake),
        Submission::stake(StakeType::TotalStake),
    ] {
        let mut world = self_delegated();
        let submission = submission.strategy("s", 1);
        // 100 + 900.
        world.pay(&submission, "2025-06-02").assert_gold(&[("op", "1000")]);
        // 500 + 500: equal amounts of different steps do not collapse.
        world.avs_split("op", 5000);
        world.pi_split("op", 5000);
        world.set_split("op", 5000);
        world.pay(&submission, "2025-06-02").assert_gold(&[("op", "1000")]);
    }
}

#[test]
fn spec_03_22_an_avs_that_is_an_operator_has_one_row() {
    let mut world = World::mainnet();
    world.register("avs");
    world.staker("a", "avs", "s", 1);
    // 100 as an operator, and 2000 of the one that is gone.
    world
        .pay(&Submission::od().operator("avs", 7000).operator("gone", 14_000).strategy("s", 1), "2025-06-02")
        .assert_gold(&[("a", "900"), ("avs", "2100")]);
}

#[test]
fn q11_zero_amounts_are_rows() {
    let mut world = World::mainnet();
    world.register("op");
    world.restake("op", "s");
    world.staker("all but nothing", "op", "s", 1_000_000);
    world.staker("nothing", "op", "s", 1);
    // 7 a day. The small one has 0.0000009 of it, the other floor(6.99) = 6 with floor(0.6) for the operator.
    for (reward_type, expected) in [
        (V1Type::Avs, [("all but nothing", "6"), ("nothing", "0"), ("op", "0")].as_slice()),
        (V1Type::AllEarners, &[("all but nothing", "6"), ("nothing", "0"), ("op", "0")]),
        // Rounded, not floored.
        (V1Type::AllStakers, &[("all but nothing", "7"), ("nothing", "0")]),
    ] {
        world.pay(&Submission::v1(reward_type).amount(49).strategy("s", 1), "2025-06-02").assert_gold(expected);
    }
    // A refund of floor(6 / 7).
    world.pay(&Submission::od().operator("gone", 6).strategy("s", 1), "2025-06-02").assert_gold(&[("avs", "0")]);
}

#[test]
fn spec_03_22_amounts_are_integral() {
    let mut world = self_delegated();
    world.allocate("op", "s", 1, 3);
    let paid = world.pay(&Submission::stake(StakeType::UniqueStake).strategy("s", 1), "2025-06-02");
    assert!(paid.rows.gold.iter().all(|row| row.amount.dscale() == 0));
}

#[test]
fn spec_03_every_step_has_its_columns_in_order() {
    let mut world = self_delegated();
    world.delegate("staker", "op");
    world.shares("staker", "s", 10);
    let mut filled = Vec::new();
    for submission in [
        Submission::v1(V1Type::Avs),
        Submission::v1(V1Type::AllStakers),
        Submission::v1(V1Type::AllEarners),
        Submission::od().operator("op", 7000).operator("gone", 7000),
        Submission::od_set().operator("op", 7000).operator("gone", 7000),
        Submission::stake(StakeType::UniqueStake),
        Submission::stake(StakeType::TotalStake),
    ] {
        let paid = world.pay(&submission.strategy("s", 1), "2025-06-02");
        let mut steps = Vec::new();
        paid.rows.for_each_step(paid.names(), |step, columns, rows| {
            steps.push(step);
            assert!(rows.iter().all(|row| row.len() == columns.len()), "{step}");
            if !rows.is_empty() {
                filled.push(step);
            }
        });
        assert_eq!(steps, Step::ALL);
    }
    filled.sort();
    filled.dedup();
    // 18 and 21 refund only pools of which nothing is paid.
    let unfilled = Step::ALL.into_iter().filter(|step| !filled.contains(step)).map(Step::number);
    assert_eq!(unfilled.collect::<Vec<_>>(), [18, 21]);
}

#[test]
fn spec_03_23_a_row_of_gold_table_as_text() {
    let mut world = World::mainnet();
    let paid = world.pay(&Submission::od().operator("gone", 7000).strategy("s", 1), "2025-06-02");
    let mut gold = Vec::new();
    paid.rows.for_each_step(paid.names(), |step, columns, rows| {
        if step == Step::Staging {
            assert_eq!(columns, ["earner", "snapshot", "reward_hash", "token", "amount"]);
            gold = rows;
        }
    });
    // "avs", "hash" and "token" in ASCII.
    assert_eq!(
        gold,
        [[
            "0x6176730000000000000000000000000000000000",
            "2025-06-02",
            "0x6861736800000000000000000000000000000000000000000000000000000000",
            "0x746f6b656e000000000000000000000000000000",
            "1000",
        ]]
    );
}
