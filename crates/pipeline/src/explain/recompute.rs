//! A day of some submissions, planned and read as the run that computed it did.

use std::sync::Arc;

use delta_extractor::State;
use memory_budget::Budget;
use reward_rules::{ActiveDays, Chain, Day, Dictionary, Mode, Reward};
use tokio_postgres::Transaction;

use super::report::RunReport;
use crate::replan::replan;
use crate::sweep::{Planned, Question, Sweep};
use crate::{RunError, Schemas, Source};

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
    let set_aside = transaction
        .query(include_str!("../../../../sql/queries/explain/quarantine.sql"), &[])
        .await
        .map_err(RunError::database("explain/quarantine"))?;
    // What the run computed may have been set aside since.
    let others: Vec<&str> =
        set_aside.iter().map(|row| row.get("reward_hash")).filter(|hash| !hashes.contains(hash)).collect();
    let question = Question { chain, mode, cutoff, source };
    let (mut sweep, planned) = replan(transaction, schemas, question, &others, Some(hashes), budget).await?;
    let days = ActiveDays { first: snapshot, last: snapshot };
    let active = planned.plan.needs.within(days).days.is_some();
    let state = match active {
        true => Some(sweep.state(transaction, schemas, cutoff, &planned.plan.needs, days).await?.0),
        false => None,
    };
    Ok(Recomputed { run: run.clone(), sweep, planned, state, budget: budget.clone(), snapshot })
}
