//! Options of roots, proofs and distributions.

use std::path::PathBuf;

use alloy_primitives::Address;
use clap::{Args, Subcommand};
use pipeline::SnapshotArgument;

use super::Memory;

#[derive(Debug, Args)]
pub(crate) struct RootOptions {
    /// The last day that counts, E (YYYY-MM-DD); needs a complete run with cutoff E + 1 or later. Or latest
    #[arg(long, value_name = "DATE", required_unless_present = "check")]
    pub(crate) snapshot: Option<SnapshotArgument>,
    /// Compare every root that was posted (submitted_distribution_roots) with ours; exit code 3 if one differs
    #[arg(long, conflicts_with = "snapshot")]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) memory: Memory,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ProofOptions {
    #[command(subcommand)]
    pub(crate) action: Option<ProofAction>,
    /// The last day that counts, E (YYYY-MM-DD), or latest
    #[arg(long, value_name = "DATE", required = true)]
    pub(crate) snapshot: Option<SnapshotArgument>,
    /// Who claims
    #[arg(long, value_name = "ADDRESS", required = true, value_parser = address)]
    pub(crate) earner: Option<Address>,
    /// A token to claim, in this order; may be repeated. By default all the earner has got
    #[arg(long = "token", value_name = "ADDRESS", value_parser = address)]
    pub(crate) tokens: Vec<Address>,
    /// The index the root was posted under; by default that of the source's posted roots, else 0
    #[arg(long, value_name = "N")]
    pub(crate) root_index: Option<u32>,
    #[command(flatten)]
    pub(crate) memory: Memory,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProofAction {
    /// Verify a claim by itself, without a database: exit code 0 if its proofs lead to its root, else 3
    Verify {
        /// The claim as JSON; - reads stdin
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DistributionOptions {
    /// The last day that counts, E (YYYY-MM-DD), or latest
    #[arg(long, value_name = "DATE")]
    pub(crate) snapshot: SnapshotArgument,
    /// The file to write; it appears when it is complete. - writes to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) memory: Memory,
}

/// An address in whatever case: wallets show mixed-case ones.
fn address(text: &str) -> Result<Address, String> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40);
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| format!("'{text}' is not 0x and 40 hex digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_0x_and_40_hex_digits() {
        let text = "0x135dDA560e946695D6f155dACaFC6F1F25C1f5AF";
        assert_eq!(address(text), address(&text.to_lowercase()));
        assert_eq!(address(text).unwrap().as_slice()[..2], [0x13, 0x5d]);
        for bad in ["", "0x", &text[2..], &text[..41], &format!("{text}0"), &text.replace("13", "0x")] {
            assert!(address(bad).unwrap_err().contains(bad), "{bad}");
        }
    }
}
