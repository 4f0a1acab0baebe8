//! Every peculiarity shows in some share of the datasets, so that the generator cannot silently rot.

use crate::state::timed;
use crate::{assert_shares, int, text};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use dataset_generator::{CHAINS, Dataset, Row, SUBMISSION_TABLES, directory, excluded_on_mainnet, forks};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_phenomenon_occurs() {
    let wanted = [
        ("churn: registrations of one key on one day", 500),
        ("churn: delegations of one staker on one day", 500),
        ("churn: deposit and withdrawal on one day", 500),
        ("registration: repeated without leaving", 300),
        ("registration: leaving and returning", 500),
        ("registration: set strategy leaves and returns", 400),
        ("shares: sum is zero and returns", 400),
        ("shares: sum is negative", 400),
        ("shares: peers in a log", 400),
        ("shares: slashed", 350),
        ("delegation: undelegated at the end", 400),
        ("delegation: operator is its own staker", 500),
        ("address: avs and operator", 400),
        ("address: excluded staker on mainnet", 150),
        ("block: midnight", 500),
        ("block: event at a cutoff's midnight", 300),
        ("block: several events", 900),
        ("block: no event", 500),
        ("split: same day", 400),
        ("split: delayed", 500),
        ("split: at a midnight", 300),
        ("split: 65535 where clamped", 350),
        ("split: above 10000 for avs or pi", 50),
        ("split: 0, 1, 250, 1000, 3333, 9999 and 10000", 250),
        ("split: default changes", 400),
        ("submission: several strategies", 900),
        ("submission: strategy twice", 400),
        ("submission: strategy twice, weights differ", 50),
        ("submission: zero multiplier", 500),
        ("submission: amount 1 to 100", 800),
        ("submission: amount of 30 and more digits", 400),
        ("submission: largest amount", 150),
        ("submission: amount next to a digit boundary", 600),
        ("submission: retroactive", 900),
        ("submission: future", 700),
        ("submission: open at the last cutoff", 800),
        ("submission: 28 and more days", 800),
        ("submission: one day", 800),
        ("submission: over 40 days late", 150),
        ("submission: ends at a cutoff", 700),
        ("submission: ends a day before a cutoff", 600),
        ("submission: ends a day after a cutoff", 600),
        ("submission: made at a cutoff's midnight", 100),
        ("submission: start not at midnight", 250),
        ("submission: several operators", 700),
        ("submission: operator never registered", 400),
        ("submission: directed, ends after its block", 150),
        ("type: avs", 950),
        ("type: all_stakers", 950),
        ("type: all_earners", 950),
        ("set: without strategies", 400),
        ("restaked: twice a day", 500),
        ("restaked: capitals", 950),
        ("restaked: gap", 500),
        ("restaked: foreign directory", 400),
        ("allocation: effective at its block", 900),
        ("allocation: effective later", 800),
        ("allocation: effective block missing", 200),
        ("allocation: increase, decrease next day", 250),
        ("allocation: several a day", 400),
        ("allocation: magnitude zero", 600),
        ("allocation: small maximum magnitude", 400),
        ("cutoffs: nightly", 150),
        ("cutoffs: one", 80),
        ("cutoffs: irregular", 300),
        ("cutoffs: a fork in the window", 600),
        ("size: 40 and more stakers", 80),
        ("size: at most 12 stakers", 400),
        ("chain: mainnet", 300),
        ("chain: holesky", 100),
        ("chain: preprod", 50),
        ("chain: sepolia", 30),
        ("chain: hoodi", 40),
        ("chain: preprod-hoodi", 40),
        ("fork: amazon", 20),
        ("fork: nile", 40),
        ("fork: panama", 40),
        ("fork: arno", 40),
        ("fork: trinity", 40),
        ("fork: mississippi", 40),
        ("fork: colorado", 40),
        ("fork: sabine", 100),
    ];
    assert_shares(&wanted, |dataset| {
        let mut found = Vec::new();
        shape(dataset, &mut found);
        events(dataset, &mut found);
        registrations(dataset, &mut found);
        shares(dataset, &mut found);
        splits(dataset, &mut found);
        submissions(dataset, &mut found);
        restaked(dataset, &mut found);
        allocations(dataset, &mut found);
        found
    });
}

type Found = Vec<&'static str>;

fn note(found: &mut Found, shows: bool, name: &'static str) {
    found.extend(shows.then_some(name));
}

fn shape(dataset: &Dataset, found: &mut Found) {
    let params = &dataset.params;
    let names = [
        "chain: mainnet",
        "chain: holesky",
        "chain: preprod",
        "chain: sepolia",
        "chain: hoodi",
        "chain: preprod-hoodi",
    ];
    found.extend(CHAINS.iter().zip(names).find(|(chain, _)| **chain == params.chain).map(|(_, name)| name));
    let inside = forks(&params.chain).iter().filter(|f| params.first_day < f.date && f.date < params.last_cutoff());
    for fork in inside {
        found.push("cutoffs: a fork in the window");
        found.push(match fork.name {
            "amazon" => "fork: amazon",
            "nile" => "fork: nile",
            "panama" => "fork: panama",
            "arno" => "fork: arno",
            "trinity" => "fork: trinity",
            "mississippi" => "fork: mississippi",
            "colorado" => "fork: colorado",
            _ => "fork: sabine",
        });
    }
    let steps: Vec<i64> = params.cutoffs.windows(2).map(|pair| (pair[1] - pair[0]).num_days()).collect();
    note(found, steps.len() >= 4 && steps[steps.len() - 4..].iter().all(|step| *step == 1), "cutoffs: nightly");
    note(found, steps.is_empty(), "cutoffs: one");
    note(found, steps.iter().any(|step| *step > 2) && steps.len() > 1, "cutoffs: irregular");
    note(found, params.stakers >= 40, "size: 40 and more stakers");
    note(found, params.stakers <= 12, "size: at most 12 stakers");
    let (operators, avss) = (dataset.addresses("operator"), dataset.addresses("avs"));
    note(found, !operators.is_disjoint(&avss), "address: avs and operator");
    let stakers = dataset.addresses("staker");
    let listed = excluded_on_mainnet().iter().any(|address| stakers.contains(address));
    note(found, params.chain == "mainnet" && listed, "address: excluded staker on mainnet");
}

fn at_cutoff(dataset: &Dataset, time: NaiveDateTime) -> bool {
    time.time() == NaiveTime::MIN && dataset.params.cutoffs.contains(&time.date())
}

fn events(dataset: &Dataset, found: &mut Found) {
    let mut per_block: BTreeMap<i128, usize> = BTreeMap::new();
    for row in dataset.tables.values().flatten() {
        *per_block.entry(row.integer("block_number").unwrap_or(-1)).or_default() += 1;
    }
    for row in dataset.rows("blocks") {
        let n = per_block.get(&int(row, "number")).copied().unwrap_or(0);
        let time = row.time("block_time").expect("time");
        note(found, n > 1, "block: several events");
        note(found, n == 0, "block: no event");
        note(found, time.time() == NaiveTime::MIN, "block: midnight");
        note(found, n > 0 && at_cutoff(dataset, time), "block: event at a cutoff's midnight");
    }
}

fn registrations(dataset: &Dataset, found: &mut Found) {
    for (table, member, flag) in [
        ("avs_operator_state_changes", "operator", "registered"),
        ("operator_set_operator_registrations", "operator", "is_active"),
        ("operator_set_strategy_registrations", "strategy", "is_active"),
    ] {
        let mut last: BTreeMap<[String; 3], Vec<(NaiveDate, bool)>> = BTreeMap::new();
        for (time, row) in timed(dataset, table) {
            let key = [member, "avs", "operator_set_id"].map(|column| text(row, column));
            last.entry(key).or_default().push((time.date(), row.flag(flag).expect(flag)));
        }
        for history in last.values() {
            let flags: Vec<bool> = history.iter().map(|(_, flag)| *flag).collect();
            let returns = flags.windows(3).any(|three| three == [true, false, true]);
            note(found, flags.windows(2).any(|two| two == [true, true]), "registration: repeated without leaving");
            note(found, returns && member == "operator", "registration: leaving and returning");
            note(found, returns && member == "strategy", "registration: set strategy leaves and returns");
            let days = history.windows(3).any(|three| three[0].0 == three[2].0);
            note(found, days, "churn: registrations of one key on one day");
        }
    }
    let strategies = dataset.rows("operator_set_strategy_registrations");
    let sets: BTreeSet<_> = strategies.iter().map(|row| (row.address("avs"), int(row, "operator_set_id"))).collect();
    note(found, sets.len() < dataset.rows("operator_sets").len(), "set: without strategies");
}

fn shares(dataset: &Dataset, found: &mut Found) {
    let mut sums: BTreeMap<_, i128> = BTreeMap::new();
    let mut zero = BTreeSet::new();
    let mut logs = BTreeSet::new();
    let mut signs: BTreeMap<_, BTreeSet<bool>> = BTreeMap::new();
    for (time, row) in timed(dataset, "staker_share_deltas") {
        let key = (row.address("staker"), row.address("strategy"));
        let shares = int(row, "shares");
        let sum = sums.entry(key).or_default();
        *sum += shares;
        note(found, *sum < 0, "shares: sum is negative");
        note(found, *sum > 0 && zero.contains(&key), "shares: sum is zero and returns");
        if *sum == 0 {
            zero.insert(key);
        }
        let fresh = logs.insert((int(row, "block_number"), int(row, "log_index"), key));
        note(found, !fresh, "shares: peers in a log");
        let both = signs.entry((key, time.date())).or_default();
        both.insert(shares > 0);
        note(found, both.len() == 2, "churn: deposit and withdrawal on one day");
    }
    let mut per_day: BTreeMap<_, usize> = BTreeMap::new();
    let mut last = BTreeMap::new();
    for (time, row) in timed(dataset, "staker_delegation_changes") {
        let staker = row.address("staker");
        note(found, staker == row.address("operator"), "delegation: operator is its own staker");
        let n = per_day.entry((staker, time.date())).or_default();
        *n += 1;
        note(found, *n > 2, "churn: delegations of one staker on one day");
        last.insert(staker, row.flag("delegated"));
    }
    note(found, last.values().any(|delegated| *delegated == Some(false)), "delegation: undelegated at the end");
    for row in dataset.rows("operator_max_magnitudes") {
        let small = int(row, "max_magnitude") < 1000;
        found.push(if small { "allocation: small maximum magnitude" } else { "shares: slashed" });
    }
}

fn splits(dataset: &Dataset, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (table, new) in [
        ("operator_avs_splits", "new_operator_avs_split_bips"),
        ("operator_pi_splits", "new_operator_pi_split_bips"),
        ("operator_set_splits", "new_operator_set_split_bips"),
        ("default_operator_splits", "new_default_operator_split_bips"),
    ] {
        let clamped = matches!(table, "operator_set_splits" | "default_operator_splits");
        let mut days = BTreeSet::new();
        for (time, row) in timed(dataset, table) {
            let value = int(row, new);
            seen.insert(value);
            note(found, value == 65_535 && clamped, "split: 65535 where clamped");
            note(found, value > 10_000 && !clamped, "split: above 10000 for avs or pi");
            let activated = row.time("activated_at").unwrap_or(time);
            note(found, activated.date() > time.date(), "split: delayed");
            note(found, activated > time && activated.time() == NaiveTime::MIN, "split: at a midnight");
            let key = ["operator", "avs", "operator_set_id"].map(|column| text(row, column));
            note(found, !days.insert((key, activated.date())), "split: same day");
        }
    }
    let all = [0, 1, 250, 1000, 3333, 9999, 10_000].iter().all(|value| seen.contains(value));
    note(found, all, "split: 0, 1, 250, 1000, 3333, 9999 and 10000");
    note(found, dataset.rows("default_operator_splits").len() > 1, "split: default changes");
}

fn submissions(dataset: &Dataset, found: &mut Found) {
    let registered: BTreeSet<_> = ["avs_operator_state_changes", "operator_set_operator_registrations"]
        .iter()
        .flat_map(|table| dataset.rows(table))
        .map(|row| row.address("operator"))
        .collect();
    for table in SUBMISSION_TABLES {
        let mut strategies: BTreeMap<_, BTreeMap<_, BTreeSet<i128>>> = BTreeMap::new();
        let mut listed = BTreeSet::new();
        for (submitted, row) in timed(dataset, table.name) {
            window(dataset, submitted, row, found);
            let amount = int(row, "amount");
            note(found, amount <= 100, "submission: amount 1 to 100");
            note(found, amount >= 10_i128.pow(29), "submission: amount of 30 and more digits");
            note(found, amount == 10_i128.pow(38) - 1, "submission: largest amount");
            let near = [12, 16, 20].iter().any(|n| {
                let rest = amount % 10_i128.pow(*n);
                amount >= 10_i128.pow(*n) && (rest <= 3 || rest >= 10_i128.pow(*n) - 3)
            });
            note(found, near, "submission: amount next to a digit boundary");
            let multiplier = int(row, "multiplier");
            note(found, multiplier == 0, "submission: zero multiplier");
            let hash = row.hash("reward_hash");
            let operator = row.integer("operator_index").unwrap_or(0);
            note(found, operator > 0, "submission: several operators");
            let of = strategies.entry(hash).or_default();
            let strategy = row.address("strategy");
            of.entry(strategy).or_default().insert(multiplier);
            note(found, of.len() > 1, "submission: several strategies");
            note(found, of[&strategy].len() > 1, "submission: strategy twice, weights differ");
            let again = !listed.insert((hash, operator, strategy, multiplier));
            note(found, again, "submission: strategy twice");
            let stranger = operator_of(row).is_some_and(|operator| !registered.contains(&Some(operator)));
            note(found, stranger, "submission: operator never registered");
            match text(row, "reward_type").as_str() {
                "avs" => found.push("type: avs"),
                "all_stakers" => found.push("type: all_stakers"),
                "all_earners" => found.push("type: all_earners"),
                _ => {}
            }
        }
    }
}

fn operator_of(row: &Row) -> Option<dataset_generator::Address> {
    row.address("operator")
}

fn window(dataset: &Dataset, submitted: NaiveDateTime, row: &Row, found: &mut Found) {
    let (start, end) = (row.time("start_timestamp").expect("time"), row.time("end_timestamp").expect("time"));
    let days = (end - start).num_days();
    let late = (submitted - end).num_days();
    note(found, end <= submitted, "submission: retroactive");
    note(found, operator_of(row).is_some() && end > submitted, "submission: directed, ends after its block");
    note(found, late > 40, "submission: over 40 days late");
    note(found, start > submitted, "submission: future");
    note(found, start.date() < dataset.params.last_cutoff() && dataset.params.last_cutoff() < end.date(), OPEN);
    note(found, days >= 28, "submission: 28 and more days");
    note(found, days == 1, "submission: one day");
    note(found, start.num_seconds_from_midnight() != 0, "submission: start not at midnight");
    note(found, at_cutoff(dataset, submitted), "submission: made at a cutoff's midnight");
    for cutoff in &dataset.params.cutoffs {
        match (end.date() - *cutoff).num_days() {
            0 => found.push("submission: ends at a cutoff"),
            -1 => found.push("submission: ends a day before a cutoff"),
            1 => found.push("submission: ends a day after a cutoff"),
            _ => {}
        }
    }
}

const OPEN: &str = "submission: open at the last cutoff";

fn restaked(dataset: &Dataset, found: &mut Found) {
    let own = Some(directory(&dataset.params.chain));
    let mut days: BTreeMap<_, BTreeSet<NaiveDate>> = BTreeMap::new();
    for row in dataset.rows("operator_restaked_strategies") {
        let foreign = row.address("avs_directory_address") != own;
        note(found, foreign, "restaked: foreign directory");
        note(found, text(row, "strategy").bytes().any(|byte| byte.is_ascii_uppercase()), "restaked: capitals");
        let key = (row.address("operator"), row.address("avs"), row.address("strategy"));
        let fresh = days.entry(key).or_default().insert(row.time("block_time").expect("time").date());
        note(found, !fresh, "restaked: twice a day");
    }
    for days in days.values() {
        let span = days.last().zip(days.first()).map_or(0, |(last, first)| (*last - *first).num_days() + 1);
        note(found, days.len() as i64 != span, "restaked: gap");
    }
}

fn allocations(dataset: &Dataset, found: &mut Found) {
    let blocks: BTreeMap<i128, NaiveDate> = dataset
        .rows("blocks")
        .iter()
        .map(|row| (int(row, "number"), row.time("block_time").expect("time").date()))
        .collect();
    let mut histories: BTreeMap<[String; 4], BTreeMap<NaiveDate, i128>> = BTreeMap::new();
    for row in dataset.rows("operator_allocations") {
        let (number, effective, magnitude) =
            (int(row, "block_number"), int(row, "effective_block"), int(row, "magnitude"));
        note(found, effective == number, "allocation: effective at its block");
        note(found, magnitude == 0, "allocation: magnitude zero");
        let Some(day) = blocks.get(&effective) else {
            found.push("allocation: effective block missing");
            continue;
        };
        note(found, effective > number, "allocation: effective later");
        let key = ["operator", "avs", "operator_set_id", "strategy"].map(|column| text(row, column));
        let again = histories.entry(key).or_default().insert(*day, magnitude).is_some();
        note(found, again, "allocation: several a day");
    }
    for history in histories.values() {
        let records: Vec<_> = history.iter().collect();
        let up_then_down = records.windows(3).any(|three| {
            three[1].1 > three[0].1 && three[2].1 < three[1].1 && (*three[2].0 - *three[1].0).num_days() == 1
        });
        note(found, up_then_down, "allocation: increase, decrease next day");
    }
}
