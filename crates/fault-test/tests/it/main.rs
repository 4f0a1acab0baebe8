//! Every scenario with a few faults; `make fault-test` causes more.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use fault_test::{Options, Scenario};

/// Runs a scenario with the `paydirt` that was built beside this test.
fn some(scenario: Scenario, times: u32) {
    let test = std::env::current_exe().unwrap();
    let paydirt = test.parent().unwrap().parent().unwrap().join("paydirt");
    match scenario.run(&Options { paydirt, times, seed: 1 }) {
        Ok(summary) => println!("{scenario}: {summary}"),
        Err(error) => panic!("{scenario}: {error:#}"),
    }
}

#[test]
fn a_killed_run_goes_on_when_repeated() {
    some(Scenario::Kill, 5);
}

#[test]
fn a_killed_backfill_goes_on_when_repeated() {
    some(Scenario::KillBackfill, 3);
}

#[test]
fn a_crash_of_the_server_loses_nothing() {
    some(Scenario::Immediate, 1);
}

#[test]
fn a_cut_connection_loses_nothing() {
    some(Scenario::Cut, 5);
}

#[test]
fn a_full_disk_fails_the_run_and_shows_nothing_of_it() {
    some(Scenario::FullDisk, 1);
}

#[test]
fn of_two_runs_at_once_one_writes() {
    some(Scenario::Together, 2);
}

#[test]
fn killed_workers_and_helpers_lose_nothing() {
    some(Scenario::Workers, 1);
}
