//! Whether gold has the rows of a manifest.

use std::collections::BTreeSet;

use memory_budget::Budget;
use reward_rules::Day;
use tokio_postgres::Client;

use super::{
    DayDigest, DifferingDay, ManifestError, RunManifest, bisect, dropped_days, root, run_manifests, stored_rows,
};
use crate::run::begin_reading;
use crate::{RootError, RunError, Schemas};

/// What is stored, beside what a manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestCheck {
    /// The days that differ, with what the manifest says and what is there.
    pub days: Vec<DifferingDay>,
    /// The root that is stored and that of gold as it is now, if they differ; of the latter, why there is none.
    pub root: Option<(String, String)>,
    /// Days of the manifest whose rows were dropped on purpose: there is nothing to compare, and no root either.
    pub dropped: Vec<String>,
}

/// Compares the rows of a run, and its root if there is one, with its manifest.
///
/// # Errors
/// As [`manifests`](super::manifests).
pub async fn check_manifest(
    client: &mut Client,
    schemas: &Schemas,
    run: Option<i64>,
    budget: &Budget,
) -> Result<ManifestCheck, ManifestError> {
    let (_, RunManifest { run, manifest, root, .. }) = run_manifests(client, schemas, run).await?;
    let manifest = manifest.ok_or(ManifestError::None(run))?;
    let transaction = begin_reading(client).await?;
    let gone = dropped_days(&transaction).await?;
    let stored = stored_rows::digest(&transaction, run, None).await?;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    let is_dropped = |day: Day| gone.iter().any(|days| days.contains(day));
    let stored = stored.into_iter().filter(|(day, _)| !is_dropped(*day));
    let stored: Vec<DayDigest> = stored.map(|(day, digest)| DayDigest::new(day, digest)).collect();
    let of_dropped = |digest: &DayDigest| digest.day.parse().is_ok_and(is_dropped);
    let (dropped, noted): (Vec<DayDigest>, Vec<DayDigest>) = manifest.days.into_iter().partition(of_dropped);
    let days = bisect::differing_days(&noted, &stored);
    let dropped: BTreeSet<String> = dropped.into_iter().map(|digest| digest.day).collect();
    let mut check = ManifestCheck { days, root: None, dropped: dropped.into_iter().collect() };
    let Some(root) = root else { return Ok(check) };
    let now = match root::recomputed_root(client, schemas, run, budget).await {
        Ok(now) => now.root().to_string(),
        // Nothing to compare with.
        Err(ManifestError::Root(RootError::Dropped { .. })) => return Ok(check),
        Err(ManifestError::Root(error)) => error.to_string(),
        Err(error) => return Err(error),
    };
    check.root = (root != now).then_some((root, now));
    Ok(check)
}
