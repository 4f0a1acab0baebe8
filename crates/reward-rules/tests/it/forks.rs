//! Q18: a row leaves the old rule as soon as its snapshot **or** its submission date reaches the fork.
//!
//! Forks that look at one date only are proved where their rule is: Panama and Mississippi in `all_earners`,
//! Colorado in `operator_sets`.

use reward_rules::{Chain, V1Type};

use crate::floats::{EXAMPLE_46, three_stakers};
use crate::world::{Paid, Submission, World, n};

/// The day before a fork and its first day in all combinations: snapshot, submission date, whether the old rule holds.
const fn sides(before: &'static str, from: &'static str) -> [(&'static str, &'static str, bool); 4] {
    [(before, before, true), (from, before, false), (before, from, false), (from, from, false)]
}

/// Pays 1000 for one snapshot.
fn pay(world: &mut World, submission: Submission, snapshot: &str, submitted: &str) -> Paid {
    world.pay(&submission.strategy("s", 1).one_day(snapshot).submitted(submitted), snapshot)
}

/// `op` with one staker who holds everything.
fn world(chain: Chain) -> World {
    let mut world = World::on(chain);
    world.register("op");
    world.restake("op", "s");
    world.staker("staker", "op", "s", 10);
    world
}

#[test]
fn q18_amazon() {
    for (snapshot, submitted, old) in sides("2024-08-01", "2024-08-02") {
        let reward = Submission::v1(V1Type::Avs).amount(n(EXAMPLE_46));
        let paid = pay(&mut three_stakers(), reward, snapshot, submitted);
        // Example 46 less 10 %: 15 digits, or the shortest text.
        let expected = if old { "42857142857142840000" } else { "42857142857142813000" };
        assert_eq!(paid.earned("a").unwrap(), expected, "snapshot {snapshot}, submitted {submitted}");
    }
}

#[test]
fn q18_nile() {
    for (snapshot, submitted, old) in sides("2024-08-11", "2024-08-12") {
        let reward = Submission::v1(V1Type::Avs).amount(n(EXAMPLE_46));
        let paid = pay(&mut three_stakers(), reward, snapshot, submitted);
        // Example 46 less 10 %, or the exact amount (see `floats`).
        let expected = if old { "42857142857142813000" } else { "42857142857142859926" };
        assert_eq!(paid.earned("a").unwrap(), expected, "snapshot {snapshot}, submitted {submitted}");
    }
}

#[test]
fn q18_nile_alone_can_be_left_by_the_other_date() {
    // Before Amazon, but submitted at Nile: neither old rule holds. 2.50 is floored.
    let reward = Submission::v1(V1Type::Avs).amount(25);
    pay(&mut world(Chain::Mainnet), reward, "2024-08-01", "2024-08-12").assert_gold(&[("op", "2"), ("staker", "23")]);
}

#[test]
fn q18_arno() {
    for (snapshot, submitted, old) in sides("2025-01-20", "2025-01-21") {
        let mut world = world(Chain::Mainnet);
        world.avs_split("op", 2500);
        world.pi_split("op", 2500);
        for reward_type in [V1Type::Avs, V1Type::AllEarners] {
            let paid = pay(&mut world, Submission::v1(reward_type).amount(1000), snapshot, submitted);
            // 10 % of 1000, or 2500 bips of it.
            paid.assert_gold(if old {
                &[("op", "100"), ("staker", "900")]
            } else {
                &[("op", "250"), ("staker", "750")]
            });
        }
    }
}

#[test]
fn q18_trinity() {
    // Holesky, where Trinity came four weeks after Arno.
    for (snapshot, submitted, old) in sides("2025-01-08", "2025-01-09") {
        let mut world = world(Chain::Holesky);
        world.default_split(2000);
        for submission in [
            Submission::v1(V1Type::Avs).amount(1000),
            Submission::v1(V1Type::AllEarners).amount(1000),
            Submission::od().operator("op", 1000),
        ] {
            // 1000 bips of 1000, or the default split.
            pay(&mut world, submission, snapshot, submitted).assert_gold(if old {
                &[("op", "100"), ("staker", "900")]
            } else {
                &[("op", "200"), ("staker", "800")]
            });
        }
    }
}

#[test]
fn q18_arno_and_trinity_on_one_date() {
    // Mainnet: the fixed 10 % becomes the default split at once.
    for (snapshot, submitted, old) in sides("2025-01-20", "2025-01-21") {
        let mut world = world(Chain::Mainnet);
        world.default_split(2000);
        let paid = pay(&mut world, Submission::v1(V1Type::Avs).amount(1000), snapshot, submitted);
        assert_eq!(paid.earned("op").unwrap(), if old { "100" } else { "200" });
    }
}

#[test]
fn spec_00_4_test_networks_have_no_float_era() {
    for chain in [Chain::Sepolia, Chain::Hoodi, Chain::PreprodHoodi] {
        // 2.50 is floored on any date.
        let reward = Submission::v1(V1Type::Avs).amount(25);
        pay(&mut world(chain), reward, "2024-07-01", "2024-07-01").assert_gold(&[("op", "2"), ("staker", "23")]);
    }
    // Holesky has no Amazon era, but one before Nile: 2.50 is rounded.
    let reward = Submission::v1(V1Type::Avs).amount(25);
    pay(&mut world(Chain::Holesky), reward, "2024-08-12", "2024-08-12").assert_gold(&[("op", "3"), ("staker", "22")]);
}
