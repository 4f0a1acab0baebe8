//! Bringing the stored ranges up to a cutoff: by the new events alone, or from the beginning (design D3).

use chrono::NaiveDate;
use memory_budget::Budget;
use reward_rules::Day;
use tokio_postgres::Transaction;
use tracing::debug;

use crate::marks::{Mark, RelationMark};
use crate::silver::{RELATIONS, Relation};
use crate::{ExtractError, Marks, RunInput};

/// How a relation was brought up to the cutoff. The result is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Folded the events of the days since the last run into the ranges they change.
    Extended,
    /// Folded all events, because nothing had been read before.
    Built,
    /// Folded the keys with events from the cutoff on anew, because the ranges were up to a later cutoff.
    Rewound,
    /// Folded the keys with events from `first_changed` on anew, because those of earlier days had changed: a re-org, or
    /// late or corrected rows.
    Corrected {
        /// The first day whose events had changed.
        first_changed: Day,
    },
}

/// What a refresh did to one relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshedRelation {
    /// The range table.
    pub table: &'static str,
    /// How.
    pub refresh: Refresh,
    /// Ranges that were removed or changed.
    pub removed: u64,
    /// Ranges that were added or changed.
    pub added: u64,
}

/// Brings every relation up to the cutoff.
///
/// 1. Takes the [`Marks`] of what earlier runs have read; where they differ, compares contents day by day.
/// 2. If nothing has changed, reads the events of the days since, with the ranges they change (the open one of each key
///    that has new events), folds those, and replaces them.
/// 3. If something has changed, or the cutoff is an earlier one, takes the first day F that is concerned and folds the keys
///    anew whose ranges may depend on events from F on; only ranges that differ are written. Daily samples are folded as
///    a whole then: every key has some each day.
/// 4. Records how far it has read, with the new marks and contents.
///
/// Either way the ranges are those of folding all events before the cutoff, which gives the incremental tables of the
/// reference (spec/02, introduction).
///
/// # Errors
/// If reading or writing fails.
pub async fn refresh_silver(
    client: &Transaction<'_>,
    input: RunInput,
    marks: &Marks,
    budget: &Budget,
) -> Result<Vec<RefreshedRelation>, ExtractError> {
    let mut refreshed = Vec::with_capacity(RELATIONS.len());
    for relation in &RELATIONS {
        let done = refresh(client, relation, input.cutoff, marks.of(relation.table), budget).await?;
        debug!(table = done.table, how = ?done.refresh, removed = done.removed, added = done.added, "silver refreshed");
        refreshed.push(done);
    }
    // Nobody may trust rows that were read without having been checked.
    client
        .batch_execute(include_str!("../../../sql/queries/silver/forget_checked.sql"))
        .await
        .map_err(ExtractError::database("forget_checked"))?;
    if marks.rows_are_checked {
        for (source, mark) in &marks.checked {
            record(client, source, input.cutoff, Some(marks.last_block), Some(*mark)).await?;
        }
    }
    client
        .execute(
            include_str!("../../../sql/queries/set_silver_state.sql"),
            &[&input.chain.name(), &input.cutoff.date()],
        )
        .await
        .map_err(ExtractError::database("set_silver_state"))?;
    Ok(refreshed)
}

async fn refresh(
    client: &Transaction<'_>,
    relation: &'static Relation,
    cutoff: Day,
    mark: RelationMark,
    budget: &Budget,
) -> Result<RefreshedRelation, ExtractError> {
    let Relation { table, events, .. } = relation;
    let error = || ExtractError::database(table);
    let first_changed = match mark.read_before {
        Some(read_before) if !mark.unchanged => client
            .query_one(
                include_str!("../../../sql/queries/silver/first_changed.sql"),
                &[table, events, &read_before.date()],
            )
            .await
            .map_err(error())?
            .get::<_, Option<NaiveDate>>("day")
            .map(Day::from),
        _ => None,
    };
    let refresh = match (mark.read_before, first_changed) {
        (None, _) => Refresh::Built,
        (_, Some(first_changed)) => Refresh::Corrected { first_changed },
        (Some(read_before), None) if read_before > cutoff => Refresh::Rewound,
        (Some(_), None) => Refresh::Extended,
    };
    // From which day on what was known is known no more; None: from the beginning.
    let since = match refresh {
        Refresh::Built => None,
        Refresh::Extended => mark.read_before,
        Refresh::Rewound => Some(cutoff),
        Refresh::Corrected { first_changed } => Some(first_changed.min(cutoff)),
    };
    let by_key = !relation.is_sampled() && !relation.keys().is_empty();
    let since = since.filter(|_| refresh == Refresh::Extended || by_key);
    let (removed, added) = match since {
        Some(since) if refresh == Refresh::Extended => {
            extend(client, relation, since, cutoff, mark.first_block, budget).await?
        }
        Some(since) => rewind(client, relation, since, cutoff, budget).await?,
        None => rebuild(client, relation, cutoff, budget).await?,
    };
    // What is known of the blocks of new events is about those that extend what was read.
    let first_block = if refresh == Refresh::Extended { mark.first_block } else { 0 };
    let since = since.map(Day::date);
    if refresh != Refresh::Extended {
        client
            .execute(include_str!("../../../sql/queries/silver/forget_days.sql"), &[table, &since])
            .await
            .map_err(error())?;
    }
    client
        .execute(
            include_str!("../../../sql/queries/silver/record_days.sql"),
            &[table, events, &since, &cutoff.date(), &first_block],
        )
        .await
        .map_err(error())?;
    record(client, table, cutoff, None, mark.now).await?;
    Ok(RefreshedRelation { table, refresh, removed, added })
}

/// Records what has been read of a relation, or checked of a submission table.
async fn record(
    client: &Transaction<'_>,
    source: &str,
    cutoff: Day,
    last_block: Option<i64>,
    mark: Option<Mark>,
) -> Result<(), ExtractError> {
    let (rows, hash) = mark.map_or((None, None), |(rows, hash)| (Some(rows), hash));
    client
        .execute(
            include_str!("../../../sql/queries/silver/record_source.sql"),
            &[&source, &cutoff.date(), &last_block, &rows, &hash],
        )
        .await
        .map_err(ExtractError::database("record_source"))?;
    Ok(())
}

/// Folds the events of the days from `since` on into the ranges they change.
async fn extend(
    client: &Transaction<'_>,
    relation: &'static Relation,
    since: Day,
    cutoff: Day,
    first_block: i64,
    budget: &Budget,
) -> Result<(u64, u64), ExtractError> {
    let table = relation.table;
    let error = || ExtractError::database(table);
    let (keys, sampled) = (relation.key_names(), relation.is_sampled());
    if since == cutoff && !sampled {
        return Ok((0, 0));
    }
    client
        .execute(
            include_str!("../../../sql/queries/silver/carry_ranges.sql"),
            &[&table, &relation.events, &keys, &since.date(), &cutoff.date(), &sampled],
        )
        .await
        .map_err(error())?;
    touch_nothing(client, relation).await?;
    set_window(client, relation, Some(since), cutoff, false, first_block).await?;
    relation.fold_into_fresh(client, budget).await?;
    drop_touched(client, relation).await?;
    let row = client
        .query_one(
            include_str!("../../../sql/queries/silver/extend_ranges.sql"),
            &[&table, &keys, &since.date(), &sampled],
        )
        .await
        .map_err(error())?;
    Ok((count(row.get("removed")), count(row.get("added"))))
}

/// Folds the keys anew whose ranges may depend on events from `since` on.
async fn rewind(
    client: &Transaction<'_>,
    relation: &'static Relation,
    since: Day,
    cutoff: Day,
    budget: &Budget,
) -> Result<(u64, u64), ExtractError> {
    let table = relation.table;
    let error = || ExtractError::database(table);
    let keys = relation.key_names();
    let touched: i64 = client
        .query_one(
            include_str!("../../../sql/queries/silver/touch_keys.sql"),
            &[&table, &relation.events, &keys, &since.date()],
        )
        .await
        .map_err(error())?
        .get("touched");
    debug!(table, %since, touched, "keys to fold anew");
    set_window(client, relation, None, cutoff, true, 0).await?;
    relation.fold_into_fresh(client, budget).await?;
    let row = client
        .query_one(include_str!("../../../sql/queries/silver/replace_touched.sql"), &[&table, &keys])
        .await
        .map_err(error())?;
    Ok((count(row.get("removed")), count(row.get("added"))))
}

/// The statements that read events name touched_keys, whether it matters or not.
async fn touch_nothing(client: &Transaction<'_>, relation: &Relation) -> Result<(), ExtractError> {
    let statement = include_str!("../../../sql/queries/silver/touch_nothing.sql");
    client.execute(statement, &[&relation.table]).await.map_err(ExtractError::database(relation.table))?;
    Ok(())
}

async fn drop_touched(client: &Transaction<'_>, relation: &Relation) -> Result<(), ExtractError> {
    let statement = include_str!("../../../sql/queries/silver/drop_touched.sql");
    client.batch_execute(statement).await.map_err(ExtractError::database(relation.table))
}

/// Folds all events before the cutoff.
async fn rebuild(
    client: &Transaction<'_>,
    relation: &'static Relation,
    cutoff: Day,
    budget: &Budget,
) -> Result<(u64, u64), ExtractError> {
    let table = relation.table;
    let error = || ExtractError::database(table);
    client.execute(include_str!("../../../sql/queries/silver/carry_nothing.sql"), &[&table]).await.map_err(error())?;
    touch_nothing(client, relation).await?;
    set_window(client, relation, None, cutoff, false, 0).await?;
    relation.fold_into_fresh(client, budget).await?;
    drop_touched(client, relation).await?;
    let row = client
        .query_one(include_str!("../../../sql/queries/apply_fresh_ranges.sql"), &[&table])
        .await
        .map_err(error())?;
    let drop = include_str!("../../../sql/queries/silver/drop_carried.sql");
    client.batch_execute(drop).await.map_err(error())?;
    Ok((count(row.get("removed")), count(row.get("added"))))
}

/// The days whose events the relation's statement reads; samples have no cutoff (Q14).
async fn set_window(
    client: &Transaction<'_>,
    relation: &Relation,
    since: Option<Day>,
    cutoff: Day,
    touched_only: bool,
    first_block: i64,
) -> Result<(), ExtractError> {
    let before = if relation.is_sampled() { None } else { Some(cutoff.date()) };
    let clear = include_str!("../../../sql/queries/silver/clear_window.sql");
    client.execute(clear, &[]).await.map_err(ExtractError::database("clear_window"))?;
    client
        .execute(
            include_str!("../../../sql/queries/silver/fill_window.sql"),
            &[&since.map(Day::date), &before, &touched_only, &first_block],
        )
        .await
        .map_err(ExtractError::database("fill_window"))?;
    // Without statistics the planner expects thousands of windows, and walks all blocks for them.
    client
        .batch_execute(include_str!("../../../sql/queries/silver/analyze_window.sql"))
        .await
        .map_err(ExtractError::database("analyze_window"))
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}
