//! Bringing the stored ranges up to a cutoff: by the new events alone, or from the beginning (design D3).

use chrono::NaiveDate;
use reward_rules::Day;
use tokio_postgres::Transaction;
use tracing::debug;

use crate::silver::{RELATIONS, Relation};
use crate::{ExtractError, RunInput};

/// How a relation was brought up to the cutoff. The result is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Folded the events of the days since the last run into the ranges they change.
    Extended,
    /// Folded all events, because nothing had been read before.
    Built,
    /// Folded all events, because the ranges were up to a later cutoff.
    Rewound,
    /// Folded all events, because those of earlier days had changed: a re-org, or late or corrected rows.
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
/// 1. Compares the fingerprints of what earlier runs have read with what is there now.
/// 2. If nothing has changed, reads the events of the days since, with the ranges they change (the open one of each key
///    that has new events), folds those, and replaces them.
/// 3. If something has changed, folds everything; only ranges that differ are written.
/// 4. Records how far it has read, with new fingerprints.
///
/// Either way the ranges are those of folding all events before the cutoff, which gives the incremental tables of the
/// reference (spec/02, introduction).
///
/// # Errors
/// If reading or writing fails.
pub async fn refresh_silver(client: &Transaction<'_>, input: RunInput) -> Result<Vec<RefreshedRelation>, ExtractError> {
    let cutoff = input.cutoff.date();
    let blocks_are_intact: bool = client
        .query_one(include_str!("../../../sql/queries/silver/record_blocks.sql"), &[&cutoff])
        .await
        .map_err(ExtractError::database("record_blocks"))?
        .get("are_intact");
    let mut refreshed = Vec::with_capacity(RELATIONS.len());
    for relation in &RELATIONS {
        let done = refresh(client, relation, input.cutoff, blocks_are_intact).await?;
        debug!(table = done.table, how = ?done.refresh, removed = done.removed, added = done.added, "silver refreshed");
        refreshed.push(done);
    }
    client
        .execute(include_str!("../../../sql/queries/set_silver_state.sql"), &[&input.chain.name(), &cutoff])
        .await
        .map_err(ExtractError::database("set_silver_state"))?;
    Ok(refreshed)
}

async fn refresh(
    client: &Transaction<'_>,
    relation: &'static Relation,
    cutoff: Day,
    blocks_are_intact: bool,
) -> Result<RefreshedRelation, ExtractError> {
    let Relation { table, events, source, .. } = relation;
    let error = || ExtractError::database(table);
    let state = client
        .query_one(
            include_str!("../../../sql/queries/silver/source_state.sql"),
            &[table, events, source, &blocks_are_intact],
        )
        .await
        .map_err(error())?;
    let day = |column| state.get::<_, Option<NaiveDate>>(column).map(Day::from);
    let read_before = day("read_before");
    let refresh = match (read_before, day("first_changed")) {
        (None, _) => Refresh::Built,
        (_, Some(first_changed)) => Refresh::Corrected { first_changed },
        (Some(read_before), None) if read_before > cutoff => Refresh::Rewound,
        (Some(_), None) => Refresh::Extended,
    };
    let since = read_before.filter(|_| refresh == Refresh::Extended);
    let (removed, added) = match since {
        Some(since) => extend(client, relation, since, cutoff).await?,
        None => rebuild(client, relation, cutoff).await?,
    };
    client
        .execute(
            include_str!("../../../sql/queries/silver/record_source.sql"),
            &[table, events, source, &since.map(Day::date), &cutoff.date(), &since.is_none()],
        )
        .await
        .map_err(error())?;
    Ok(RefreshedRelation { table, refresh, removed, added })
}

/// Folds the events of the days from `since` on into the ranges they change.
async fn extend(
    client: &Transaction<'_>,
    relation: &'static Relation,
    since: Day,
    cutoff: Day,
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
    set_window(client, relation, Some(since), cutoff).await?;
    relation.fold_into_fresh(client).await?;
    let row = client
        .query_one(
            include_str!("../../../sql/queries/silver/extend_ranges.sql"),
            &[&table, &keys, &since.date(), &sampled],
        )
        .await
        .map_err(error())?;
    Ok((count(row.get("removed")), count(row.get("added"))))
}

/// Folds all events before the cutoff.
async fn rebuild(
    client: &Transaction<'_>,
    relation: &'static Relation,
    cutoff: Day,
) -> Result<(u64, u64), ExtractError> {
    let table = relation.table;
    let error = || ExtractError::database(table);
    client.execute(include_str!("../../../sql/queries/silver/carry_nothing.sql"), &[&table]).await.map_err(error())?;
    set_window(client, relation, None, cutoff).await?;
    relation.fold_into_fresh(client).await?;
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
) -> Result<(), ExtractError> {
    let before = if relation.is_sampled() { None } else { Some(cutoff.date()) };
    let clear = include_str!("../../../sql/queries/silver/clear_window.sql");
    client.execute(clear, &[]).await.map_err(ExtractError::database("clear_window"))?;
    client
        .execute(include_str!("../../../sql/queries/silver/fill_window.sql"), &[&since.map(Day::date), &before])
        .await
        .map_err(ExtractError::database("fill_window"))?;
    Ok(())
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}
