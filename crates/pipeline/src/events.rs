//! What happens during a run, for progress bars, logs and tests: one list for all of them.

use delta_extractor::Refresh;
use planner::PlanReport;
use reward_rules::Day;

/// Something that happened during a run, in order.
#[derive(Clone, Debug)]
pub enum Event {
    /// An earlier run had not finished; it was removed with the rows it had written, which nobody had seen.
    Purged {
        /// Its cutoff.
        cutoff: String,
        /// `processing` or `failed`.
        status: String,
        /// Its rows.
        rows: u64,
    },
    /// This run had been started before and goes on.
    Resumed {
        /// Its number.
        run_id: i64,
        /// Units still to do.
        units: usize,
    },
    /// The source has been checked.
    Validated {
        /// The day from which on rows were checked, because all older ones had been checked before; `None` if all were checked.
        since: Option<Day>,
        /// Things that look wrong but have a defined meaning.
        warnings: usize,
    },
    /// A submission was set aside.
    Quarantined {
        /// Which.
        reward_hash: String,
        /// Why.
        reason: String,
    },
    /// Submissions that earlier runs set aside are left out of this one too.
    LeavingOut {
        /// How many.
        submissions: usize,
    },
    /// Mainnet days of programmatic incentives before Panama are computed, but `excluded_addresses` names nobody for
    /// mainnet, unlike the reference's (Q28): the numbers are those of an empty list.
    NobodyExcluded,
    /// One relation of silver is up to date.
    SilverRefreshed {
        /// The range table.
        table: &'static str,
        /// By the new events alone, or from the beginning and why.
        refresh: Refresh,
        /// Ranges removed or changed.
        removed: u64,
        /// Ranges added or changed.
        added: u64,
    },
    /// The plan is made.
    Planned(Box<PlanReport>),
    /// A day is computed and on its way to the server.
    DayComputed {
        /// The snapshot.
        day: Day,
        /// Its gold rows.
        rows: u64,
        /// (reward, day) units of it.
        units: u64,
    },
    /// `--engine sql` (or a comparison with it) has run a file of `sql/oracle`.
    OracleFile {
        /// Which.
        file: &'static str,
        /// How many there are.
        of: usize,
    },
    /// A run was undone; visible when all are.
    Undone {
        /// Its cutoff.
        cutoff: String,
        /// Its rows.
        rows: u64,
    },
    /// A relation has been compared (`verify`).
    Compared {
        /// Which.
        what: &'static str,
    },
    /// The rows of a unit are safe; they become visible with the run.
    UnitCommitted {
        /// Its number.
        unit: i32,
    },
    /// A unit failed for a reason that goes away, and is tried again after a pause.
    Retrying {
        /// Its number, if it was known already.
        unit: Option<i32>,
        /// How long.
        pause: std::time::Duration,
        /// What happened.
        why: String,
    },
    /// A backfill begins.
    Backfilling {
        /// Cutoffs that are not done yet.
        cutoffs: usize,
    },
    /// The rows are visible.
    Committed {
        /// D.
        cutoff: Day,
        /// Gold rows of the run.
        rows: u64,
    },
}

/// Listens to the events of a run. Called from the run's task; must be quick.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event) {}
}
