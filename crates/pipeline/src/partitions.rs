//! The partitions of `gold_rows`: which there are, making them ahead, dropping old ones (design D7).
//!
//! A drop goes partition by partition: it is noted, detached without blocking readers (`DETACH ... CONCURRENTLY`), then its
//! rows are counted and the table is dropped with the note marked as done, in one transaction. Whatever interrupts it, the
//! note says what was begun, and the next drop goes on.

use chrono::{Months, NaiveDate, NaiveDateTime};
use delta_extractor::Source;
use memory_budget::Budget;
use reward_rules::{Chain, Day, ForkDates, Id, Mode};
use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, GenericClient, Transaction};

use crate::indexer::build_missing;
use crate::lifecycle::{mode_of, today};
use crate::lock::with_lock;
use crate::migrate::require_current;
use crate::run::begin;
use crate::sweep::{Question, Sweep};
use crate::{RunError, Schemas};

/// How many months after the cutoff have partitions, unless said otherwise.
pub const AHEAD_MONTHS: u32 = 3;

/// The most months ahead.
pub const MAX_AHEAD_MONTHS: u32 = 24;

/// Whether a partition is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PartitionState {
    /// Its rows are those of `gold_rows`.
    #[serde(rename = "attached")]
    Attached,
    /// A drop was interrupted while it waited for readers; nobody new sees its rows.
    #[serde(rename = "detach pending")]
    DetachPending,
    /// A table of its own: a drop was interrupted before the last step, or somebody detached it by hand.
    #[serde(rename = "detached")]
    Detached,
}

impl PartitionState {
    /// The name in the CLI.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attached => "attached",
            Self::DetachPending => "detach pending",
            Self::Detached => "detached",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Attached, Self::DetachPending, Self::Detached].into_iter().find(|state| state.name() == name)
    }
}

/// A partition of `gold_rows`, or a table that was one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// The table.
    pub name: String,
    /// Its first day, `YYYY-MM-DD`.
    pub first_day: String,
    /// Its last day.
    pub last_day: String,
    /// The server's estimate of its rows; `None` before it was analyzed or vacuumed for the first time.
    pub estimated_rows: Option<i64>,
    /// Its size on disk with indexes.
    pub bytes: i64,
    /// The runs that wrote into it.
    pub runs: Vec<i64>,
    /// Whether it is one.
    pub state: PartitionState,
}

/// A partition that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DroppedPartition {
    /// The table.
    pub name: String,
    /// Its first day, `YYYY-MM-DD`.
    pub first_day: String,
    /// Its last day.
    pub last_day: String,
    /// The rows it had.
    pub gold_rows: i64,
    /// The bytes it had, with indexes.
    pub bytes: i64,
}

/// A partition as found, with what only this module needs.
struct Found {
    partition: Partition,
    first: Day,
    last: Day,
    /// A drop was begun and not finished.
    is_begun: bool,
}

impl Found {
    /// Whether a drop of the days before `before` takes it.
    fn goes(&self, before: Day) -> bool {
        match self.partition.state {
            PartitionState::Attached => self.last < before,
            PartitionState::DetachPending => true,
            PartitionState::Detached => self.is_begun || self.last < before,
        }
    }
}

/// The partitions of `gold_rows`, by day. Reads no rows.
///
/// # Errors
/// If the schema is not up to date or the server refuses.
pub async fn partitions(client: &Client, schemas: &Schemas) -> Result<Vec<Partition>, RunError> {
    require_current(client, schemas).await?;
    Ok(found(client).await?.into_iter().map(|found| found.partition).collect())
}

/// Makes the partitions that the next run needs (of the days that submissions were not paid for yet), and those from the newest
/// cutoff or block to `ahead_months` months after it, and the indexes that partitions lack. Returns the names of the partitions
/// that were missing.
///
/// # Errors
/// If there are no blocks, another process works on the schema, or a needed partition is a left-over of an interrupted drop.
pub async fn ensure_partitions(
    client: &mut Client,
    schemas: &Schemas,
    ahead_months: u32,
) -> Result<Vec<String>, RunError> {
    require_current(client, schemas).await?;
    with_lock(client, schemas, None, "partitions ensure", async |client, _| {
        ensure_locked(client, schemas, ahead_months).await
    })
    .await
}

async fn ensure_locked(client: &mut Client, schemas: &Schemas, ahead_months: u32) -> Result<Vec<String>, RunError> {
    let needs = needs(client).await?;
    let newest = needs.newest.ok_or_else(|| RunError::NoBlocks { schema: schemas.source.clone() })?;
    let transaction = begin(client).await?;
    let mut made = Vec::new();
    for unpaid in &needs.unpaid {
        made.extend(ensure(&transaction, unpaid.first, unpaid.last).await?);
    }
    made.extend(ensure_ahead(&transaction, newest, ahead_months).await?);
    transaction.commit().await.map_err(RunError::database("commit"))?;
    build_missing(client).await?;
    made.sort_unstable();
    Ok(made)
}

/// Makes the partitions from the cutoff's month to `months` months later; those of earlier days are made with their units.
/// Returns the names of those that were missing. Blocks neither readers nor writers.
pub(crate) async fn ensure_ahead(
    transaction: &Transaction<'_>,
    cutoff: Day,
    months: u32,
) -> Result<Vec<String>, RunError> {
    let last = cutoff.date().checked_add_months(Months::new(months)).map_or(cutoff, Day::from);
    ensure(transaction, cutoff, last).await
}

async fn ensure(transaction: &Transaction<'_>, first: Day, last: Day) -> Result<Vec<String>, RunError> {
    let rows = transaction
        .query(include_str!("../../../sql/queries/partitions/ensure.sql"), &[&first.date(), &last.date()])
        .await
        .map_err(|source| match source.code() {
            Some(code) if *code == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE => RunError::LeftoverPartition(source),
            _ => RunError::Database { what: "partitions/ensure", source },
        })?;
    Ok(rows.iter().map(|row| row.get("name")).collect())
}

/// The partitions that [`drop_partitions`] would drop: those whose days are all before `before`, and what an interrupted drop has
/// left. Changes nothing.
///
/// # Errors
/// If one of them is still needed: by days of a submission that are not paid yet, by a submission that goes on after the newest
/// complete cutoff, or by a run that did not finish.
pub async fn drop_plan(client: &mut Client, schemas: &Schemas, before: Day) -> Result<Vec<Partition>, RunError> {
    require_current(client, schemas).await?;
    Ok(droppable(client, before).await?.into_iter().map(|found| found.partition).collect())
}

/// Drops the partitions of [`drop_plan`], one after another. Readers are waited for, not blocked. Watermarks, windows and runs
/// stay; the days are noted, and the checks leave them out.
///
/// # Errors
/// As [`drop_plan`], or if another process works on the schema. What was dropped before stays dropped; the same call goes on.
pub async fn drop_partitions(
    client: &mut Client,
    schemas: &Schemas,
    before: Day,
) -> Result<Vec<DroppedPartition>, RunError> {
    require_current(client, schemas).await?;
    with_lock(client, schemas, None, "partitions drop", async |client, _| drop_locked(client, before).await).await
}

async fn drop_locked(client: &mut Client, before: Day) -> Result<Vec<DroppedPartition>, RunError> {
    let mut going = droppable(client, before).await?;
    forget_what_was_not_done(client, before).await?;
    // Only one partition at a time can be in the middle of being detached.
    going.sort_by_key(|found| (found.partition.state != PartitionState::DetachPending, found.first));
    let mut dropped = Vec::new();
    for found in going {
        dropped.push(drop_one(client, found).await?);
    }
    Ok(dropped)
}

async fn drop_one(client: &mut Client, found: Found) -> Result<DroppedPartition, RunError> {
    let Found { partition, first, last, .. } = found;
    let statements = client
        .query_one(include_str!("../../../sql/queries/partitions/statements.sql"), &[&partition.name])
        .await
        .map_err(RunError::database("partitions/statements"))?;
    let transaction = client.transaction().await.map_err(RunError::database("begin"))?;
    transaction
        .execute(include_str!("../../../sql/queries/partitions/begin_drop.sql"), &[&first.date(), &last.date()])
        .await
        .map_err(RunError::database("partitions/begin_drop"))?;
    // Balances have the rows that go.
    transaction
        .batch_execute(include_str!("../../../sql/queries/balances/forget.sql"))
        .await
        .map_err(RunError::database("balances/forget"))?;
    transaction.commit().await.map_err(RunError::database("commit"))?;
    let detach = match partition.state {
        PartitionState::Attached => Some("detach"),
        PartitionState::DetachPending => Some("finalize"),
        PartitionState::Detached => None,
    };
    let failed = |source| RunError::NotDropped { partition: partition.name.clone(), source };
    if let Some(detach) = detach {
        client.batch_execute(statements.get(detach)).await.map_err(failed)?;
    }
    let transaction = client.transaction().await.map_err(RunError::database("begin"))?;
    let gold_rows: i64 =
        transaction.query_one(statements.get::<_, &str>("count"), &[]).await.map_err(failed)?.get("gold_rows");
    transaction.batch_execute(statements.get("remove")).await.map_err(failed)?;
    transaction
        .execute(include_str!("../../../sql/queries/partitions/finish_drop.sql"), &[&first.date(), &gold_rows])
        .await
        .map_err(RunError::database("partitions/finish_drop"))?;
    transaction.commit().await.map_err(RunError::database("commit"))?;
    tracing::info!(partition = partition.name, gold_rows, "dropped");
    let Partition { name, first_day, last_day, bytes, .. } = partition;
    Ok(DroppedPartition { name, first_day, last_day, gold_rows, bytes })
}

/// Puts the notes of interrupted drops right that nothing is left to do for.
async fn forget_what_was_not_done(client: &Client, before: Day) -> Result<(), RunError> {
    let found = found(client).await?;
    let first_days = |wanted: &dyn Fn(&Found) -> bool| -> Vec<NaiveDate> {
        found.iter().filter(|found| wanted(found)).map(|found| found.first.date()).collect()
    };
    let staying = first_days(&|found| found.partition.state == PartitionState::Attached && !found.goes(before));
    client
        .execute(include_str!("../../../sql/queries/partitions/forget_begun.sql"), &[&staying])
        .await
        .map_err(RunError::database("partitions/forget_begun"))?;
    client
        .execute(include_str!("../../../sql/queries/partitions/finish_vanished.sql"), &[&first_days(&|_| true)])
        .await
        .map_err(RunError::database("partitions/finish_vanished"))?;
    Ok(())
}

async fn found<C: GenericClient>(client: &C) -> Result<Vec<Found>, RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/partitions/list.sql"), &[])
        .await
        .map_err(RunError::database("partitions/list"))?;
    rows.iter()
        .map(|row| {
            let day = |column| Day::from(row.get::<_, NaiveDate>(column));
            let (first, last) = (day("first_day"), day("last_day"));
            let state: &str = row.get("state");
            let state = PartitionState::named(state)
                .ok_or_else(|| RunError::Unreadable { what: "the state of a partition", value: state.to_owned() })?;
            Ok(Found {
                partition: Partition {
                    name: row.get("name"),
                    first_day: first.to_string(),
                    last_day: last.to_string(),
                    estimated_rows: row.get("estimated_rows"),
                    bytes: row.get("bytes"),
                    runs: row.get("runs"),
                    state,
                },
                first,
                last,
                is_begun: row.get("is_begun"),
            })
        })
        .collect()
}

/// What a drop takes, refused if something of it is needed. What is detached already by a drop was found not to be.
async fn droppable(client: &mut Client, before: Day) -> Result<Vec<Found>, RunError> {
    let going: Vec<Found> = found(client).await?.into_iter().filter(|found| found.goes(before)).collect();
    let asked = |found: &&Found| match found.partition.state {
        PartitionState::Attached => true,
        PartitionState::DetachPending => false,
        PartitionState::Detached => !found.is_begun,
    };
    if going.iter().any(|found| asked(&found)) {
        let needs = needs(client).await?;
        for found in going.iter().filter(asked) {
            needs.refuse(found)?;
        }
    }
    Ok(going)
}

/// Days that something needs.
struct Need<T> {
    what: T,
    first: Day,
    last: Day,
}

impl<T> Need<T> {
    fn reaches(&self, found: &Found) -> bool {
        self.first <= found.last && self.last >= found.first
    }
}

/// What needs rows or partitions.
#[derive(Default)]
struct Needs {
    /// The newest complete cutoff or block, whichever is later.
    newest: Option<Day>,
    /// Submissions with days that a run with that cutoff would pay.
    unpaid: Vec<Need<String>>,
    /// Submissions that go on on the day of the newest complete cutoff or later: that day is not over for it, and strict mode
    /// does not plan it.
    going_on: Vec<Need<String>>,
    /// Units of runs that did not finish, with number and status.
    unfinished: Vec<Need<(i64, String)>>,
}

impl Needs {
    fn refuse(&self, found: &Found) -> Result<(), RunError> {
        let partition = || found.partition.name.clone();
        if let Some(need) = self.unfinished.iter().find(|need| need.reaches(found)) {
            let (run_id, status) = need.what.clone();
            return Err(RunError::PartitionOfUnfinishedRun { partition: partition(), run_id, status });
        }
        if let Some(need) = self.unpaid.iter().find(|need| need.reaches(found)) {
            let Need { what: reward_hash, first, last } = need;
            let reward_hash = reward_hash.clone();
            return Err(RunError::PartitionUnpaid { partition: partition(), reward_hash, first: *first, last: *last });
        }
        if let Some(need) = self.going_on.iter().find(|need| need.reaches(found)) {
            let (reward_hash, last) = (need.what.clone(), need.last);
            return Err(RunError::PartitionGoingOn { partition: partition(), reward_hash, last });
        }
        Ok(())
    }
}

/// Reads what is needed. Without any run nothing is: a partition is made again when a run comes to need it.
async fn needs(client: &mut Client) -> Result<Needs, RunError> {
    let transaction = begin(client).await?;
    let mut needs = Needs::default();
    let complete: Option<Day> = transaction
        .query_opt(include_str!("../../../sql/queries/partitions/newest_complete.sql"), &[])
        .await
        .map_err(RunError::database("partitions/newest_complete"))?
        .map(|row| Day::from(row.get::<_, NaiveDate>("cutoff")));
    let newest_block: Option<NaiveDateTime> = transaction
        .query_one(include_str!("../../../sql/queries/runs/newest_block.sql"), &[])
        .await
        .map_err(RunError::database("newest_block"))?
        .get("block_time");
    needs.newest = complete.max(newest_block.map(|time| Day::from(time.date()).min(today())));
    needs.unfinished = transaction
        .query(include_str!("../../../sql/queries/partitions/unfinished_units.sql"), &[])
        .await
        .map_err(RunError::database("partitions/unfinished_units"))?
        .iter()
        .map(|row| Need {
            what: (row.get("id"), row.get("status")),
            first: Day::from(row.get::<_, NaiveDate>("first_snapshot")),
            last: Day::from(row.get::<_, NaiveDate>("last_snapshot")),
        })
        .collect();
    let chain = transaction
        .query_opt(include_str!("../../../sql/queries/runs/chain_and_mode.sql"), &[])
        .await
        .map_err(RunError::database("chain_and_mode"))?;
    if let (Some(row), Some(cutoff)) = (chain, needs.newest) {
        let chain: &str = row.get("chain");
        let chain: Chain =
            chain.parse().map_err(|_| RunError::Unreadable { what: "runs.chain", value: chain.to_owned() })?;
        if ForkDates::of(chain).covers(cutoff) {
            needs.read_submissions(&transaction, (chain, mode_of(&row)?), cutoff, complete).await?;
        }
    }
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    Ok(needs)
}

impl Needs {
    async fn read_submissions(
        &mut self,
        transaction: &Transaction<'_>,
        (chain, mode): (Chain, Mode),
        cutoff: Day,
        complete: Option<Day>,
    ) -> Result<(), RunError> {
        // As `paydirt plan`: what a run that did not finish has done so far does not count.
        let resumed_run = transaction
            .query_opt(include_str!("../../../sql/queries/runs/unfinished.sql"), &[])
            .await
            .map_err(RunError::database("unfinished"))?
            .map(|row| row.get("id"));
        let question = Question { chain, mode, cutoff, source: Source::Events };
        let mut sweep = Sweep::read(transaction, question, resumed_run, &Budget::default()).await?;
        let plan = sweep.decide(transaction, cutoff, resumed_run).await?;
        let dictionary = sweep.dictionary();
        let text = |id: Id| dictionary.text(id).to_owned();
        self.unpaid = plan
            .rewards
            .iter()
            .map(|reward| Need { what: text(reward.reward_hash), first: reward.days.first, last: reward.days.last })
            .collect();
        let submissions = sweep.submissions();
        let times = (submissions.v1.iter().map(|row| (row.reward_hash, row.start_timestamp, row.end_timestamp)))
            .chain(
                (submissions.od.iter().chain(&submissions.od_set))
                    .map(|row| (row.reward_hash, row.start_timestamp, row.end_timestamp)),
            )
            .chain(submissions.stake.iter().map(|row| (row.reward_hash, row.start_timestamp, row.end_timestamp)));
        self.going_on = times
            .map(|(hash, start, end)| (hash, Day::from(start.date()), Day::from(end.date())))
            .filter(|(_, _, end)| complete.is_none_or(|complete| *end >= complete))
            .map(|(hash, first, last)| Need { what: text(hash), first, last })
            .collect();
        Ok(())
    }
}
