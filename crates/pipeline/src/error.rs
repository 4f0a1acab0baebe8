//! What can go wrong in a run.

use batch_writer::WriteError;
use bronze::{BronzeError, Finding};
use delta_extractor::ExtractError;
use reward_rules::{Day, Mode};
use sql_oracle::OracleError;

use crate::{Holder, MigrateError};

/// A run or plan that was refused or failed. Nothing of it is kept except its record in `runs`.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Another process is running this schema.
    #[error(
        "schema '{schema}' is being worked on: {}; wait for it to end",
        .holder.as_ref().map_or_else(|| "by a process that left no note".to_owned(), ToString::to_string)
    )]
    InProgress {
        /// The schema.
        schema: String,
        /// Who, if it has been noted already.
        holder: Option<Holder>,
    },
    /// The session that took the lock is not the one that asks now.
    #[error(
        "locks of a session do not hold here: there is a transaction pooler between; connect to the server itself, or \
         to the pooler's session mode"
    )]
    NoSessionLocks,
    /// Somebody asked the run to stop.
    #[error("cutoff {cutoff}: stopped as asked, {left} units are left; the same command goes on")]
    Interrupted {
        /// D.
        cutoff: Day,
        /// Units that are not done.
        left: usize,
    },
    /// Somebody asked the backfill to stop.
    #[error("stopped as asked before cutoff {next}; the same command goes on")]
    BackfillInterrupted {
        /// The next D.
        next: Day,
    },
    /// A worker of another version cannot help.
    #[error("run {run_id} was begun by paydirt {version} or under other rules; help it with that version")]
    OtherVersion {
        /// The run.
        run_id: i64,
        /// Its version.
        version: String,
    },
    /// Another process has taken the schema over, because our lease was not renewed for too long.
    #[error(
        "another process has taken over the work on schema '{schema}', because this one was not heard of for a while; \
         what is done is safe"
    )]
    LeaseLost {
        /// The schema.
        schema: String,
    },
    /// A further session could not be opened.
    #[error("a further session (for a worker, or to renew the lease) could not be opened")]
    Session(#[source] database::DatabaseError),
    /// What has to be in memory at once does not fit.
    #[error("cutoff {cutoff}")]
    Memory {
        /// D.
        cutoff: Day,
        /// Who needed how much.
        #[source]
        source: memory_budget::OutOfMemory,
    },
    /// The schema has runs of another chain.
    #[error("schema '{schema}' holds runs of chain {known}; use another --schema for {given}")]
    OtherChain {
        /// The schema.
        schema: String,
        /// The chain of its runs.
        known: String,
        /// The chain asked for.
        given: String,
    },
    /// The schema has runs of the other mode.
    #[error(
        "schema '{schema}' holds {known} runs; say --mode {known} to go on with them, or use another --schema for {given} ones"
    )]
    OtherMode {
        /// The schema.
        schema: String,
        /// The mode of its runs.
        known: Mode,
        /// The mode asked for.
        given: Mode,
    },
    /// The SQL engine has the rules of the reference alone.
    #[error("the SQL engine has the rules of the reference alone: use --engine native for strict runs")]
    StrictSql,
    /// What a strict schema holds cannot be compared with what the reference gives.
    #[error(
        "schema '{schema}' holds strict runs, and verify compares with the rules of the reference; paydirt diff shows what strict \
         changes, and paydirt audit recomputes strict gold"
    )]
    StrictVerify {
        /// The schema.
        schema: String,
    },
    /// There is no complete run to compare with.
    #[error("schema '{schema}' has no complete run yet: there is nothing to compare; run: paydirt run")]
    NothingToCompare {
        /// The schema.
        schema: String,
    },
    /// A mode is to be compared with itself.
    #[error("schema '{schema}' holds {mode} runs already: compare them with the other --mode")]
    SameMode {
        /// The schema.
        schema: String,
        /// The mode of its runs.
        mode: Mode,
    },
    /// Two schemas are not at the same cutoff.
    #[error(
        "schema '{schema}' {}, and what it is compared with is at cutoff {cutoff}; bring both to the same",
        newest.map_or_else(|| "has no complete run".to_owned(), |newest| format!("is at cutoff {newest}"))
    )]
    OtherCutoff {
        /// The other schema.
        schema: String,
        /// The newest complete cutoff of this one.
        cutoff: Day,
        /// That of the other.
        newest: Option<Day>,
    },
    /// The cutoff lies after today.
    #[error("cutoff {cutoff} is in the future: today is {today} (UTC)")]
    FutureCutoff {
        /// D.
        cutoff: Day,
        /// Today, UTC.
        today: Day,
    },
    /// The fork tables say nothing about the cutoff.
    #[error("cutoff {cutoff} is not covered by the fork table of {chain}, which begins with cutoff {first}")]
    NotCovered {
        /// D.
        cutoff: Day,
        /// The chain.
        chain: &'static str,
        /// The first cutoff that is covered.
        first: Day,
    },
    /// There are no blocks.
    #[error("table blocks in schema '{schema}' is empty; import an indexer's data first (paydirt import DIR)")]
    NoBlocks {
        /// The source schema.
        schema: String,
    },
    /// The newest block is older than the cutoff.
    #[error(
        "the newest block is of {newest} UTC, before cutoff {cutoff} 00:00; wait for the indexer or use an earlier cutoff"
    )]
    PastNewestBlock {
        /// D.
        cutoff: Day,
        /// Its time.
        newest: chrono::NaiveDateTime,
    },
    /// The source has rows no rule is defined for.
    #[error("the source has {} thing{} no rule is defined for:\n{}", .0.len(), if .0.len() == 1 { "" } else { "s" }, describe(.0))]
    BadInput(Vec<Finding>),
    /// `--source snapshots`, but the daily tables are not there.
    #[error("the indexer's daily tables are needed in schema '{schema}' (--source snapshots, --against snapshots); missing: {}", .missing.join(", "))]
    NoDailyTables {
        /// The source schema.
        schema: String,
        /// The missing tables.
        missing: Vec<String>,
    },
    /// `verify` found no run with this cutoff.
    #[error("cutoff {cutoff} was never run: the complete run {done_by} covers it; verify that one, or use --from")]
    NothingToVerify {
        /// D.
        cutoff: Day,
        /// The cutoff of the run that covers it.
        done_by: Day,
    },
    /// `--from` lies after the cutoff.
    #[error("--from {from} is after cutoff {cutoff}: there is nothing between them")]
    FromAfterCutoff {
        /// The day or cutoff to begin with.
        from: Day,
        /// D.
        cutoff: Day,
    },
    /// `--from` lies after `--to`.
    #[error("--from {from} is after --to {to}: there is nothing between them")]
    FromAfterTo {
        /// The first day.
        from: Day,
        /// The last day.
        to: Day,
    },
    /// There is no such submission to audit or to compare.
    #[error(
        "there is no submission {reward_hash} made before the newest complete cutoff, or it is set aside in the quarantine table"
    )]
    NotAudited {
        /// The hash.
        reward_hash: String,
    },
    /// `verify --against gold`, but there is nothing to compare with.
    #[error(
        "schema '{schema}' has no table gold_table to compare with; name the reference's schema with --source-schema"
    )]
    NoGoldTable {
        /// The source schema.
        schema: String,
    },
    /// The schemas are not in order.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The source could not be checked.
    #[error(transparent)]
    Bronze(#[from] BronzeError),
    /// Reading failed.
    #[error("cutoff {cutoff}")]
    Extract {
        /// D.
        cutoff: Day,
        /// What happened.
        #[source]
        source: ExtractError,
    },
    /// A rule cannot be evaluated; the reference fails on the same input.
    #[error(
        "cutoff {cutoff}: {message}; correct the submission in the source, or set it aside in the quarantine table"
    )]
    Rule {
        /// D.
        cutoff: Day,
        /// Step, snapshot, reward and earner, and what the arithmetic said.
        message: String,
    },
    /// A file of `sql/oracle` failed (`--engine sql`, `verify`).
    #[error("cutoff {cutoff}")]
    Oracle {
        /// D.
        cutoff: Day,
        /// Which file, and what happened.
        #[source]
        source: OracleError,
    },
    /// Writing failed.
    #[error("cutoff {cutoff}")]
    Write {
        /// D.
        cutoff: Day,
        /// What happened.
        #[source]
        source: WriteError,
    },
    /// A statement failed.
    #[error("statement {what}")]
    Database {
        /// Which.
        what: &'static str,
        /// What happened.
        #[source]
        source: tokio_postgres::Error,
    },
    /// Neither the source nor gold has the submission to explain.
    #[error("there is no submission {reward_hash}, neither in the source nor in gold")]
    NoSuchSubmission {
        /// Its hash.
        reward_hash: String,
    },
    /// There is no such run.
    #[error("there is no run {0} (paydirt status lists them)")]
    NoSuchRun(i64),
    /// Newer runs build on the one to undo.
    #[error("{newer} newer runs build on run {id}; undo them too: --from-cutoff {cutoff}")]
    NotTheNewest {
        /// The run.
        id: i64,
        /// Its cutoff.
        cutoff: Day,
        /// How many are newer.
        newer: i64,
    },
    /// A partition that is needed was detached by a drop that did not finish.
    #[error("a partition that is needed is left over from an interrupted drop")]
    LeftoverPartition(#[source] tokio_postgres::Error),
    /// Detaching or dropping a partition failed; what was dropped before it stays dropped.
    #[error("partition {partition} could not be dropped; the same command goes on")]
    NotDropped {
        /// The partition.
        partition: String,
        /// What happened.
        #[source]
        source: tokio_postgres::Error,
    },
    /// A partition to drop has days that a submission was not paid for yet.
    #[error(
        "partition {partition} is still needed: submission {reward_hash} has no rows for {first} .. {last} yet, and every run \
         tries to pay them; run the newest cutoff, drop less, or set the submission aside in the quarantine table"
    )]
    PartitionUnpaid {
        /// The partition.
        partition: String,
        /// The submission.
        reward_hash: String,
        /// The first day it was not paid for.
        first: Day,
        /// The last one that can be paid by now.
        last: Day,
    },
    /// A partition to drop has days of a submission that goes on.
    #[error(
        "partition {partition} is still needed: submission {reward_hash} goes on until {last}, and no complete cutoff is \
         later; drop less, or wait until it is over"
    )]
    PartitionGoingOn {
        /// The partition.
        partition: String,
        /// The submission.
        reward_hash: String,
        /// Its end.
        last: Day,
    },
    /// A partition to drop has units of a run that did not finish.
    #[error(
        "partition {partition} is still needed: run {run_id} is {status} and has units in it; run its cutoff again to complete \
         it, or remove it: paydirt undo --run {run_id}"
    )]
    PartitionOfUnfinishedRun {
        /// The partition.
        partition: String,
        /// The run.
        run_id: i64,
        /// Its status.
        status: String,
    },
    /// A unit failed, and trying again did not help or would not.
    #[error(
        "unit {unit} ({first} .. {last}) of run {run_id} failed; when the cause is gone, the same command goes on with it"
    )]
    InUnit {
        /// The run.
        run_id: i64,
        /// Its number.
        unit: i32,
        /// Its first day.
        first: Day,
        /// Its last day.
        last: Day,
        /// What happened, with the statement's name.
        #[source]
        source: Box<RunError>,
    },
    /// A unit of this run was done or removed by somebody else.
    #[error("unit {unit} of run {run_id} is not to be done any more: somebody else works on this schema")]
    UnitGone {
        /// The run.
        run_id: i64,
        /// The unit.
        unit: i32,
    },
    /// This run was removed, or has units that are not done.
    #[error("run {0} cannot be completed: somebody else works on this schema")]
    RunGone(i64),
    /// Run numbers are 31 bits in `gold_rows`.
    #[error("run {0}: there are too many runs")]
    TooManyRuns(i64),
    /// Something stored is not what it should be.
    #[error("{what}: '{value}' cannot be read")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Its text.
        value: String,
    },
    /// The computing threads ended without a result (our bug).
    #[error("computing stopped without a result; please report this")]
    Stopped,
}

fn describe(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("  {} {}: {}", finding.table, finding.key, finding.reason))
        .collect::<Vec<_>>()
        .join("\n")
}

impl RunError {
    pub(crate) fn database(what: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Database { what, source }
    }
}

impl RunError {
    /// Whether a reservation did not fit into the memory limit.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if error.is::<memory_budget::OutOfMemory>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// An error with its causes, on one line.
pub(crate) fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
