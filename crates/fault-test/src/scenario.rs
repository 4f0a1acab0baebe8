//! The kinds of faults.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::{cut, full_disk, immediate, kill, kill_backfill, together, workers};

/// How a scenario runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `paydirt` command.
    pub paydirt: PathBuf,
    /// How many faults are caused; only those that hit something count.
    pub times: u32,
    /// Seed of instants, sizes and orders.
    pub seed: u64,
}

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// SIGKILL of `paydirt run` at random instants of nightly runs
    Kill,
    /// SIGKILL of `paydirt backfill` at random instants
    KillBackfill,
    /// Immediate shutdown of the server in the middle of runs
    Immediate,
    /// Connections cut after a random number of bytes
    Cut,
    /// Gold's files cannot grow
    FullDisk,
    /// Two runs of the same cutoff at once
    Together,
    /// A run with workers and helpers that are killed one by one
    Workers,
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => "kill",
            Self::KillBackfill => "kill-backfill",
            Self::Immediate => "immediate",
            Self::Cut => "cut",
            Self::FullDisk => "full-disk",
            Self::Together => "together",
            Self::Workers => "workers",
        })
    }
}

impl Scenario {
    /// How many faults `make fault-test` causes.
    #[must_use]
    pub const fn usual_times(self) -> u32 {
        match self {
            Self::Kill | Self::KillBackfill => 100,
            Self::Immediate | Self::Workers => 10,
            Self::Cut => 60,
            Self::FullDisk => 3,
            Self::Together => 20,
        }
    }

    /// Causes the faults; says how many and what came of them.
    ///
    /// # Errors
    ///
    /// Everything that deviates from undisturbed runs, with where it was found.
    ///
    /// # Panics
    ///
    /// When there is no PostgreSQL to start, as [`test_support::TestServer`].
    pub fn run(self, options: &Options) -> anyhow::Result<String> {
        match self {
            Self::Kill => kill::run(options),
            Self::KillBackfill => kill_backfill::run(options),
            Self::Immediate => immediate::run(options),
            Self::Cut => cut::run(options),
            Self::FullDisk => full_disk::run(options),
            Self::Together => together::run(options),
            Self::Workers => workers::run(options),
        }
    }
}
