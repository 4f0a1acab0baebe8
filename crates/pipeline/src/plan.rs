//! `paydirt plan`: what a run would compute. Changes nothing.

use delta_extractor::Source;
use memory_budget::Budget;
use planner::PlanReport;
use reward_rules::{Chain, Mode};
use tokio_postgres::Client;

use crate::lifecycle::{require_same_kind, resolve_cutoff};
use crate::migrate::require_current;
use crate::run::{begin, unfinished};
use crate::sweep::{Question, Sweep};
use crate::{CutoffArgument, RunError, Schemas};

/// The plan of a run with this chain, mode and cutoff, in a transaction that is rolled back.
///
/// # Errors
/// As a run would be refused, but for the checks of the source's rows.
pub async fn plan_run(
    client: &mut Client,
    schemas: &Schemas,
    chain: Chain,
    mode: Mode,
    cutoff: CutoffArgument,
) -> Result<PlanReport, RunError> {
    require_current(client, schemas).await?;
    require_same_kind(client, schemas, chain, mode).await?;
    let cutoff = resolve_cutoff(client, schemas, chain, cutoff, false).await?;
    // What a run that did not finish has done so far will be resumed or removed: it does not count.
    let unfinished = unfinished(client).await?.map(|row| row.get("id"));
    let transaction = begin(client).await?;
    let question = Question { chain, mode, cutoff, source: Source::Events };
    let mut sweep = Sweep::read(&transaction, question, unfinished, &Budget::default()).await?;
    let report = sweep.report(&transaction, cutoff, unfinished).await?;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    Ok(report)
}
