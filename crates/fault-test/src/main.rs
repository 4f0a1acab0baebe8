//! `fault-test`: the scenarios one after another; see `make fault-test`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use fault_test::{Options, Scenario};

const ABOUT_TIMES: &str = "How often faults are caused, unless --times says otherwise:";

/// Faults in the middle of paydirt's work. After each one the same command is repeated until it exits 0; then gold,
/// watermarks and silver must be those of undisturbed runs, `paydirt check` must find nothing, and nothing may be left
/// behind: no sessions, locks, temporary tables, unfinished runs. Exits 1 when something deviates, and says where.
#[derive(Debug, Parser)]
#[command(name = "fault-test", after_help = format!("{ABOUT_TIMES} {}", defaults()))]
struct Arguments {
    /// The scenario to run instead of all; may be given several times
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Scenario>,
    /// How many faults each scenario causes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    times: Option<u32>,
    /// The same seed draws the same instants, sizes and orders; what they hit depends on the machine too
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The paydirt to test; by default the one beside this program
    #[arg(long, value_name = "PATH")]
    paydirt: Option<PathBuf>,
}

fn defaults() -> String {
    let each = |scenario: &Scenario| format!("{scenario} {}", scenario.usual_times());
    Scenario::value_variants().iter().map(each).collect::<Vec<_>>().join(", ")
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let paydirt = match &arguments.paydirt {
        Some(path) => path.clone(),
        None => std::env::current_exe().context("where this program is")?.with_file_name("paydirt"),
    };
    let scenarios = if arguments.only.is_empty() { Scenario::value_variants() } else { &arguments.only };
    let mut good = true;
    for scenario in scenarios {
        let times = arguments.times.unwrap_or_else(|| scenario.usual_times());
        let started = Instant::now();
        let outcome = scenario.run(&Options { paydirt: paydirt.clone(), times, seed: arguments.seed });
        let seconds = started.elapsed().as_secs();
        match outcome {
            Ok(summary) => println!("{scenario}: {summary}; no deviation ({seconds} s)"),
            Err(error) => {
                good = false;
                println!("{scenario}: DEVIATION with seed {} after {seconds} s: {error:#}", arguments.seed);
            }
        }
    }
    Ok(good)
}
