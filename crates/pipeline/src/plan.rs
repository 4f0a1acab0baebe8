//! `paydirt plan`: what a run would compute. Changes nothing.

use delta_extractor::{RunInput, Submissions, prepare, read_submissions};
use planner::{Facts, Plan, PlanReport, plan};
use reward_rules::{Chain, Day, Dictionary};
use tokio_postgres::{Client, Transaction};

use crate::lifecycle::{require_same_chain, resolve_cutoff};
use crate::migrate::require_current;
use crate::{CutoffArgument, RunError, Schemas};

/// Reads the facts at a cutoff and makes the plan, in the caller's transaction.
pub(crate) async fn read_plan(
    client: &Transaction<'_>,
    chain: Chain,
    cutoff: Day,
    dictionary: &mut Dictionary,
) -> Result<(Plan, Submissions), RunError> {
    let extract = |source| RunError::Extract { cutoff, source };
    let mut submissions = read_submissions(client, dictionary).await.map_err(extract)?;
    let facts = Facts {
        chain,
        cutoff,
        v1: std::mem::take(&mut submissions.v1),
        od: std::mem::take(&mut submissions.od),
        od_set: std::mem::take(&mut submissions.od_set),
        stake: std::mem::take(&mut submissions.stake),
        watermarks: std::mem::take(&mut submissions.watermarks),
    };
    Ok((plan(&facts, dictionary), submissions))
}

/// The plan of a run with this chain and cutoff, in a transaction that is rolled back.
///
/// # Errors
/// As a run would be refused, but for the checks of the source's rows.
pub async fn plan_run(
    client: &mut Client,
    schemas: &Schemas,
    chain: Chain,
    cutoff: CutoffArgument,
) -> Result<PlanReport, RunError> {
    require_current(client, schemas).await?;
    require_same_chain(client, schemas, chain).await?;
    let cutoff = resolve_cutoff(client, schemas, chain, cutoff, false).await?;
    let transaction = client.transaction().await.map_err(RunError::database("begin"))?;
    // What a run that did not finish has done so far will be resumed or removed: it does not count.
    let unfinished = transaction
        .query_opt(include_str!("../../../sql/queries/runs/unfinished.sql"), &[])
        .await
        .map_err(RunError::database("unfinished"))?
        .map(|row| row.get("id"));
    prepare(&transaction, RunInput { chain, cutoff, resumed_run: unfinished })
        .await
        .map_err(|source| RunError::Extract { cutoff, source })?;
    let mut dictionary = Dictionary::new();
    let (plan, _) = read_plan(&transaction, chain, cutoff, &mut dictionary).await?;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    Ok(PlanReport::new(&plan, &dictionary))
}
