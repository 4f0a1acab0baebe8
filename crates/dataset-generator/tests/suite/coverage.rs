//! Typical datasets give rows in every step whose gate is open.

use crate::state::{State, on, paid_days, timed};
use crate::{assert_shares, int, text};
use chrono::NaiveDate;
use dataset_generator::{Address, Dataset, Params, Row, forks, generate};

#[test]
fn most_steps_have_rows() {
    let wanted = [
        ("step 2 avs stakers", 600),
        ("step 4 all stakers", 850),
        ("step 5 all earners", 800),
        ("step 8 directed operators", 500),
        ("step 9 directed stakers", 500),
        ("step 10 directed refund", 350),
        ("step 12 set operators", 450),
        ("step 13 set stakers", 350),
        ("step 14 set refund, nobody registered", 300),
        ("step 14 set refund, no strategy", 250),
        ("step 16 unique stake", 350),
        ("step 18 unique stake refund", 200),
        ("step 19 total stake", 400),
        ("step 21 total stake refund", 200),
    ];
    assert_shares(&wanted, steps);
}

#[test]
fn demo_pays_in_every_step() {
    for seed in 1..=5 {
        let found = steps(&generate(&Params::demo(seed)));
        for number in [2, 4, 5, 8, 9, 12, 13, 16, 19] {
            let start = format!("step {number} ");
            assert!(found.iter().any(|step| step.starts_with(&start)), "seed {seed}: no {start}in {found:?}");
        }
    }
}

/// Whether the run of the last cutoff passes the gate of a fork.
fn open(dataset: &Dataset, fork: &str) -> bool {
    let dated = forks(&dataset.params.chain).iter().find(|known| known.name == fork);
    dated.is_none_or(|known| dataset.params.last_cutoff() >= known.date)
}

fn steps(dataset: &Dataset) -> Vec<&'static str> {
    let state = State::of(dataset);
    let mut found = Vec::new();
    version_1(dataset, &state, &mut found);
    if open(dataset, "arno") {
        directed(dataset, &state, &mut found);
    }
    if open(dataset, "mississippi") {
        directed_sets(dataset, &state, &mut found);
    }
    if open(dataset, "sabine") {
        staked(dataset, &state, &mut found);
    }
    found
}

fn address(row: &Row, column: &str) -> Address {
    row.address(column).expect(column)
}

fn version_1(dataset: &Dataset, state: &State, found: &mut Vec<&'static str>) {
    let operators = dataset.addresses("operator");
    for (submitted, row) in timed(dataset, "reward_submissions") {
        let (avs, strategy) = (address(row, "avs"), address(row, "strategy"));
        if int(row, "multiplier") == 0 {
            continue;
        }
        for day in paid_days(dataset, submitted, row) {
            let backed = |operator: &Address| state.backed.contains(&(day, *operator, strategy));
            let step = match text(row, "reward_type").as_str() {
                "avs" => operators
                    .iter()
                    .any(|operator| {
                        let sampled = |day| state.restaked.contains(&(*operator, avs, strategy, day));
                        state.avs.contains(&((*operator, avs, 0), day))
                            && sampled(day)
                            && day.pred_opt().is_some_and(sampled)
                            && backed(operator)
                    })
                    .then_some("step 2 avs stakers"),
                "all_stakers" => state.held.contains(&(day, strategy)).then_some("step 4 all stakers"),
                _ => {
                    let registered = |operator: &Address| {
                        dataset.addresses("avs").iter().any(|avs| state.avs.contains(&((*operator, *avs, 0), day)))
                    };
                    operators
                        .iter()
                        .any(|operator| backed(operator) && registered(operator))
                        .then_some("step 5 all earners")
                }
            };
            if let Some(step) = step {
                found.push(step);
                break;
            }
        }
    }
}

fn directed(dataset: &Dataset, state: &State, found: &mut Vec<&'static str>) {
    for (submitted, row) in timed(dataset, "operator_directed_reward_submissions") {
        let operator = address(row, "operator");
        let days = paid_days(dataset, submitted, row);
        let key = (operator, address(row, "avs"), 0);
        let registered = |day: &&NaiveDate| state.avs.contains(&(key, **day));
        if days.iter().any(|day| registered(&day)) {
            found.push("step 8 directed operators");
        } else if !days.is_empty() {
            found.push("step 10 directed refund");
        }
        let backed = |day: &NaiveDate| state.backed.contains(&(*day, operator, address(row, "strategy")));
        if int(row, "multiplier") > 0 && days.iter().filter(registered).any(backed) {
            found.push("step 9 directed stakers");
        }
    }
}

fn directed_sets(dataset: &Dataset, state: &State, found: &mut Vec<&'static str>) {
    let table = "operator_directed_operator_set_reward_submissions";
    for (submitted, row) in timed(dataset, table) {
        let (operator, strategy) = (address(row, "operator"), address(row, "strategy"));
        let (avs, set) = (address(row, "avs"), int(row, "operator_set_id"));
        let days = paid_days(dataset, submitted, row);
        let registered: Vec<_> =
            days.iter().filter(|day| state.sets.contains(&((operator, avs, set), **day))).collect();
        if registered.is_empty() {
            found.extend((!days.is_empty()).then_some("step 14 set refund, nobody registered"));
            continue;
        }
        found.push("step 12 set operators");
        let backed = |day: &&&NaiveDate| {
            state.strategies.contains(&((strategy, avs, set), ***day))
                && state.backed.contains(&(***day, operator, strategy))
        };
        if int(row, "multiplier") > 0 && registered.iter().any(|day| backed(&day)) {
            found.push("step 13 set stakers");
        }
        let hash = row.hash("reward_hash");
        let rows: Vec<_> = dataset.rows(table).iter().filter(|row| row.hash("reward_hash") == hash).collect();
        let bare = |day: NaiveDate| {
            rows.iter().all(|row| !state.strategies.contains(&((address(row, "strategy"), avs, set), day)))
        };
        if registered.iter().any(|day| bare(**day)) {
            found.push("step 14 set refund, no strategy");
        }
    }
}

fn staked(dataset: &Dataset, state: &State, found: &mut Vec<&'static str>) {
    let operators = dataset.addresses("operator");
    for (table, paid, refunded, allocated) in [
        ("unique_stake_reward_submissions", "step 16 unique stake", "step 18 unique stake refund", true),
        ("total_stake_reward_submissions", "step 19 total stake", "step 21 total stake refund", false),
    ] {
        for (submitted, row) in timed(dataset, table) {
            let (strategy, avs, set) = (address(row, "strategy"), address(row, "avs"), int(row, "operator_set_id"));
            if int(row, "multiplier") == 0 {
                continue;
            }
            for day in paid_days(dataset, submitted, row) {
                let weighs = |operator: &Address| {
                    let key = (*operator, avs, set);
                    state.sets.contains(&(key, day))
                        && on(&state.operator_shares, &(*operator, strategy), day).is_some_and(|shares| shares > 0)
                        && (!allocated || on(&state.magnitudes, &(key, strategy), day).is_some_and(|value| value > 0))
                };
                found.push(if operators.iter().any(weighs) { paid } else { refunded });
            }
        }
    }
}
