//! What a run's time goes into.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a run is doing. A session is in one stage at a time, or between two: the rest of the time goes into connecting, taking
/// the lock and taking units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Looking which rows of the source there are, and checking those that are new.
    Check,
    /// Bringing silver up to the cutoff.
    Silver,
    /// Reading submissions, planning, cutting the plan into units and making their partitions.
    Plan,
    /// Reading the state of days, and the numbers of who may earn.
    State,
    /// Waiting for rows to be computed, with nothing to write. Computing goes on while rows are written; that is not counted
    /// here.
    Compute,
    /// Waiting for the server to take rows.
    Write,
    /// Computing and writing by `--engine sql`, which the server does at once.
    Sql,
    /// Marking units as done, their windows and the watermarks.
    Ledger,
    /// Committing the plan, and units.
    Commit,
    /// Making the run complete.
    Complete,
    /// Indexes of partitions that were loaded.
    Index,
    /// Reading what earlier runs have paid, mostly beside computing; including rows in the balances.
    Balance,
    /// The root of a run, for its manifest.
    Root,
    /// Statistics of tables that changed a lot.
    Analyze,
}

impl Stage {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Silver => "silver",
            Self::Plan => "plan",
            Self::State => "state",
            Self::Compute => "compute",
            Self::Write => "write",
            Self::Sql => "sql",
            Self::Ledger => "ledger",
            Self::Commit => "commit",
            Self::Complete => "complete",
            Self::Index => "index",
            Self::Balance => "balance",
            Self::Root => "root",
            Self::Analyze => "analyze",
        }
    }
}

/// Wall-clock time by stage, of all attempts and of all runs of a backfill. What sessions of this process do beside each other is
/// added up: workers, and checks while a run begins.
#[derive(Clone, Debug, Default)]
pub struct Stages(Arc<Mutex<BTreeMap<Stage, Duration>>>);

impl Stages {
    /// Does something that belongs to a stage.
    pub(crate) async fn time<T>(&self, stage: Stage, doing: impl Future<Output = T>) -> T {
        let started = Instant::now();
        let done = doing.await;
        self.add(stage, started.elapsed());
        done
    }

    /// Adds time to a stage.
    pub(crate) fn add(&self, stage: Stage, time: Duration) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total = times.entry(stage).or_default();
        *total = total.saturating_add(time);
    }

    /// Seconds by the names of the stages there were.
    #[must_use]
    pub fn seconds(&self) -> BTreeMap<&'static str, f64> {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.iter().map(|(stage, time)| (stage.name(), time.as_secs_f64())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_stage_add_up() {
        let stages = Stages::default();
        stages.add(Stage::Write, Duration::from_millis(250));
        stages.clone().add(Stage::Write, Duration::from_millis(500));
        stages.add(Stage::Check, Duration::ZERO);
        assert_eq!(stages.seconds(), BTreeMap::from([("check", 0.0), ("write", 0.75)]));
    }
}
