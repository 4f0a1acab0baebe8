//! Events to validity ranges: the relations of spec/02 that are stored as ranges, and how each is folded.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryBuilder, Date32Array, Int32Array, Int64Array, RecordBatch, UInt32Array};
use arrow::datatypes::{Int64Type, UInt32Type};
use arrow_copy::{Column, CopyIn, Cursor, Kind};
use memory_budget::Budget;
use pg_numeric::Numeric;
use reward_rules::{Day, Dictionary, Id};
use tokio_postgres::Transaction;

use crate::ExtractError;
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
    /// Yields the key columns, `day`, and the value if there is one, of the window's events and the carried ranges.
    statement: &'static str,
    /// Which row versions its events come from.
    pub(crate) versions: &'static str,
    keys: &'static [Column],
    value: Option<Column>,
    rule: Rule,
}

macro_rules! relation {
    ($name:literal, $source:literal, [$($key:literal: $kind:ident),*], $value:expr, $rule:ident) => {
        Relation {
            table: concat!($name, "_ranges"),
            events: concat!($name, "_events"),
            source: $source,
            statement: include_str!(concat!("../../../sql/queries/events/", $name, "_ranges.sql")),
            versions: include_str!(concat!("../../../sql/queries/marks/versions/", $name, ".sql")),
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
    relation!("operator_avs_registration", "avs_operator_state_changes", ["avs": Id, "operator": Id], REGISTERED, Registration),
    relation!("operator_avs_strategy", "operator_restaked_strategies", ["operator": Id, "avs": Id, "strategy": Id], None, Samples),
    relation!("operator_share", "operator_share_deltas", ["operator": Id, "strategy": Id], SHARES, RunningShares),
    relation!("staker_share", "staker_share_deltas", ["staker": Id, "strategy": Id], SHARES, RunningShares),
    relation!("staker_delegation", "staker_delegation_changes", ["staker": Id], Some(Column::new("operator", Kind::Id)), Delegation),
    relation!("operator_avs_split", "operator_avs_splits", ["operator": Id, "avs": Id], SPLIT, Split),
    relation!("operator_pi_split", "operator_pi_splits", ["operator": Id], SPLIT, Split),
    relation!("default_operator_split", "default_operator_splits", [], SPLIT, Split),
    relation!(
        "operator_set_split", "operator_set_splits",
        ["operator": Id, "avs": Id, "operator_set_id": Int8],
        SPLIT,
        Split
    ),
    relation!(
        "operator_set_operator_registration", "operator_set_operator_registrations",
        ["operator": Id, "avs": Id, "operator_set_id": Int8],
        REGISTERED,
        Registration
    ),
    relation!(
        "operator_set_strategy_registration", "operator_set_strategy_registrations",
        ["strategy": Id, "avs": Id, "operator_set_id": Int8],
        REGISTERED,
        StrategyRegistration
    ),
    relation!(
        "operator_allocation", "operator_allocations",
        ["operator": Id, "avs": Id, "strategy": Id, "operator_set_id": Int8],
        Some(Column::new("magnitude", Kind::Numeric)),
        Magnitude
    ),
    relation!(
        "operator_max_magnitude", "operator_max_magnitudes",
        ["operator": Id, "strategy": Id],
        Some(Column::new("max_magnitude", Kind::Numeric)),
        MaxMagnitude
    ),
];

/// A key of up to four columns: ids and operator set numbers.
type Key = [i64; 4];

impl Relation {
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

    /// Folds the events of the window, and the carried ranges before them, into the temp table `fresh_ranges`.
    ///
    /// Events come ordered by key. They are read in chunks of whole keys, and a chunk is folded and sent before the next
    /// is read: memory follows the chunk and the number of keys, not the history.
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
        let columns: Vec<Column> =
            self.keys.iter().copied().chain([Column::new("day", Kind::Day)]).chain(self.value).collect();
        // Each relation has its own dictionary, so that memory follows the largest relation, not their sum.
        let mut dictionary = Dictionary::new();
        let mut memory = budget.reservation("events being folded");
        let mut cursor = Cursor::open(client, self.statement, &columns).await.map_err(copy_error())?;
        let mut chunk: Vec<RecordBatch> = Vec::new();
        loop {
            let next = cursor.next(&mut dictionary).await.map_err(copy_error())?;
            let last = next.is_none();
            let mut complete = std::mem::take(&mut chunk);
            if let Some(batch) = next {
                // The last key of a batch may go on in the next one.
                match self.last_key_begins_at(&batch) {
                    0 => complete.push(batch),
                    row => {
                        complete.push(batch.slice(0, row));
                        chunk.push(batch.slice(row, batch.num_rows() - row));
                    }
                }
                if chunk.is_empty() || complete.iter().map(RecordBatch::num_rows).sum::<usize>() < CHUNK_ROWS {
                    complete.append(&mut chunk);
                    chunk = complete;
                    memory.resize(dictionary.memory_bytes() + memory_of(&chunk))?;
                    continue;
                }
            }
            // The records, the ranges made of them and their batch exist together.
            memory.resize(dictionary.memory_bytes() + memory_of(&chunk) + 4 * memory_of(&complete))?;
            let fresh = fold(self, &complete)?;
            let statement = include_str!("../../../sql/queries/copy_fresh_ranges.sql");
            let mut copy = CopyIn::start(client, statement).await.map_err(copy_error())?;
            copy.send(&fresh, &dictionary).await.map_err(copy_error())?;
            copy.finish().await.map_err(copy_error())?;
            if last {
                return Ok(());
            }
        }
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

/// How many events are folded at once, at least; fewer keys are never cut.
const CHUNK_ROWS: usize = 65_536;

fn memory_of(batches: &[RecordBatch]) -> u64 {
    // A slice counts as what it is a slice of; a row of the widest relation is about 80 bytes.
    batches.iter().map(|batch| batch.num_rows() as u64 * 80).sum()
}

/// The records of a relation, in order, with their value read by `value`.
fn records<'a, V>(
    relation: &'static Relation,
    batches: &'a [RecordBatch],
    value: impl Fn(&Columns<'a>, usize, usize) -> Result<V, ExtractError> + 'a,
) -> Result<Vec<Record<Key, V>>, ExtractError> {
    let mut records = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let columns = Columns::new(relation.table, batch);
        for row in columns.rows() {
            let mut key = [0; 4];
            for (index, column) in relation.keys.iter().enumerate() {
                key[index] = match column.kind {
                    Kind::Int8 => columns.int8(index, row)?,
                    _ => i64::from(columns.id(index, row)?.0),
                };
            }
            let day = columns.day(relation.keys.len(), row)?;
            records.push(Record { key, day, value: value(&columns, relation.keys.len() + 1, row)? });
        }
    }
    Ok(records)
}

/// The ranges of a relation as a batch with the columns of its table.
fn fold(relation: &'static Relation, batches: &[RecordBatch]) -> Result<RecordBatch, ExtractError> {
    match relation.rule {
        Rule::RunningShares => {
            let changes = records(relation, batches, |columns, column, row| columns.numeric(column, row))?;
            let ranges = valid_from_next_day(running_sums(changes));
            encode(relation, &ranges, Some(numerics(&ranges)))
        }
        Rule::Delegation => {
            let ranges =
                valid_from_next_day(records(relation, batches, |columns, column, row| columns.id(column, row))?);
            let operators = UInt32Array::from_iter_values(ranges.iter().map(|range: &Range<Key, Id>| range.value.0));
            encode(relation, &ranges, Some(Arc::new(operators)))
        }
        Rule::Split => {
            let ranges =
                valid_from_next_day(records(relation, batches, |columns, column, row| columns.int4(column, row))?);
            let bips = Int32Array::from_iter_values(ranges.iter().map(|range| range.value));
            encode(relation, &ranges, Some(Arc::new(bips)))
        }
        Rule::Registration | Rule::StrategyRegistration => {
            let through_next_day = matches!(relation.rule, Rule::StrategyRegistration);
            let events = records(relation, batches, |columns, column, row| columns.boolean(column, row))?;
            encode(relation, &registration_windows(events, through_next_day), None)
        }
        Rule::Samples => {
            let samples = records(relation, batches, |_, _, _| Ok(()))?;
            encode(relation, &sampled_twice(samples.into_iter().map(|sample| (sample.key, sample.day))), None)
        }
        Rule::Magnitude => {
            let events = records(relation, batches, |columns, column, row| columns.numeric(column, row))?;
            let ranges = magnitudes(events);
            encode(relation, &ranges, Some(numerics(&ranges)))
        }
        Rule::MaxMagnitude => {
            let events = records(relation, batches, |columns, column, row| columns.numeric(column, row))?;
            let ranges = valid_from_same_day(events);
            encode(relation, &ranges, Some(numerics(&ranges)))
        }
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

fn encode<V>(
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
    let stored_value = if values.is_some() { relation.value } else { None };
    let columns: Vec<Column> = relation
        .keys
        .iter()
        .copied()
        .chain(stored_value)
        .chain([Column::new("valid_from", Kind::Day), Column::new("valid_to", Kind::Day)])
        .collect();
    let arrays = relation.keys.iter().enumerate().map(key).chain(values).chain([valid_from, valid_to]).collect();
    RecordBatch::try_new(Column::schema(&columns), arrays)
        .map_err(|error| ExtractError::Copy { what: relation.table, source: error.into() })
}
