//! Why there is no manifest.

use reward_rules::{ActiveDays, Day};

use crate::{RootError, RunError};

/// There is no manifest to show.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Nothing is computed.
    #[error("no run is complete yet; compute one with: paydirt run")]
    NoRuns,
    /// Only complete runs have one.
    #[error("run {0} is not complete, or there is no such run; paydirt status lists them")]
    NotComplete(i64),
    /// The run is older than manifests.
    #[error("run {0} was completed before manifests were kept; undo it and run it again to have one")]
    None(i64),
    /// Nobody can say anything of such a day.
    #[error("run {run} (cutoff {cutoff}) has neither planned nor paid {day}{}; give one of its days, or no --day for all", planned_text(.planned))]
    NotItsDay {
        /// The run.
        run: i64,
        /// D.
        cutoff: Day,
        /// The day.
        day: Day,
        /// What it planned.
        planned: Option<ActiveDays>,
    },
    /// There is no root of the run.
    #[error(transparent)]
    Root(#[from] RootError),
    /// Reading failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

fn planned_text(planned: &Option<ActiveDays>) -> String {
    planned.map_or_else(
        || ": it planned no day".to_owned(),
        |days| format!(": it planned {} to {}", days.first, days.last),
    )
}
