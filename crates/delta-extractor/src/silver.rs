//! Events to validity ranges: the relations of spec/02 that are stored as ranges, and how each is folded.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryBuilder, Date32Array, Int32Array, Int64Array, RecordBatch, UInt32Array};
use arrow::datatypes::{Int64Type, UInt32Type};
use arrow_copy::{Column, CopyIn, Cursor, Kind};
use memory_budget::{Budget, Reservation};
use pg_numeric::Numeric;
use reward_rules::{Day, Dictionary};
use tokio_postgres::Transaction;

use crate::ExtractError;
use crate::change::{Change, Differences, Stored, differences};
use crate::digest::{Digest, Digester};
use crate::ranges::{
    Range, Record, magnitudes, registration_windows, sampled_twice, valid_from_next_day, valid_from_same_day,
};
use crate::rows::Columns;

/// How the records of a relation become ranges, and what its value is.
#[derive(Clone, Copy)]
enum Rule {
    /// Signed changes whose running sum is the value; pattern A.
    RunningShares,
    /// Pattern A with an address as value.
    Delegation,
    /// Pattern A with bips as value.
    Split,
    /// Pattern B, ending on the day before the next record.
    Registration,
    /// Pattern B, ending on the day of the next record.
    StrategyRegistration,
    /// Samples on two days in a row.
    Samples,
    /// Magnitudes: decreases on the same day, increases on the next.
    Magnitude,
    /// Max magnitudes: on the same day.
    MaxMagnitude,
}

/// A relation that is stored as ranges.
pub(crate) struct Relation {
    /// The table.
    pub(crate) table: &'static str,
    /// The function that yields its events.
    pub(crate) events: &'static str,
    /// The indexer's table they are from.
    pub(crate) source: &'static str,
    /// Yields the key columns, `day`, and the value if there is one, of the events of some days.
    events_statement: &'static str,
    /// The same of the events of keys that are folded anew.
    statement: &'static str,
    /// Which row versions events come from that happen when its events do; `{source}` stands for the source.
    versions: &'static str,
    keys: &'static [Column],
    /// What its events say.
    value: Option<Column>,
    rule: Rule,
}

macro_rules! relation {
    ($name:literal, $source:literal, $when:literal, [$($key:literal: $kind:ident),*], $value:expr, $rule:ident) => {
        Relation {
            table: concat!($name, "_ranges"),
            events: concat!($name, "_events"),
            source: $source,
            events_statement: include_str!(concat!("../../../sql/queries/events/", $name, ".sql")),
            statement: include_str!(concat!("../../../sql/queries/events/", $name, "_ranges.sql")),
            versions: include_str!(concat!("../../../sql/queries/marks/versions/", $when, ".sql")),
            keys: &[$(Column::new($key, Kind::$kind)),*],
            value: $value,
            rule: Rule::$rule,
        }
    };
}

const SHARES: Option<Column> = Some(Column::new("shares", Kind::Numeric));
const SPLIT: Option<Column> = Some(Column::new("split", Kind::Int4));
const REGISTERED: Option<Column> = Some(Column::new("registered", Kind::Bool));

/// In the order of spec/00 §3.
pub(crate) static RELATIONS: [Relation; 13] = [
    relation!("operator_avs_registration", "avs_operator_state_changes", "of_block", ["avs": Id, "operator": Id], REGISTERED, Registration),
    relation!("operator_avs_strategy", "operator_restaked_strategies", "of_own_time", ["operator": Id, "avs": Id, "strategy": Id], None, Samples),
    relation!("operator_share", "operator_share_deltas", "of_own_time", ["operator": Id, "strategy": Id], SHARES, RunningShares),
    relation!("staker_share", "staker_share_deltas", "of_own_time", ["staker": Id, "strategy": Id], SHARES, RunningShares),
    relation!("staker_delegation", "staker_delegation_changes", "of_block", ["staker": Id], Some(Column::new("operator", Kind::Id)), Delegation),
    relation!("operator_avs_split", "operator_avs_splits", "of_activation", ["operator": Id, "avs": Id], SPLIT, Split),
    relation!("operator_pi_split", "operator_pi_splits", "of_activation", ["operator": Id], SPLIT, Split),
    relation!("default_operator_split", "default_operator_splits", "of_block", [], SPLIT, Split),
    relation!(
        "operator_set_split", "operator_set_splits", "of_activation",
        ["operator": Id, "avs": Id, "operator_set_id": Int8],
        SPLIT,
        Split
    ),
    relation!(
        "operator_set_operator_registration", "operator_set_operator_registrations", "of_block",
        ["operator": Id, "avs": Id, "operator_set_id": Int8],
        REGISTERED,
        Registration
    ),
    relation!(
        "operator_set_strategy_registration", "operator_set_strategy_registrations", "of_block",
        ["strategy": Id, "avs": Id, "operator_set_id": Int8],
        REGISTERED,
        StrategyRegistration
    ),
    relation!(
        "operator_allocation", "operator_allocations", "of_effect",
        ["operator": Id, "avs": Id, "strategy": Id, "operator_set_id": Int8],
        Some(Column::new("magnitude", Kind::Numeric)),
        Magnitude
    ),
    relation!(
        "operator_max_magnitude", "operator_max_magnitudes", "of_block",
        ["operator": Id, "strategy": Id],
        Some(Column::new("max_magnitude", Kind::Numeric)),
        MaxMagnitude
    ),
];

/// A key of up to four columns: ids and operator set numbers.
pub(crate) type Key = [i64; 4];

impl Relation {
    /// Yields which row versions its events come from.
    pub(crate) fn versions(&self) -> String {
        self.versions.replace("{source}", self.source)
    }

    /// Whether its source has a row a day and no cutoff (Q14), instead of a row a change.
    pub(crate) fn is_sampled(&self) -> bool {
        matches!(self.rule, Rule::Samples)
    }

    /// Whether its events count when they are activated, not at their block.
    pub(crate) fn is_split(&self) -> bool {
        matches!(self.rule, Rule::Split)
    }

    pub(crate) fn key_names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|column| column.name).collect()
    }

    pub(crate) fn keys(&self) -> &'static [Column] {
        self.keys
    }

    /// What its events say, if more than that they are there.
    pub(crate) fn value(&self) -> Option<Column> {
        self.value
    }

    /// What its ranges say; those of registrations are there or not.
    pub(crate) fn stored_value(&self) -> Option<Column> {
        match self.rule {
            Rule::Registration | Rule::StrategyRegistration | Rule::Samples => None,
            _ => self.value,
        }
    }

    fn event_columns(&self) -> Vec<Column> {
        self.keys.iter().copied().chain([Column::new("day", Kind::Day)]).chain(self.value).collect()
    }

    /// Folds the events of the days from `since` on, before the cutoff, into the ranges that are stored: the open one of each key
    /// that has any. Without `since`, there are no ranges. Gives the numbers of removed and added ranges.
    pub(crate) async fn extend(
        &'static self,
        client: &Transaction<'_>,
        days: (Option<Day>, Day),
        first_block: i64,
        digest: &mut Digester,
        budget: &Budget,
    ) -> Result<(u64, u64), ExtractError> {
        let stored = Stored { client, relation: self };
        let columns = self.event_columns();
        let mut chunks = self.read_events(client, &columns, days, first_block, budget).await?;
        let (mut removed, mut added) = (0, 0);
        while let Some(events) = chunks.next().await? {
            digest.add(self, &events, &chunks.dictionary)?;
            let open = match days.0 {
                Some(_) => stored.open(self.distinct_keys(&events)?.into_iter(), &mut chunks.dictionary).await?,
                None => Vec::new(),
            };
            let change = change(self, &events, &open)?;
            drop(events);
            let (fewer, more) = stored.apply(&change, &chunks.dictionary).await?;
            removed += fewer;
            added += more;
        }
        Ok((removed, added))
    }

    /// Digests the events of some days.
    pub(crate) async fn digest(
        &'static self,
        client: &Transaction<'_>,
        days: (Option<Day>, Day),
        budget: &Budget,
    ) -> Result<Digest, ExtractError> {
        let columns = self.event_columns();
        let mut chunks = self.read_events(client, &columns, days, 0, budget).await?;
        let mut digester = Digester::default();
        while let Some(events) = chunks.next().await? {
            digester.add(self, &events, &chunks.dictionary)?;
        }
        Ok(digester.digest)
    }

    async fn read_events<'a>(
        &'static self,
        client: &'a Transaction<'a>,
        columns: &'a [Column],
        (since, before): (Option<Day>, Day),
        first_block: i64,
        budget: &Budget,
    ) -> Result<Chunks<'a>, ExtractError> {
        let since = since.map_or_else(|| "-infinity".to_owned(), |day| day.to_string());
        let cursor = Cursor::open(client, self.events_statement, &[&since, &before.to_string(), &first_block], columns)
            .await
            .map_err(ExtractError::copy(self.table))?;
        Ok(Chunks::new(self, cursor, budget))
    }

    /// The keys of events that come key by key.
    fn distinct_keys(&'static self, batches: &[RecordBatch]) -> Result<Vec<Key>, ExtractError> {
        let mut keys: Vec<Key> = Vec::new();
        for batch in batches {
            let columns = Columns::new(self.table, batch);
            for row in columns.rows() {
                let key = self.key(&columns, row)?;
                if keys.last() != Some(&key) {
                    keys.push(key);
                }
            }
        }
        Ok(keys)
    }

    /// The ranges of a batch of a relation that stores no values.
    pub(crate) fn ranges(&'static self, batch: &RecordBatch) -> Result<Vec<Range<Key, ()>>, ExtractError> {
        let columns = Columns::new(self.table, batch);
        let width = batch.num_columns();
        let range = |row| {
            let (from, to) = (columns.day(width - 2, row)?, columns.optional_day(width - 1, row)?);
            Ok(Range { key: self.key(&columns, row)?, value: (), from, to })
        };
        columns.rows().map(range).collect()
    }

    fn key(&self, columns: &Columns<'_>, row: usize) -> Result<Key, ExtractError> {
        let mut key = [0; 4];
        for (index, column) in self.keys.iter().enumerate() {
            key[index] = match column.kind {
                Kind::Int8 => columns.int8(index, row)?,
                _ => i64::from(columns.id(index, row)?.0),
            };
        }
        Ok(key)
    }

    /// Folds the events of the window, and the carried ranges before them, into the temp table `fresh_ranges`.
    ///
    /// Events come ordered by key.
    pub(crate) async fn fold_into_fresh(
        &'static self,
        client: &Transaction<'_>,
        budget: &Budget,
    ) -> Result<(), ExtractError> {
        let table = self.table;
        let copy_error = || ExtractError::copy(table);
        client
            .execute(include_str!("../../../sql/queries/begin_fresh_ranges.sql"), &[&table])
            .await
            .map_err(ExtractError::database(table))?;
        let columns = self.event_columns();
        let cursor = Cursor::open(client, self.statement, &[], &columns).await.map_err(copy_error())?;
        let mut chunks = Chunks::new(self, cursor, budget);
        while let Some(events) = chunks.next().await? {
            let change = change(self, &events, &[])?;
            drop(events);
            let statement = include_str!("../../../sql/queries/copy_fresh_ranges.sql");
            let mut copy = CopyIn::start(client, statement).await.map_err(copy_error())?;
            copy.send(&change.added, &chunks.dictionary).await.map_err(copy_error())?;
            copy.finish().await.map_err(copy_error())?;
        }
        Ok(())
    }

    /// The first row of a batch from which on all rows have the key of the last one.
    fn last_key_begins_at(&self, batch: &RecordBatch) -> usize {
        let last = batch.num_rows().saturating_sub(1);
        let same = |row: usize| {
            self.keys.iter().enumerate().all(|(index, column)| match column.kind {
                Kind::Int8 => {
                    let values = batch.column(index).as_primitive::<Int64Type>();
                    values.value(row) == values.value(last)
                }
                _ => {
                    let values = batch.column(index).as_primitive::<UInt32Type>();
                    values.value(row) == values.value(last)
                }
            })
        };
        (0..last).rev().find(|&row| !same(row)).map_or(0, |row| row + 1)
    }
}

/// Events in chunks of whole keys; a chunk is folded and sent before the next is read, so memory follows the chunk and the number
/// of keys, not the history.
struct Chunks<'a> {
    relation: &'static Relation,
    cursor: Cursor<'a>,
    /// Each relation has its own, so that memory follows the largest relation, not their sum.
    dictionary: Dictionary,
    memory: Reservation,
    /// The beginning of the next chunk.
    begun: Vec<RecordBatch>,
    exhausted: bool,
}

impl<'a> Chunks<'a> {
    fn new(relation: &'static Relation, cursor: Cursor<'a>, budget: &Budget) -> Self {
        let memory = budget.reservation("events being folded");
        Self { relation, cursor, dictionary: Dictionary::new(), memory, begun: Vec::new(), exhausted: false }
    }

    async fn next(&mut self) -> Result<Option<Vec<RecordBatch>>, ExtractError> {
        let mut complete = std::mem::take(&mut self.begun);
        while !self.exhausted {
            let next = self.cursor.next(&mut self.dictionary).await.map_err(ExtractError::copy(self.relation.table))?;
            let Some(batch) = next else {
                self.exhausted = true;
                break;
            };
            // The last key of a batch may go on in the next one.
            let row = self.relation.last_key_begins_at(&batch);
            let rows_before: usize = complete.iter().map(RecordBatch::num_rows).sum();
            if row > 0 && rows_before + row >= CHUNK_ROWS {
                complete.push(batch.slice(0, row));
                self.begun.push(batch.slice(row, batch.num_rows() - row));
                break;
            }
            complete.push(batch);
            self.memory.resize(self.dictionary.memory_bytes() + memory_of(&complete))?;
        }
        if complete.is_empty() {
            return Ok(None);
        }
        // The records, the ranges made of them and their batch exist together.
        let bytes = self.dictionary.memory_bytes() + memory_of(&self.begun) + 4 * memory_of(&complete);
        self.memory.resize(bytes)?;
        Ok(Some(complete))
    }
}

/// How many events are folded at once, at least; fewer keys are never cut.
const CHUNK_ROWS: usize = 65_536;

fn memory_of(batches: &[RecordBatch]) -> u64 {
    // A slice counts as what it is a slice of; a row of the widest relation is about 80 bytes.
    batches.iter().map(|batch| batch.num_rows() as u64 * 80).sum()
}

/// Reads a value.
type Value<'f, V> = &'f dyn Fn(&Columns<'_>, usize, usize) -> Result<V, ExtractError>;

/// Folds the records of whole keys.
type Fold<'f, E, V> = &'f dyn Fn(Vec<Record<Key, E>>) -> Vec<Range<Key, V>>;

/// Makes a column of the values of ranges.
type Values<'f, V> = &'f dyn Fn(&[Range<Key, V>]) -> Option<ArrayRef>;

/// How a relation's events, with a value E, become ranges with a value V.
struct Folding<'f, E, V> {
    event: Value<'f, E>,
    range: Value<'f, V>,
    /// An open range as the event that would make it.
    as_event: &'f dyn Fn(Range<Key, V>) -> Record<Key, E>,
    fold: Fold<'f, E, V>,
    /// The values of ranges as a column, if they are stored.
    column: Values<'f, V>,
}

impl<E, V: Clone + PartialEq> Folding<'_, E, V> {
    fn change(
        &self,
        relation: &'static Relation,
        events: &[RecordBatch],
        open: &[RecordBatch],
    ) -> Result<Change, ExtractError> {
        let mut there = HashMap::new();
        let mut open_of: HashMap<Key, Range<Key, V>> = HashMap::new();
        for batch in open {
            let columns = Columns::new(relation.table, batch);
            let width = batch.num_columns();
            for row in columns.rows() {
                let range = Range {
                    key: relation.key(&columns, row)?,
                    value: (self.range)(&columns, relation.keys.len(), row)?,
                    from: columns.day(width - 2, row)?,
                    to: columns.optional_day(width - 1, row)?,
                };
                there.insert((range.key, range.from), range.clone());
                open_of.insert(range.key, range);
            }
        }
        let mut records: Vec<Record<Key, E>> =
            Vec::with_capacity(events.iter().map(RecordBatch::num_rows).sum::<usize>() + open_of.len());
        for batch in events {
            let columns = Columns::new(relation.table, batch);
            for row in columns.rows() {
                let key = relation.key(&columns, row)?;
                if records.last().is_none_or(|last| last.key != key)
                    && let Some(open) = open_of.remove(&key)
                {
                    records.push((self.as_event)(open));
                }
                let day = columns.day(relation.keys.len(), row)?;
                records.push(Record { key, day, value: (self.event)(&columns, relation.keys.len() + 1, row)? });
            }
        }
        let Differences { removed, ended, added } = differences(&there, (self.fold)(records));
        let added = encode(relation, &added, (self.column)(&added))?;
        Ok(Change { removed, ended, added })
    }
}

/// What events make of the open ranges of their keys.
fn change(relation: &'static Relation, events: &[RecordBatch], open: &[RecordBatch]) -> Result<Change, ExtractError> {
    let day_before = |Day(day)| Day(day - 1);
    match relation.rule {
        Rule::RunningShares | Rule::Magnitude => Folding {
            event: &|columns, column, row| columns.numeric(column, row),
            range: &|columns, column, row| columns.numeric(column, row),
            as_event: &|range| Record { key: range.key, day: day_before(range.from), value: range.value },
            fold: &|records| match relation.rule {
                Rule::Magnitude => magnitudes(records),
                _ => valid_from_next_day(running_sums(records)),
            },
            column: &|ranges| Some(numerics(ranges)),
        }
        .change(relation, events, open),
        Rule::MaxMagnitude => Folding {
            event: &|columns, column, row| columns.numeric(column, row),
            range: &|columns, column, row| columns.numeric(column, row),
            as_event: &|range| Record { key: range.key, day: range.from, value: range.value },
            fold: &|records| valid_from_same_day(records),
            column: &|ranges| Some(numerics(ranges)),
        }
        .change(relation, events, open),
        Rule::Delegation => Folding {
            event: &|columns, column, row| columns.id(column, row),
            range: &|columns, column, row| columns.id(column, row),
            as_event: &|range| Record { key: range.key, day: day_before(range.from), value: range.value },
            fold: &|records| valid_from_next_day(records),
            column: &|ranges| Some(Arc::new(UInt32Array::from_iter_values(ranges.iter().map(|range| range.value.0)))),
        }
        .change(relation, events, open),
        Rule::Split => Folding {
            event: &|columns, column, row| columns.int4(column, row),
            range: &|columns, column, row| columns.int4(column, row),
            as_event: &|range| Record { key: range.key, day: day_before(range.from), value: range.value },
            fold: &|records| valid_from_next_day(records),
            column: &|ranges| Some(Arc::new(Int32Array::from_iter_values(ranges.iter().map(|range| range.value)))),
        }
        .change(relation, events, open),
        Rule::Registration | Rule::StrategyRegistration => Folding {
            event: &|columns, column, row| columns.boolean(column, row),
            range: &|_, _, _| Ok(()),
            as_event: &|range| Record { key: range.key, day: day_before(range.from), value: true },
            fold: &|records| registration_windows(records, matches!(relation.rule, Rule::StrategyRegistration)),
            column: &|_| None,
        }
        .change(relation, events, open),
        Rule::Samples => Folding {
            event: &|_, _, _| Ok(()),
            range: &|_, _, _| Ok(()),
            as_event: &|range| Record { key: range.key, day: range.from, value: () },
            fold: &|records| sampled_twice(records.into_iter().map(|record| (record.key, record.day))),
            column: &|_| None,
        }
        .change(relation, events, open),
    }
}

/// Changes to running sums per key (spec/02 §2).
fn running_sums(mut changes: Vec<Record<Key, Numeric>>) -> Vec<Record<Key, Numeric>> {
    for index in 1..changes.len() {
        let (before, from) = changes.split_at_mut(index);
        if let (Some(previous), Some(current)) = (before.last(), from.first_mut())
            && previous.key == current.key
        {
            current.value += &previous.value;
        }
    }
    changes
}

fn numerics(ranges: &[Range<Key, Numeric>]) -> ArrayRef {
    let mut builder = BinaryBuilder::new();
    let mut wire = Vec::new();
    for range in ranges {
        wire.clear();
        range.value.write_wire(&mut wire);
        builder.append_value(&wire);
    }
    Arc::new(builder.finish())
}

pub(crate) fn encode<V>(
    relation: &Relation,
    ranges: &[Range<Key, V>],
    values: Option<ArrayRef>,
) -> Result<RecordBatch, ExtractError> {
    let key = |(index, column): (usize, &Column)| -> ArrayRef {
        match column.kind {
            Kind::Int8 => Arc::new(Int64Array::from_iter_values(ranges.iter().map(|range| range.key[index]))),
            _ => Arc::new(UInt32Array::from_iter_values(
                // A key of an id column was made from an id.
                ranges.iter().map(|range| u32::try_from(range.key[index]).unwrap_or(u32::MAX)),
            )),
        }
    };
    let valid_from: ArrayRef = Arc::new(Date32Array::from_iter_values(ranges.iter().map(|range| range.from.0)));
    let valid_to: ArrayRef = Arc::new(Date32Array::from_iter(ranges.iter().map(|range| range.to.map(|Day(day)| day))));
    let columns: Vec<Column> = relation
        .keys
        .iter()
        .copied()
        .chain(relation.stored_value())
        .chain([Column::new("valid_from", Kind::Day), Column::new("valid_to", Kind::Day)])
        .collect();
    let arrays = relation.keys.iter().enumerate().map(key).chain(values).chain([valid_from, valid_to]).collect();
    RecordBatch::try_new(Column::schema(&columns), arrays)
        .map_err(|error| ExtractError::Copy { what: relation.table, source: error.into() })
}
