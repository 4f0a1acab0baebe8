//! The root of a run in its manifest: of the day before its cutoff, over the rows of this run and those before it.
//!
//! A run stores its root when it is complete, if that is cheap ([`ROOT_ROWS`]); otherwise whoever asks first computes and stores it
//! ([`stored_root`]). It is the same then as it was: rows of later runs are left out.

use memory_budget::Budget;
use tokio_postgres::Client;

use super::ManifestError;
use crate::balances::pending;
use crate::error::error_chain;
use crate::migrate::require_current;
use crate::roots::root_of_run;
use crate::run::begin_reading;
use crate::{ReadFrom, Root, RootError, RunError, Schemas};

/// How many rows a root may be made of if a run is to wait for it: some hundredths of a second.
pub(crate) const ROOT_ROWS: u64 = 50_000;

/// When a run stores its root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreRoot {
    /// At its end if that is cheap, else whoever asks first does.
    #[default]
    IfCheap,
    /// At its end, whatever it costs.
    Now,
    /// Whoever asks first does.
    Later,
}

/// Stores the root of the run that has just been completed. It is complete before this is called: an error is only logged, and who
/// asks first tries again. Gives the root that was stored.
pub(crate) async fn store_root(
    client: &mut Client,
    schemas: &Schemas,
    run_id: i64,
    when: StoreRoot,
    budget: &Budget,
) -> Option<String> {
    match try_store(client, schemas, run_id, when, budget).await {
        Ok(root) => root,
        Err(error @ (RootError::NoAmounts { .. } | RootError::Dropped { .. })) => {
            tracing::debug!(run_id, error = %error, "there is no root");
            None
        }
        Err(error) => {
            tracing::warn!(run_id, error = error_chain(&error), "no root yet; paydirt manifest computes it");
            None
        }
    }
}

async fn try_store(
    client: &mut Client,
    schemas: &Schemas,
    run_id: i64,
    when: StoreRoot,
    budget: &Budget,
) -> Result<Option<String>, RootError> {
    match when {
        StoreRoot::Later => return Ok(None),
        StoreRoot::IfCheap if !is_cheap(client).await? => return Ok(None),
        StoreRoot::IfCheap | StoreRoot::Now => {}
    }
    let from = (when == StoreRoot::IfCheap).then_some(ReadFrom::Balances);
    match root_of_run(client, schemas, run_id, from, budget).await? {
        Some(root) => set(client, run_id, &root).await.map(Some),
        None => Ok(None),
    }
}

/// Whether the newest root is made of few rows.
async fn is_cheap(client: &mut Client) -> Result<bool, RootError> {
    let transaction = begin_reading(client).await?;
    let pending = i64::try_from(pending(&transaction).await?.gold_rows).unwrap_or(i64::MAX / 2);
    let row = transaction
        .query_one(include_str!("../../../../sql/queries/manifests/rows_of_root.sql"), &[&pending])
        .await
        .map_err(RunError::database("manifests/rows_of_root"))?;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    Ok(u64::try_from(row.get::<_, i64>("gold_rows")).is_ok_and(|rows| rows <= ROOT_ROWS))
}

async fn set(client: &Client, run_id: i64, root: &Root) -> Result<String, RootError> {
    let root = root.root().to_string();
    client
        .execute(include_str!("../../../../sql/queries/manifests/set_root.sql"), &[&run_id, &root])
        .await
        .map_err(RunError::database("manifests/set_root"))?;
    Ok(root)
}

/// The root of a complete run with a manifest; computed, and stored for whoever asks next, if it is not there yet.
///
/// # Errors
/// If there is no such run, or no root of it, or reading fails. That it could not be stored is only logged.
pub async fn stored_root(
    client: &mut Client,
    schemas: &Schemas,
    run_id: i64,
    budget: &Budget,
) -> Result<String, ManifestError> {
    require_current(client, schemas).await.map_err(RunError::from)?;
    let known = client
        .query_opt(include_str!("../../../../sql/queries/manifests/root.sql"), &[&run_id])
        .await
        .map_err(RunError::database("manifests/root"))?;
    let known = known.ok_or(ManifestError::None(run_id))?;
    if let Some(root) = known.get::<_, Option<String>>("root") {
        return Ok(root);
    }
    let root = root_of_run(client, schemas, run_id, None, budget).await?;
    let root = root.ok_or(ManifestError::NotComplete(run_id))?;
    if let Err(error) = set(client, run_id, &root).await {
        tracing::warn!(run_id, error = error_chain(&error), "the root could not be stored");
    }
    Ok(root.root().to_string())
}

/// The root of a complete run from its gold rows, and those before, as they are now.
///
/// # Errors
/// As [`stored_root`].
pub(crate) async fn recomputed_root(
    client: &mut Client,
    schemas: &Schemas,
    run_id: i64,
    budget: &Budget,
) -> Result<Root, ManifestError> {
    let root = root_of_run(client, schemas, run_id, Some(ReadFrom::Rows), budget).await?;
    root.ok_or(ManifestError::NotComplete(run_id))
}
