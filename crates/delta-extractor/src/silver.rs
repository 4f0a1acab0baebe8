//! Events to stored validity ranges: the silver relations of spec/02, as ranges.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder, Date32Array, Int32Array, Int64Array, RecordBatch, UInt32Array};
use arrow_copy::{Column, CopyIn, Kind, copy_out};
use pg_numeric::Numeric;
use reward_rules::{Day, Dictionary, Id};
use tokio_postgres::Transaction;
use tracing::debug;

use crate::ranges::{
    Range, Record, magnitudes, registration_windows, sampled_twice, valid_from_next_day, valid_from_same_day,
};
use crate::rows::Columns;
use crate::{ExtractError, RunInput};

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
struct Relation {
    /// The table, and the name of its events statement.
    table: &'static str,
    /// Yields the key columns, `day`, and the value if there is one.
    events: &'static str,
    keys: &'static [Column],
    value: Option<Column>,
    rule: Rule,
}

macro_rules! relation {
    ($table:literal, [$($key:literal: $kind:ident),*], $value:expr, $rule:ident) => {
        Relation {
            table: $table,
            events: include_str!(concat!("../../../sql/queries/events/", $table, ".sql")),
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
static RELATIONS: [Relation; 13] = [
    relation!("operator_avs_registration_ranges", ["avs": Id, "operator": Id], REGISTERED, Registration),
    relation!("operator_avs_strategy_ranges", ["operator": Id, "avs": Id, "strategy": Id], None, Samples),
    relation!("operator_share_ranges", ["operator": Id, "strategy": Id], SHARES, RunningShares),
    relation!("staker_share_ranges", ["staker": Id, "strategy": Id], SHARES, RunningShares),
    relation!("staker_delegation_ranges", ["staker": Id], Some(Column::new("operator", Kind::Id)), Delegation),
    relation!("operator_avs_split_ranges", ["operator": Id, "avs": Id], SPLIT, Split),
    relation!("operator_pi_split_ranges", ["operator": Id], SPLIT, Split),
    relation!("default_operator_split_ranges", [], SPLIT, Split),
    relation!(
        "operator_set_split_ranges",
        ["operator": Id, "avs": Id, "operator_set_id": Int8],
        SPLIT,
        Split
    ),
    relation!(
        "operator_set_operator_registration_ranges",
        ["operator": Id, "avs": Id, "operator_set_id": Int8],
        REGISTERED,
        Registration
    ),
    relation!(
        "operator_set_strategy_registration_ranges",
        ["strategy": Id, "avs": Id, "operator_set_id": Int8],
        REGISTERED,
        StrategyRegistration
    ),
    relation!(
        "operator_allocation_ranges",
        ["operator": Id, "avs": Id, "strategy": Id, "operator_set_id": Int8],
        Some(Column::new("magnitude", Kind::Numeric)),
        Magnitude
    ),
    relation!(
        "operator_max_magnitude_ranges",
        ["operator": Id, "strategy": Id],
        Some(Column::new("max_magnitude", Kind::Numeric)),
        MaxMagnitude
    ),
];

/// What a refresh did to one relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshedRelation {
    /// The range table.
    pub table: &'static str,
    /// Ranges that were removed or changed.
    pub removed: u64,
    /// Ranges that were added or changed.
    pub added: u64,
}

/// A key of up to four columns: ids and operator set numbers.
type Key = [i64; 4];

/// Folds the events of every relation before the cutoff into ranges and stores what changed.
///
/// Deriving everything from the events gives the incremental tables of the reference (spec/02, introduction); only
/// ranges that differ are written.
///
/// # Errors
/// If reading or writing fails.
pub async fn refresh_silver(client: &Transaction<'_>, input: RunInput) -> Result<Vec<RefreshedRelation>, ExtractError> {
    let mut refreshed = Vec::with_capacity(RELATIONS.len());
    for relation in &RELATIONS {
        // Each relation has its own dictionary, so that memory follows the largest relation, not their sum.
        let mut dictionary = Dictionary::new();
        let batches = read_events(client, relation, &mut dictionary).await?;
        let fresh = fold(relation, &batches)?;
        let done = store(client, relation, &fresh, &dictionary).await?;
        debug!(table = done.table, removed = done.removed, added = done.added, "silver refreshed");
        refreshed.push(done);
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

async fn read_events(
    client: &Transaction<'_>,
    relation: &Relation,
    dictionary: &mut Dictionary,
) -> Result<Vec<RecordBatch>, ExtractError> {
    let columns: Vec<Column> =
        relation.keys.iter().copied().chain([Column::new("day", Kind::Day)]).chain(relation.value).collect();
    copy_out(client, relation.events, &columns, dictionary).await.map_err(ExtractError::copy(relation.table))
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

async fn store(
    client: &Transaction<'_>,
    relation: &Relation,
    fresh: &RecordBatch,
    dictionary: &Dictionary,
) -> Result<RefreshedRelation, ExtractError> {
    let table = relation.table;
    client
        .execute(include_str!("../../../sql/queries/begin_fresh_ranges.sql"), &[&table])
        .await
        .map_err(ExtractError::database(table))?;
    let statement = include_str!("../../../sql/queries/copy_fresh_ranges.sql");
    let mut copy = CopyIn::start(client, statement).await.map_err(ExtractError::copy(table))?;
    copy.send(fresh, dictionary).await.map_err(ExtractError::copy(table))?;
    copy.finish().await.map_err(ExtractError::copy(table))?;
    let row = client
        .query_one(include_str!("../../../sql/queries/apply_fresh_ranges.sql"), &[&table])
        .await
        .map_err(ExtractError::database(table))?;
    let count = |index: usize| u64::try_from(row.get::<_, i64>(index)).unwrap_or(0);
    Ok(RefreshedRelation { table, removed: count(0), added: count(1) })
}
