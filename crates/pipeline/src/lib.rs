//! Joins the crates: migrations, plans, runs and their status.
//!
//! A run ([`run`]) commits silver and its plan first, then unit by unit, a span of days each: the state of those days is
//! read, every (reward, day) is computed on all cores, and the rows stream into `gold_rows` while later days are still
//! being computed. A unit's rows, windows, watermarks and mark appear together or not at all; readers of `gold_table` see
//! the rows of a run when all its units are done.
#![deny(missing_docs)]

mod audit;
mod backfill;
mod balances;
mod begin;
mod checks;
mod compute;
mod diff;
mod error;
mod events;
mod explain;
mod gold_digest;
mod indexer;
mod job;
mod ledger;
mod lifecycle;
mod lock;
mod manifest;
mod migrate;
mod monitor;
mod numeric_wire;
mod partitions;
mod plan;
mod replan;
mod retry;
mod roots;
mod run;
mod session;
mod sessions;
mod silver_relations;
mod sql_engine;
mod stages;
mod statistics;
mod status;
mod step_rows;
mod stop;
mod sweep;
mod tidy;
mod undo;
mod verify;
mod work;
mod worker;

pub use audit::{
    AuditReport, AuditRequest, AuditedSubmission, Columns, OpenDay, OverpaidDay, Overpayment, Quirk, SetAside,
    TokenTotals, audit,
};
pub use backfill::{BackfillPlan, BackfillRequest, BackfillSummary, BackfilledRun, backfill, backfill_plan};
pub use balances::BALANCE_ROWS;
pub use batch_writer::BatchLimits;
pub use checks::{InvariantReport, Violation, check_invariants};
pub use compute::StepTable;
pub use delta_extractor::{Refresh, Source};
pub use diff::{DiffReport, DiffRequest, EarnerDiff, SubmissionDiff, diff};
pub use error::RunError;
pub use events::{Event, Observer, Silent};
pub use explain::{
    BalanceReport, EventReport, ExplainReport, ExplainRequest, ExplainedAmount, GoldVerdict, PartReport, ReasonReport,
    RunReport, StoredAmount, SubmissionReport, explain,
};
pub use ledger::PAIRS_PER_UNIT;
pub use lifecycle::{CutoffArgument, chain_of_runs};
pub use lock::Holder;
pub use manifest::{
    Bisection, DayDigest, DaySteps, DifferingDay, FileError, GoldParting, Input, Manifest, ManifestCheck,
    ManifestError, ManifestReport, Parting, RowsDigest, RunManifest, RunSteps, StepDigest, StoreRoot, bisect,
    check_manifest, manifests, run_steps, stored_root,
};
pub use memory_budget::{Budget, Size};
pub use migrate::{
    MigrateError, MigrationState, migrate_down, migrate_up, migration_status, require_current, stored_work,
};
pub use partitions::{
    AHEAD_MONTHS, DroppedPartition, MAX_AHEAD_MONTHS, Partition, PartitionState, drop_partitions, drop_plan,
    ensure_partitions, partitions,
};
pub use plan::plan_run;
pub use retry::retry_policy;
pub use roots::{
    CumulativeAmount, PostedRoot, ReadFrom, Root, RootError, SnapshotArgument, Verdict, check_posted_roots,
    cumulative_amounts, posted_index, root, root_from_rows,
};
pub use run::{Engine, Paid, RunOutcome, RunRequest, RunSummary, run};
pub use session::Schemas;
pub use sessions::Sessions;
pub use silver_relations::{SilverRelation, silver_relations};
pub use sql_oracle::OracleError;
pub use stages::{Stage, Stages};
pub use status::{RunStatus, UnitStatus, run_statuses, unit_statuses};
pub use stop::Stop;
pub use undo::{UndoTarget, UndoneRun, undo, undo_plan};
pub use verify::{
    Against, Comparison, EngineChecks, VerifyReport, VerifyRequest, compare_engines, gold_fingerprint, verify,
};
pub use work::{WorkRequest, work};
