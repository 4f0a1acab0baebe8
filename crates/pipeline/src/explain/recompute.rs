//! A day of some submissions, planned and read as the run that computed it did.

use std::sync::Arc;

use chrono::NaiveDate;
use delta_extractor::State;
use memory_budget::Budget;
use reward_rules::{ActiveDays, Chain, Day, Dictionary, Mode, Reward};
use tokio_postgres::Transaction;

use super::report::RunReport;
use crate::run::require_daily_tables;
use crate::sweep::{Planned, Question, Sweep};
use crate::{RunError, Schemas, Silent, Source};

/// The run that computed a day of a submission.
#[derive(Clone, Debug)]
pub(super) struct RunOf {
    pub(super) id: i64,
    pub(super) cutoff: Day,
    pub(super) source: Source,
}

/// What the rules are given.
pub(super) struct Recomputed {
    pub(super) run: RunOf,
    pub(super) sweep: Sweep,
    planned: Planned,
    /// None if no submission is active on the day any more.
    pub(super) state: Option<Arc<State>>,
    pub(super) budget: Budget,
    snapshot: Day,
}

impl Recomputed {
    pub(super) fn dictionary(&self) -> &Dictionary {
        self.sweep.dictionary()
    }

    /// The submissions that are active on the day.
    pub(super) fn rewards(&self) -> impl Iterator<Item = &Reward> {
        let active = |reward: &&Reward| reward.days().is_some_and(|days| days.contains(self.snapshot));
        self.planned.rewards.iter().filter(active)
    }

    /// The strategies of these.
    pub(super) fn strategies(&self) -> Vec<String> {
        let mut strategies: Vec<String> = (self.planned.plan.needs.strategies.keys())
            .map(|&strategy| self.dictionary().text(strategy).to_owned())
            .collect();
        strategies.sort_unstable();
        strategies
    }

    pub(super) fn run_report(&self, hash: &str) -> RunReport {
        let window = self.planned.report.windows.iter().find(|window| window.reward_hash == hash).cloned();
        RunReport {
            id: self.run.id,
            cutoff: self.run.cutoff.to_string(),
            gates: self.planned.report.gates.clone(),
            window,
        }
    }
}

/// What to recompute.
pub(super) struct Recomputation<'a> {
    pub(super) chain: Chain,
    pub(super) mode: Mode,
    pub(super) snapshot: Day,
    pub(super) hashes: &'a [&'a str],
    pub(super) budget: &'a Budget,
}

/// Plans some submissions with the watermarks that a run found, and reads the state of the day. Only what they need is read.
pub(super) async fn recompute(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    run: &RunOf,
    Recomputation { chain, mode, snapshot, hashes, budget }: Recomputation<'_>,
) -> Result<Recomputed, RunError> {
    let (cutoff, source) = (run.cutoff, run.source);
    if source == Source::Snapshots {
        require_daily_tables(transaction, schemas).await?;
    }
    shadow(transaction, cutoff, hashes).await?;
    let question = Question { chain, mode, cutoff, source };
    let mut sweep = Sweep::read(transaction, question, None, budget).await?;
    sweep.keep(hashes);
    let planned = sweep.plan(transaction, schemas, cutoff, None, &Silent).await?;
    let unshadow = include_str!("../../../../sql/queries/explain/unshadow.sql");
    transaction.batch_execute(unshadow).await.map_err(RunError::database("explain/unshadow"))?;
    let days = ActiveDays { first: snapshot, last: snapshot };
    let active = planned.plan.needs.within(days).days.is_some();
    let state = match active {
        true => Some(sweep.state(transaction, schemas, cutoff, &planned.plan.needs, days).await?.0),
        false => None,
    };
    Ok(Recomputed { run: run.clone(), sweep, planned, state, budget: budget.clone(), snapshot })
}

/// Lets the statements that plan see the watermarks that a run found, and the submissions it computed although they may have been
/// set aside since.
async fn shadow(transaction: &Transaction<'_>, cutoff: Day, hashes: &[&str]) -> Result<(), RunError> {
    let database = RunError::database;
    let found = transaction
        .query(include_str!("../../../../sql/queries/verify/watermarks_before.sql"), &[&cutoff.date()])
        .await
        .map_err(database("watermarks_before"))?;
    let set_aside = transaction
        .query(include_str!("../../../../sql/queries/explain/quarantine.sql"), &[])
        .await
        .map_err(database("explain/quarantine"))?;
    let statement = include_str!("../../../../sql/queries/explain/shadow.sql");
    transaction.batch_execute(statement).await.map_err(database("explain/shadow"))?;
    let watermark_hashes: Vec<&str> = found.iter().map(|row| row.get("reward_hash")).collect();
    let days: Vec<NaiveDate> = found.iter().map(|row| row.get("last_snapshot")).collect();
    transaction
        .execute(include_str!("../../../../sql/queries/explain/fill_watermarks.sql"), &[&watermark_hashes, &days])
        .await
        .map_err(database("explain/fill_watermarks"))?;
    let others: Vec<&str> =
        set_aside.iter().map(|row| row.get("reward_hash")).filter(|hash| !hashes.contains(hash)).collect();
    transaction
        .execute(include_str!("../../../../sql/queries/explain/fill_quarantine.sql"), &[&others])
        .await
        .map_err(database("explain/fill_quarantine"))?;
    Ok(())
}
