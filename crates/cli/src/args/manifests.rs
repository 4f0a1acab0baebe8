//! Options of manifests.

use std::path::PathBuf;

use clap::Args;
use reward_rules::Day;

use super::{Memory, date};

#[derive(Debug, Args)]
pub(crate) struct ManifestOptions {
    /// The run's number (paydirt status lists them); by default the newest complete one
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<i64>,
    /// Read the gold rows of the run and compare them, and the root, with the manifest; exit code 3 if a day differs.
    /// Days that were dropped are left out
    #[arg(long, conflicts_with = "json")]
    pub(crate) check: bool,
    /// Print what is stored: leave out the root if nobody has asked for it yet, instead of computing and storing it, which
    /// reads all rows unless it is that of the newest run
    #[arg(long, conflicts_with = "check")]
    pub(crate) stored: bool,
    /// Compute the days of the run again and print a digest of each step's rows, for bisect; the root is left out if nobody has
    /// asked for it yet
    #[arg(long, conflicts_with = "check")]
    pub(crate) steps: bool,
    /// The steps of this day (YYYY-MM-DD), which the run has planned or paid, alone, with a digest for each submission
    #[arg(long, value_name = "DATE", value_parser = date, requires = "steps")]
    pub(crate) day: Option<Day>,
    #[command(flatten)]
    pub(crate) memory: Memory,
    /// As JSON, with the manifests of all runs before it and the events of each day: what bisect takes
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BisectOptions {
    /// The manifest of one deployment (paydirt manifest --json)
    #[arg(value_name = "MANIFEST_A")]
    pub(crate) a: PathBuf,
    /// That of the other
    #[arg(value_name = "MANIFEST_B")]
    pub(crate) b: PathBuf,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}
