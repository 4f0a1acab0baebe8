//! `paydirt proof`.

use std::io::Read;
use std::path::Path;

use alloy_primitives::Address;
use anyhow::{Context, bail};
use claim_tree::{Claim, ClaimError};
use pipeline::{SnapshotArgument, posted_index, root};
use serde::de::IgnoredAny;

use crate::args::{Global, ProofAction, ProofOptions};
use crate::output;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &ProofOptions) -> anyhow::Result<u8> {
    match (&options.action, options.snapshot, options.earner) {
        (Some(ProofAction::Verify { file }), _, _) => verify(file),
        (None, Some(snapshot), Some(earner)) => print(global, options, snapshot, earner).await,
        (None, _, _) => bail!("name a snapshot and an earner"),
    }
}

async fn print(
    global: &Global,
    options: &ProofOptions,
    snapshot: SnapshotArgument,
    earner: Address,
) -> anyhow::Result<u8> {
    let (mut client, schemas) = (client(global).await?, schemas(global));
    let root = root(&mut client, &schemas, snapshot, &options.memory.budget()).await?;
    let index = match options.root_index {
        Some(index) => Some(index),
        None => posted_index(&mut client, &schemas, root.snapshot, root.root()).await?,
    };
    let claim = root.claim(index.unwrap_or_default(), earner, &options.tokens)?;
    if index.is_none() {
        eprintln!("note: this root was not posted as far as the source knows; RootIndex is 0 (--root-index N)");
    }
    output::json(&claim)?;
    Ok(crate::exit::DONE)
}

fn verify(file: &Path) -> anyhow::Result<u8> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("stdin")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    }
    serde_json::from_str::<IgnoredAny>(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    match serde_json::from_str::<Claim>(&text) {
        Ok(claim) => report(&claim, claim.verify()),
        // Of another shape, or with values that no claim has: not a valid claim, whoever made it so.
        Err(error) => invalid(&error),
    }
}

fn report(claim: &Claim, verified: Result<(), ClaimError>) -> anyhow::Result<u8> {
    if let Err(error) = verified {
        return invalid(&error);
    }
    let rows: Vec<Vec<String>> = claim
        .tokens
        .iter()
        .map(|token| vec![format!("{:#x}", token.leaf.token), token.leaf.cumulative_earnings.to_string()])
        .collect();
    output::table(&["token", "cumulative amount>"], &rows)?;
    let (earner, root) = (claim.earner_leaf.earner, claim.root);
    output::line(&format!("valid: earner {earner:#x} under root {root}"))?;
    Ok(crate::exit::DONE)
}

fn invalid(error: &dyn std::error::Error) -> anyhow::Result<u8> {
    output::line(&format!("NOT valid: {error}"))?;
    Ok(crate::exit::CHECK_FAILED)
}
