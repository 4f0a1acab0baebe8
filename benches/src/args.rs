//! The command line.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

/// Measures whole runs of paydirt, each a process of its own beside a private PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the datasets of a bench, unless they are there
    Data {
        /// Which bench
        bench: Bench,
        /// How large; full, and medium for history, by default
        #[arg(long, value_enum)]
        preset: Option<Preset>,
        /// Where datasets are kept
        #[arg(long, value_name = "DIR", default_value = "target/bench/data")]
        data: PathBuf,
        /// The paydirt command; the one beside this program by default
        #[arg(long, value_name = "FILE")]
        paydirt: Option<PathBuf>,
    },
    /// Measure, and write the measurements as JSON
    Run(RunOptions),
    /// Put two files of measurements side by side, with ratios
    Compare {
        /// The measurements before
        old: PathBuf,
        /// The measurements after
        new: PathBuf,
    },
    /// What is to be reached, and whether files of measurements of history have it
    Targets {
        /// The measurements; the last one of a preset counts
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RunOptions {
    /// Which bench
    pub(crate) bench: Bench,
    /// How large; full, and medium for history, by default
    #[arg(long, value_enum)]
    pub(crate) preset: Option<Preset>,
    /// Where datasets are kept
    #[arg(long, value_name = "DIR", default_value = "target/bench/data")]
    pub(crate) data: PathBuf,
    /// Where the measurements go; target/bench/BENCH.json by default, target/bench/history-PRESET.json for history
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The paydirt command; the one beside this program by default
    #[arg(long, value_name = "FILE")]
    pub(crate) paydirt: Option<PathBuf>,
    /// A further argument of every `paydirt run`, such as --paydirt-arg=--memory-limit=1GiB; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub(crate) paydirt_arg: Vec<String>,
    /// Only the sizes with these names: days of history (nightly) or rows (rss); of history, the parts first, raw, sql, nights and
    /// backfill; separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// How often first runs and COPY are measured (history)
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) repeat: u32,
    /// How often the night by --engine sql is measured (history); 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) sql_repeat: u32,
    /// Also what each statement costs in the server (needs pg_stat_statements)
    #[arg(long)]
    pub(crate) statements: bool,
}

impl RunOptions {
    /// Whether a size is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

/// The benches. The names are in files: they do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bench {
    /// What one more day costs after a short and after a long history
    Nightly,
    /// How much memory a first run takes, by the rows it writes
    Rss,
    /// First runs, nights and backfills beside the yardsticks: COPY of the same rows, and --engine sql
    History,
}

impl Bench {
    /// The name in files and on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nightly => "nightly",
            Self::Rss => "rss",
            Self::History => "history",
        }
    }

    /// The preset that is asked for, or the usual one.
    pub(crate) fn preset(self, asked_for: Option<Preset>) -> anyhow::Result<Preset> {
        let presets: &[Preset] = match self {
            Self::Nightly | Self::Rss => &[Preset::Full, Preset::Quick],
            Self::History => &[Preset::Medium, Preset::Quick, Preset::Small, Preset::Mainnet],
        };
        let preset = asked_for.unwrap_or(presets[0]);
        if !presets.contains(&preset) {
            let names: Vec<&str> = presets.iter().map(|preset| preset.name()).collect();
            bail!("{} has no preset {}: it has {}", self.name(), preset.name(), names.join(", "));
        }
        Ok(preset)
    }
}

/// How large a bench is. The names are in files: they do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Preset {
    /// Seconds: does it work?
    Quick,
    /// Minutes: the sizes that figures are about (nightly, rss)
    Full,
    /// 1 000 stakers, 60 days (history)
    Small,
    /// 20 000 stakers, 90 days, about 3 million rows (history)
    Medium,
    /// 200 000 stakers, 850 days, more than 100 million rows (history)
    Mainnet,
}

impl Preset {
    /// The name in files and on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Mainnet => "mainnet",
        }
    }
}
