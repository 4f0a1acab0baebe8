//! The root of a run in its manifest: of the day before its cutoff, over the rows of this run and those before it.
//!
//! A run stores its root when it is complete: the one that was made in memory ([`Cumulative`]), or else one of what is stored. Where it did
//! not, whoever asks first computes and stores it ([`stored_root`]). It is the same then as it was: rows of later runs are left
//! out.
//!
//! [`Cumulative`]: crate::roots::Cumulative

use alloy_primitives::B256;
use memory_budget::Budget;
use tokio_postgres::Client;

use super::ManifestError;
use crate::error::error_chain;
use crate::migrate::require_current;
use crate::roots::root_of_run;
use crate::{ReadFrom, Root, RootError, RunError, RunRequest, Schemas, Stage};

/// When a run stores its root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreRoot {
    /// At its end. A run in the middle of a backfill does if it has it in memory.
    #[default]
    Now,
    /// Whoever asks first does.
    Later,
}

/// Stores the root of the run that has just been completed: this one, or else one of what is stored if `or_read`. The run is complete before
/// this is called: an error is only logged, and who asks first tries again. Gives the root that was stored.
pub(crate) async fn store_root(
    client: &mut Client,
    schemas: &Schemas,
    run_id: i64,
    made: Option<Result<B256, RootError>>,
    or_read: bool,
    budget: &Budget,
) -> Option<String> {
    match try_store(client, schemas, run_id, made, or_read, budget).await {
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

/// Stores the root of the newest complete run if it has none: whoever completed it may have been interrupted before.
/// Gives it.
pub(crate) async fn store_missing_root(client: &mut Client, schemas: &Schemas, request: &RunRequest) -> Option<String> {
    if request.root == StoreRoot::Later {
        return None;
    }
    let newest = client.query_opt(include_str!("../../../../sql/queries/manifests/newest_without_root.sql"), &[]).await;
    match newest {
        Ok(Some(row)) => {
            let store = store_root(client, schemas, row.get("run_id"), None, true, &request.memory);
            request.stages.time(Stage::Root, store).await
        }
        Ok(None) => None,
        Err(error) => {
            tracing::debug!(%error, "it is not known whether the newest run has a root");
            None
        }
    }
}

async fn try_store(
    client: &mut Client,
    schemas: &Schemas,
    run_id: i64,
    made: Option<Result<B256, RootError>>,
    or_read: bool,
    budget: &Budget,
) -> Result<Option<String>, RootError> {
    let made = match made {
        Some(Ok(root)) => Some(root),
        Some(Err(error @ RootError::NoAmounts { .. })) => return Err(error),
        // Reading shows what is wrong, if it is more than too little memory beside what a run keeps.
        Some(Err(error)) => {
            tracing::debug!(run_id, error = error_chain(&error), "no root from memory");
            None
        }
        None => None,
    };
    let root = match made {
        Some(root) => root,
        None if or_read => match root_of_run(client, schemas, run_id, None, budget).await? {
            Some(root) => root.root(),
            None => return Ok(None),
        },
        None => return Ok(None),
    };
    set(client, run_id, root).await.map(Some)
}

async fn set(client: &Client, run_id: i64, root: B256) -> Result<String, RootError> {
    let root = root.to_string();
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
    if let Err(error) = set(client, run_id, root.root()).await {
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
