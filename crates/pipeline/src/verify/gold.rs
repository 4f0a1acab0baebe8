//! A reference's gold table, with all runs repeated.

use chrono::NaiveDate;
use comparison::Check;
use reward_rules::{Day, Step, step_columns};
use tokio_postgres::Transaction;

use super::relations::{self, Pair};
use super::{Verification, empty_scratch};
use crate::job::Job;
use crate::run::record;
use crate::{CutoffArgument, Event, RunError, RunRequest};

/// Repeats every run up to D in a scratch schema and compares its gold with the source schema's `gold_table`.
///
/// Which cutoffs were run influences the rows (Q1–Q3): they are those of the source schema's
/// `generated_rewards_snapshots`, else those of paydirt's own runs; D is the last.
pub(super) async fn against_gold_table(
    verification: &Verification<'_>,
    transaction: &Transaction<'_>,
) -> Result<Vec<Check>, RunError> {
    let Verification { schemas, chain, cutoff: last_cutoff, from, observer } = *verification;
    if !exists(transaction, &schemas.source, "gold_table").await? {
        return Err(RunError::NoGoldTable { schema: schemas.source.clone() });
    }
    let (mut cutoffs, later) = cutoffs(verification, transaction).await?;
    if cutoffs.last() != Some(&last_cutoff) {
        cutoffs.push(last_cutoff);
    }
    let scratch = empty_scratch(transaction, verification.schemas, Some(last_cutoff)).await?;
    for &cutoff in &cutoffs {
        let request = RunRequest { past_newest_block: true, ..RunRequest::new(chain, CutoffArgument::Date(cutoff)) };
        let run_id = record(transaction, &request, cutoff).await?;
        let job = Job {
            schemas: &scratch,
            request: &request,
            observer,
            monitor: None,
            cutoff,
            run_id,
            attempt: 1,
            cumulative: None,
        };
        job.all(transaction).await?;
    }
    let watermarks = include_str!("../../../../sql/queries/verify/reference_watermarks.sql");
    transaction.batch_execute(watermarks).await.map_err(RunError::database("reference_watermarks"))?;
    schemas.source_first(transaction).await.map_err(RunError::database("set_search_path"))?;
    let view = include_str!("../../../../sql/queries/verify/reference_gold.sql");
    transaction.batch_execute(view).await.map_err(RunError::database("reference_gold"))?;
    schemas.own_first(transaction).await.map_err(RunError::database("set_search_path"))?;
    relations::prepare_to_compare(transaction).await?;
    // Without later runs every row counts, also one that no run should have written.
    let expected = if later { (None, "reference_gold") } else { (Some(schemas.source.as_str()), "gold_table") };
    let pair = Pair {
        what: "gold_table",
        expected,
        computed: (&scratch.own, "gold_table"),
        columns: step_columns(Step::Staging).iter().map(|&column| column.to_owned()).collect(),
        days: (from, None),
    };
    let checks = relations::compare(transaction, pair).await?;
    observer.event(Event::Compared { what: "gold_table" });
    Ok(checks)
}

async fn exists(transaction: &Transaction<'_>, schema: &str, name: &str) -> Result<bool, RunError> {
    let row = transaction
        .query_one(include_str!("../../../../sql/queries/verify/table_exists.sql"), &[&schema, &name])
        .await
        .map_err(RunError::database("table_exists"))?;
    Ok(row.get("found"))
}

/// The cutoffs up to D, and whether there are later ones.
async fn cutoffs(verification: &Verification<'_>, transaction: &Transaction<'_>) -> Result<(Vec<Day>, bool), RunError> {
    let schemas = verification.schemas;
    let reference = exists(transaction, &schemas.source, "generated_rewards_snapshots").await?;
    let search_path = || RunError::database("set_search_path");
    if reference {
        schemas.source_first(transaction).await.map_err(search_path())?;
    }
    // Without a table of the reference's, the name means paydirt's own view.
    let rows = transaction
        .query(include_str!("../../../../sql/queries/verify/reference_cutoffs.sql"), &[])
        .await
        .map_err(RunError::database("reference_cutoffs"))?;
    schemas.own_first(transaction).await.map_err(search_path())?;
    let all: Vec<Day> = rows.iter().map(|row| Day::from(row.get::<_, NaiveDate>("cutoff"))).collect();
    let (cutoffs, later): (Vec<Day>, Vec<Day>) = all.into_iter().partition(|cutoff| *cutoff <= verification.cutoff);
    Ok((cutoffs, !later.is_empty()))
}
