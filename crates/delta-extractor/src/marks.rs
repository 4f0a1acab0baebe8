//! Whether what earlier runs have read is still there, row version by row version.
//!
//! One pass over each source table, without looking into the rows: which versions (`ctid`, `xmin`) there are of the rows read
//! before, and of those to be read now. A row that is inserted, updated or deleted changes the mark; a dump and restore does
//! so too, and then [`refresh_silver`](crate::refresh_silver) compares contents day by day. Views and foreign tables have no
//! row versions: their contents are compared every time.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use futures_util::future::join_all;
use reward_rules::Day;
use tokio_postgres::Transaction;

use crate::ExtractError;
use crate::silver::{RELATIONS, Relation};

/// How many row versions, and a hash over them.
pub(crate) type Mark = (i64, Option<i64>);

/// The tables of submissions. What was checked of them is kept; silver is not made of them.
const SUBMISSIONS: [&str; 5] = [
    "reward_submissions",
    "operator_directed_reward_submissions",
    "operator_directed_operator_set_reward_submissions",
    "unique_stake_reward_submissions",
    "total_stake_reward_submissions",
];

/// Under this name the submissions that were set aside are kept among them.
const QUARANTINE: &str = "quarantine";

/// What is known of a relation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RelationMark {
    /// The day before which its events have been read.
    pub(crate) read_before: Option<Day>,
    /// Whether they are the same row versions still.
    pub(crate) unchanged: bool,
    /// The versions up to the cutoff; `None` if the source has none.
    pub(crate) now: Option<Mark>,
    /// No event of the day before what is new, or later, is of a block below this one.
    pub(crate) first_block: i64,
    /// Whether there may be events of the days from `read_before` on, before the cutoff.
    pub(crate) has_new_rows: bool,
}

/// The mark of two sets of versions without common ones.
fn both(one: Mark, other: Mark) -> Mark {
    let mark = match (one.1, other.1) {
        (Some(one), Some(other)) => Some(one ^ other),
        (one, other) => one.or(other),
    };
    (one.0 + other.0, mark)
}

/// The marks of all sources at a cutoff.
#[derive(Clone, Debug)]
pub struct Marks {
    relations: HashMap<&'static str, RelationMark>,
    /// Of the submission tables and the quarantine.
    pub(crate) checked: Vec<(String, Mark)>,
    pub(crate) last_block: i64,
    cutoff: Day,
    checked_since: Option<Day>,
    pub(crate) rows_are_checked: bool,
}

impl Marks {
    /// No sample of a restaked strategy from the day before [`checked_since`](Self::checked_since) on is of a lower block: the
    /// samples have an index by block alone.
    #[must_use]
    pub fn first_sample_block(&self) -> i64 {
        self.of("operator_avs_strategy_ranges").first_block
    }

    /// The same for the other events, but for splits: those that were known on the day before are of lower blocks, too.
    #[must_use]
    pub fn first_event_block(&self) -> i64 {
        let by_block = RELATIONS.iter().filter(|relation| !relation.is_sampled() && !relation.is_split());
        by_block.map(|relation| self.of(relation.table).first_block).min().unwrap_or_default()
    }

    /// At which cutoff they were taken.
    #[must_use]
    pub fn cutoff(&self) -> Day {
        self.cutoff
    }

    /// Notes that the rows were checked after these marks had been taken: only then may a later run trust them.
    #[must_use]
    pub fn checked(self) -> Self {
        Self { rows_are_checked: true, ..self }
    }

    /// The day from which on rows have not been checked yet, if all rows of the days before are those that an earlier run has
    /// checked; `None` if everything has to be checked.
    #[must_use]
    pub fn checked_since(&self) -> Option<Day> {
        self.checked_since
    }

    pub(crate) fn of(&self, table: &str) -> RelationMark {
        self.relations.get(table).copied().unwrap_or(RelationMark {
            read_before: None,
            unchanged: false,
            now: None,
            first_block: 0,
            has_new_rows: true,
        })
    }
}

/// What is stored of a source.
struct Known {
    read_before: Day,
    last_block: Option<i64>,
    mark: Option<Mark>,
}

/// Compares what earlier runs have read with what is there now. The tables are shared out to the transactions by their size.
///
/// # Errors
/// If the server refuses.
pub async fn read_marks(
    client: &Transaction<'_>,
    helper: Option<&Transaction<'_>>,
    cutoff: Day,
) -> Result<Marks, ExtractError> {
    let known = known_sources(client).await?;
    let sources: Vec<&str> =
        RELATIONS.iter().map(|relation| relation.source).chain(SUBMISSIONS).chain(["blocks"]).collect();
    let plain: HashMap<String, i64> = client
        .query(include_str!("../../../sql/queries/marks/plain_tables.sql"), &[&sources])
        .await
        .map_err(ExtractError::database("plain_tables"))?
        .iter()
        .map(|row| (row.get("name"), row.get::<_, Option<i64>>("bytes").unwrap_or_default()))
        .collect();
    let bytes_of = |relation: &Relation| plain.get(relation.source).copied().unwrap_or_default();
    let mut by_size: Vec<&'static Relation> = RELATIONS.iter().collect();
    by_size.sort_by_key(|relation| std::cmp::Reverse(bytes_of(relation)));
    let (mut bytes, mut helper_bytes, mut helped) = (0, 0, HashSet::new());
    for relation in by_size {
        if helper.is_some() && helper_bytes < bytes {
            helper_bytes += bytes_of(relation);
            helped.insert(relation.table);
        } else {
            bytes += bytes_of(relation);
        }
    }
    let mut relations = HashMap::new();
    // None as soon as something is not as it was checked.
    let mut checked_before: Option<Option<Day>> = None;
    let mut trusted = true;
    let versions =
        join_all(RELATIONS.iter().map(|relation| {
            let has_versions = plain.contains_key(relation.source) && plain.contains_key("blocks");
            let read_before = known.get(relation.table).map_or(cutoff, |known| known.read_before);
            let client = helper.filter(|_| helped.contains(relation.table)).unwrap_or(client);
            async move {
                if has_versions { versions(client, relation, read_before, cutoff).await.map(Some) } else { Ok(None) }
            }
        }));
    for (relation, versions) in RELATIONS.iter().zip(versions.await) {
        let before = known.get(relation.table);
        let read_before = before.map(|known| known.read_before);
        let mut mark = RelationMark { read_before, unchanged: false, now: None, first_block: 0, has_new_rows: true };
        let mut blockless = 0_i64;
        if let Some(versions) = versions? {
            let Versions { read, now, .. } = versions;
            mark.unchanged = before.is_some_and(|known| known.mark == Some(read));
            mark.now = Some(now);
            mark.first_block = versions.first_block;
            mark.has_new_rows = read_before.is_none() || versions.new_rows > 0;
            blockless = versions.blockless;
        }
        trusted &= mark.unchanged && blockless == 0 && *checked_before.get_or_insert(read_before) == read_before;
        relations.insert(relation.table, mark);
    }

    let last_block: i64 = client
        .query_one(include_str!("../../../sql/queries/marks/last_block.sql"), &[&cutoff.date()])
        .await
        .map_err(ExtractError::database("last_block"))?
        .get("number");
    let checked_block = known.values().find_map(|known| known.last_block).unwrap_or(-1);
    let mut checked = Vec::with_capacity(SUBMISSIONS.len() + 1);
    for source in SUBMISSIONS {
        if !plain.contains_key(source) {
            trusted = false;
            continue;
        }
        let statement = include_str!("../../../sql/queries/marks/submissions.sql").replace("{source}", source);
        let row = client
            .query_one(&statement, &[&checked_block, &last_block])
            .await
            .map_err(ExtractError::database("marks/submissions"))?;
        let read = (row.get("read_rows"), row.get("read_mark"));
        trusted &= known.get(source).is_some_and(|known| known.mark == Some(read));
        checked.push((source.to_owned(), (row.get("new_rows"), row.get("new_mark"))));
    }
    let row = client
        .query_one(include_str!("../../../sql/queries/marks/quarantine.sql"), &[])
        .await
        .map_err(ExtractError::database("marks/quarantine"))?;
    let set_aside = (row.get("rows"), row.get("mark"));
    trusted &= known.get(QUARANTINE).is_some_and(|known| known.mark == Some(set_aside));
    checked.push((QUARANTINE.to_owned(), set_aside));
    let checked_since = checked_before.flatten().filter(|before| trusted && *before <= cutoff);
    Ok(Marks { relations, checked, last_block, cutoff, checked_since, rows_are_checked: false })
}

/// The row versions of a source.
struct Versions {
    /// Those of the days that have been read.
    read: Mark,
    /// Those up to the cutoff.
    now: Mark,
    /// How many there are of the days between.
    new_rows: i64,
    first_block: i64,
    blockless: i64,
}

/// Versions are combined by exclusive or, so those up to the later of two days are those before the earlier one and those
/// between the two.
async fn versions(
    client: &Transaction<'_>,
    relation: &Relation,
    read_before: Day,
    cutoff: Day,
) -> Result<Versions, ExtractError> {
    let (early, late) = (read_before.min(cutoff), read_before.max(cutoff));
    let row = client
        .query_one(&relation.versions(), &[&early.date(), &late.date()])
        .await
        .map_err(ExtractError::database(relation.table))?;
    let before_early: Mark = (row.get("early_rows"), row.get("early_mark"));
    let before_late = both(before_early, (row.get("late_rows"), row.get("late_mark")));
    let (read, now) = if read_before <= cutoff { (before_early, before_late) } else { (before_late, before_early) };
    Ok(Versions {
        read,
        now,
        new_rows: now.0.saturating_sub(read.0),
        first_block: row.get::<_, Option<i64>>("first_block").unwrap_or(i64::MAX),
        blockless: row.get("blockless"),
    })
}

async fn known_sources(client: &Transaction<'_>) -> Result<HashMap<String, Known>, ExtractError> {
    let rows = client
        .query(include_str!("../../../sql/queries/marks/known_sources.sql"), &[])
        .await
        .map_err(ExtractError::database("known_sources"))?;
    Ok(rows
        .iter()
        .map(|row| {
            let rows: Option<i64> = row.get("physical_rows");
            let known = Known {
                read_before: Day::from(row.get::<_, NaiveDate>("read_before")),
                last_block: row.get("last_block"),
                mark: rows.map(|rows| (rows, row.get("physical"))),
            };
            (row.get("relation"), known)
        })
        .collect())
}
