//! Bringing the stored ranges up to a cutoff: by the new events alone, or from the beginning (design D3).

use std::collections::HashMap;

use chrono::NaiveDate;
use memory_budget::Budget;
use reward_rules::Day;
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;
use tracing::debug;

use crate::change::{Change, Differences, Stored, differences};
use crate::digest::{Digest, Digester};
use crate::marks::{Mark, RelationMark};
use crate::samples::Samples;
use crate::silver::{RELATIONS, Relation, encode};
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
    let mut notes = Notes::default();
    for relation in &RELATIONS {
        let refresh = Refreshing { client, relation, input, mark: marks.of(relation.table), budget };
        let done = refresh.run(&mut notes).await?;
        debug!(table = done.table, how = ?done.refresh, removed = done.removed, added = done.added, "silver refreshed");
        refreshed.push(done);
    }
    // Nobody may trust rows that were read without having been checked.
    client
        .batch_execute(include_str!("../../../sql/queries/silver/forget_checked.sql"))
        .await
        .map_err(ExtractError::database("forget_checked"))?;
    if marks.rows_are_checked {
        let checked = marks.checked.iter();
        notes.sources.extend(checked.map(|(source, mark)| (source.clone(), Some(marks.last_block), Some(*mark))));
    }
    notes.record(client, input.cutoff).await?;
    client
        .execute(
            include_str!("../../../sql/queries/set_silver_state.sql"),
            &[&input.chain.name(), &input.cutoff.date()],
        )
        .await
        .map_err(ExtractError::database("set_silver_state"))?;
    Ok(refreshed)
}

/// What is to be recorded of all relations.
#[derive(Default)]
struct Notes {
    /// Relation or submission table, the last block that was checked, and which row versions there are.
    sources: Vec<(String, Option<i64>, Option<Mark>)>,
    /// Relation, day, number of events, content.
    days: Vec<(&'static str, Day, i64, u128)>,
}

impl Notes {
    fn add_days(&mut self, table: &'static str, digest: &Digest) {
        self.days.extend(digest.days().map(|(day, events, content)| (table, day, events, content)));
    }

    async fn record(self, client: &Transaction<'_>, cutoff: Day) -> Result<(), ExtractError> {
        if !self.days.is_empty() {
            let relations: Vec<&str> = self.days.iter().map(|(relation, ..)| *relation).collect();
            let days: Vec<NaiveDate> = self.days.iter().map(|(_, day, ..)| day.date()).collect();
            let events: Vec<i64> = self.days.iter().map(|(_, _, events, _)| *events).collect();
            let contents: Vec<String> = self.days.iter().map(|(.., content)| content.to_string()).collect();
            let statement = include_str!("../../../sql/queries/silver/record_days.sql");
            let parameters: [&(dyn ToSql + Sync); 4] = [&relations, &days, &events, &contents];
            client.execute(statement, &parameters).await.map_err(ExtractError::database("record_days"))?;
        }
        let names: Vec<&str> = self.sources.iter().map(|(name, ..)| name.as_str()).collect();
        let blocks: Vec<Option<i64>> = self.sources.iter().map(|(_, block, _)| *block).collect();
        let rows: Vec<Option<i64>> = self.sources.iter().map(|(.., mark)| mark.map(|(rows, _)| rows)).collect();
        let hashes: Vec<Option<i64>> = self.sources.iter().map(|(.., mark)| mark.and_then(|(_, hash)| hash)).collect();
        let statement = include_str!("../../../sql/queries/silver/record_sources.sql");
        let parameters: [&(dyn ToSql + Sync); 5] = [&cutoff.date(), &names, &blocks, &rows, &hashes];
        client.execute(statement, &parameters).await.map_err(ExtractError::database("record_sources"))?;
        Ok(())
    }
}

/// One relation on its way up to the cutoff.
#[derive(Clone, Copy)]
struct Refreshing<'a> {
    client: &'a Transaction<'a>,
    relation: &'static Relation,
    input: RunInput,
    mark: RelationMark,
    budget: &'a Budget,
}

impl Refreshing<'_> {
    async fn run(self, notes: &mut Notes) -> Result<RefreshedRelation, ExtractError> {
        let Self { client, relation, mark, budget, .. } = self;
        let (table, cutoff) = (relation.table, self.input.cutoff);
        let first_changed = match mark.read_before {
            Some(read_before) if !mark.unchanged => self.first_changed(read_before).await?,
            _ => None,
        };
        let refresh = match (mark.read_before, first_changed) {
            (None, _) => Refresh::Built,
            (_, Some(first_changed)) => Refresh::Corrected { first_changed },
            (Some(read_before), None) if read_before > cutoff => Refresh::Rewound,
            (Some(_), None) => Refresh::Extended,
        };
        let by_key = !relation.is_sampled() && !relation.keys().is_empty();
        // From which day on what was known is known no more; None: from the beginning.
        let since = match refresh {
            Refresh::Built => None,
            Refresh::Extended => mark.read_before,
            Refresh::Rewound => Some(cutoff).filter(|_| by_key),
            Refresh::Corrected { first_changed } => Some(first_changed.min(cutoff)).filter(|_| by_key),
        };
        let stored = Stored { client, relation };
        let (removed, added) = match (refresh, since) {
            (Refresh::Extended, _) => self.extend(since, notes).await?,
            (Refresh::Built, _) if stored.is_empty().await? => self.extend(None, notes).await?,
            (_, since) => {
                let forget = include_str!("../../../sql/queries/silver/forget_days.sql");
                let day = since.map(Day::date);
                client.execute(forget, &[&table, &day]).await.map_err(ExtractError::database(table))?;
                match since {
                    _ if relation.is_sampled() => self.fold_samples(None, EARLIEST, notes).await?,
                    Some(since) => {
                        notes.add_days(table, &self.digest(Some(since), cutoff).await?);
                        rewind(client, relation, since, cutoff, budget).await?
                    }
                    None => {
                        notes.add_days(table, &self.digest(None, cutoff).await?);
                        rebuild(client, relation, cutoff, budget).await?
                    }
                }
            }
        };
        notes.sources.push((table.to_owned(), None, mark.now));
        Ok(RefreshedRelation { table, refresh, removed, added })
    }

    /// The first day whose events have changed since they were read.
    async fn first_changed(self, read_before: Day) -> Result<Option<Day>, ExtractError> {
        let table = self.relation.table;
        let rows = self
            .client
            .query(include_str!("../../../sql/queries/silver/known_days.sql"), &[&table])
            .await
            .map_err(ExtractError::database(table))?;
        let mut known = Digest::default();
        for row in rows {
            let content: &str = row.get("content");
            // Contents of earlier versions of this program are longer, and differ.
            let content = content.parse().unwrap_or(u128::MAX);
            known.insert(Day::from(row.get::<_, NaiveDate>("day")), row.get("events"), content);
        }
        Ok(known.first_difference(&self.digest(None, read_before).await?))
    }

    async fn digest(self, since: Option<Day>, before: Day) -> Result<Digest, ExtractError> {
        if self.relation.is_sampled() {
            return Ok(self.samples(since, 0).await?.digest(since, before));
        }
        self.relation.digest(self.client, (since, before), self.budget).await
    }

    async fn samples(self, since: Option<Day>, first_block: i64) -> Result<Samples, ExtractError> {
        let directory = self.input.chain.avs_directory();
        Samples::read(self.client, self.relation.table, directory, since, first_block, self.budget).await
    }

    /// Folds the events of the days from `since` on into the ranges they change; without it, there are none yet.
    async fn extend(self, since: Option<Day>, notes: &mut Notes) -> Result<(u64, u64), ExtractError> {
        let Self { client, relation, mark, budget, .. } = self;
        let cutoff = self.input.cutoff;
        let first_block = if since.is_some() { mark.first_block } else { 0 };
        if !relation.is_sampled() {
            if !mark.has_new_rows || since == Some(cutoff) {
                return Ok((0, 0));
            }
            let mut digester = Digester::default();
            let done = relation.extend(client, (since, cutoff), first_block, &mut digester, budget).await?;
            notes.add_days(relation.table, &digester.digest);
            return Ok(done);
        }
        match since {
            None => self.fold_samples(None, EARLIEST, notes).await,
            Some(since) => self.fold_samples(Some(first_block), since, notes).await,
        }
    }

    /// Folds the samples of the days from `since` on (those of blocks from `first_block` on, if it is known) into the ranges that
    /// reach that day.
    async fn fold_samples(
        self,
        first_block: Option<i64>,
        since: Day,
        notes: &mut Notes,
    ) -> Result<(u64, u64), ExtractError> {
        let Self { client, relation, .. } = self;
        let is_all = since == EARLIEST;
        let day_before = Some(Day(since.0 - 1)).filter(|_| !is_all);
        let mut samples = self.samples(day_before, first_block.unwrap_or_default()).await?;
        notes.add_days(relation.table, &samples.digest(Some(since), self.input.cutoff));
        let stored = Stored { client, relation };
        let mut there = HashMap::new();
        for batch in stored.reaching(since, &mut samples.dictionary).await? {
            for range in relation.ranges(&batch)? {
                there.insert((range.key, range.from), range);
            }
        }
        let Differences { removed, ended, added } = differences(&there, samples.ranges(since, &there));
        let change = Change { removed, ended, added: encode(relation, &added, None)? };
        stored.apply(&change, &samples.dictionary).await
    }
}

/// No event is of an earlier day: 0001-01-01.
const EARLIEST: Day = Day(-719_162);

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
    set_window(client, relation, cutoff, true).await?;
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
    set_window(client, relation, cutoff, false).await?;
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
    cutoff: Day,
    touched_only: bool,
) -> Result<(), ExtractError> {
    let before = if relation.is_sampled() { None } else { Some(cutoff.date()) };
    let clear = include_str!("../../../sql/queries/silver/clear_window.sql");
    client.execute(clear, &[]).await.map_err(ExtractError::database("clear_window"))?;
    client
        .execute(
            include_str!("../../../sql/queries/silver/fill_window.sql"),
            &[&None::<NaiveDate>, &before, &touched_only, &0_i64],
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
