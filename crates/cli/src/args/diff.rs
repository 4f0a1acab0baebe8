//! `paydirt diff`.

use std::path::PathBuf;

use clap::Args;
use reward_rules::{Chain, Mode};

use super::{Memory, address, hash};

#[derive(Debug, Args)]
pub(crate) struct DiffOptions {
    /// The chain: mainnet, holesky, preprod, sepolia, hoodi or preprod-hoodi
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Chain,
    /// What to compare with what is stored: strict or compatible
    #[arg(long, value_name = "MODE", default_value_t = Mode::Strict)]
    pub(crate) mode: Mode,
    /// A schema with runs of that mode up to the same cutoff; without one they are made for the comparison
    #[arg(long, value_name = "SCHEMA")]
    pub(crate) with: Option<String>,
    /// Only this submission
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub(crate) reward_hash: Option<String>,
    /// Only this earner
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) earner: Option<String>,
    /// So many earners, those with the largest differences first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    /// Write every earner that differs to a file, as JSON lines; - for stdout
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) memory: Memory,
    /// As JSON, with so many earners as --limit says; amounts as texts
    #[arg(long)]
    pub(crate) json: bool,
}
