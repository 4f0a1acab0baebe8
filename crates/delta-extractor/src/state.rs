//! The part of silver a plan needs, in memory, and the state of each of its days.

use std::collections::{HashMap, HashSet};

use arrow_copy::{Column, Kind, copy_out};
use pg_numeric::Numeric;
use reward_rules::{ById, Day, DayState, Dictionary, Id, Needs, Registered, SetId};
use tokio_postgres::Transaction;

use crate::ExtractError;
use crate::input::{Source, fill_plan_tables};
use crate::ranges::{Range, join_days};
use crate::rows::Columns;
use crate::submissions::decode;

/// The max magnitude of an operator that was never slashed (spec/02 §6).
const FULL_MAGNITUDE: i128 = 1_000_000_000_000_000_000;

/// Ranges of the relations, restricted to a plan, for all of its days.
#[derive(Debug, Default)]
pub struct State {
    staker_shares: Vec<Range<(Id, Id), Numeric>>,
    operator_shares: Vec<Range<(Id, Id), Numeric>>,
    delegations: Vec<Range<(Id, Id), ()>>,
    avs_splits: Vec<Range<(Id, Id), i32>>,
    pi_splits: Vec<Range<Id, i32>>,
    set_splits: Vec<Range<(Id, SetId), i32>>,
    default_splits: Vec<Range<(), i32>>,
    avs_registrations: Vec<Range<(Id, Id), ()>>,
    any_avs_registrations: Vec<Range<Id, ()>>,
    set_registrations: Vec<Range<(SetId, Id), ()>>,
    any_set_registrations: Vec<Range<Id, ()>>,
    set_strategies: Vec<Range<(SetId, Id), ()>>,
    restaked: Vec<Range<(Id, Id, Id), ()>>,
    allocations: Vec<Range<(Id, SetId, Id), Numeric>>,
    max_magnitudes: Vec<Range<(Id, Id), Numeric>>,
    excluded: HashSet<Id>,
}

/// AVS, operator set if there is one, operator.
type Registration = (Id, Option<i64>, Id);

/// Who was registered when, for counting the registered snapshots of a window (spec/03 §7).
#[derive(Debug, Default)]
pub struct Registrations {
    ranges: HashMap<Registration, Vec<(Day, Option<Day>)>>,
}

impl Registered for Registrations {
    fn is_registered(&self, avs: Id, operator_set_id: Option<i64>, operator: Id, snapshot: Day) -> bool {
        self.ranges.get(&(avs, operator_set_id, operator)).is_some_and(|ranges| {
            ranges.iter().any(|&(from, to)| from <= snapshot && to.is_none_or(|to| snapshot < to))
        })
    }
}

macro_rules! statement {
    ($source:expr, $name:literal) => {
        match $source {
            Source::Events => include_str!(concat!("../../../sql/queries/state/", $name, ".sql")),
            Source::Snapshots => include_str!(concat!("../../../sql/queries/daily/", $name, ".sql")),
        }
    };
}

const ID: Kind = Kind::Id;
const FROM: Column = Column::new("valid_from", Kind::Day);
const TO: Column = Column::new("valid_to", Kind::Day);

// Reads one relation: its columns but for the two of the range, the key and the value of a row.
macro_rules! read {
    ($client:ident, $source:ident, $dictionary:ident, $name:literal, [$($column:literal: $kind:expr),*],
     $columns:ident $row:ident => $key:expr, $value:expr) => {{
        let columns = [$(Column::new($column, $kind),)* FROM, TO];
        let batches = copy_out($client, statement!($source, $name), &columns, $dictionary)
            .await
            .map_err(ExtractError::copy($name))?;
        let width = columns.len();
        let days = decode($name, &batches, |$columns, $row| {
            let (from, to) = ($columns.day(width - 2, $row)?, $columns.optional_day(width - 1, $row)?);
            Ok(Range { key: $key, value: $value, from, to })
        })?;
        match $source {
            Source::Events => days,
            Source::Snapshots => join_days(days),
        }
    }};
}

fn set_of(columns: &Columns<'_>, avs: usize, row: usize) -> Result<SetId, ExtractError> {
    Ok(SetId { avs: columns.id(avs, row)?, number: columns.int8(avs + 1, row)? })
}

/// Reads the registrations of a plan's AVSs and operator sets on all of its days.
///
/// # Errors
/// If reading fails.
pub async fn read_registrations(
    client: &Transaction<'_>,
    source: Source,
    needs: &Needs,
    dictionary: &mut Dictionary,
) -> Result<Registrations, ExtractError> {
    fill_plan_tables(client, needs, dictionary).await?;
    let with_avss = read!(client, source, dictionary, "avs_registrations", ["avs": ID, "operator": ID],
        c row => (c.id(0, row)?, c.id(1, row)?), ());
    let with_sets = read!(client, source, dictionary, "set_registrations",
        ["operator": ID, "avs": ID, "operator_set_id": Kind::Int8],
        c row => (set_of(c, 1, row)?, c.id(0, row)?), ());
    let mut ranges: HashMap<_, Vec<_>> = HashMap::new();
    for range in &with_avss {
        ranges.entry((range.key.0, None, range.key.1)).or_default().push((range.from, range.to));
    }
    for range in &with_sets {
        let (set, operator) = range.key;
        ranges.entry((set.avs, Some(set.number), operator)).or_default().push((range.from, range.to));
    }
    Ok(Registrations { ranges })
}

/// Reads what a plan needs from the ranges or the daily tables.
///
/// The plan goes in as temp tables that the statements join against the big tables, so only the plan's days,
/// strategies, operators and stakers come out (design D2).
///
/// # Errors
/// If reading fails, or the daily tables contradict themselves.
pub async fn read_state(
    client: &Transaction<'_>,
    source: Source,
    needs: &Needs,
    excluded: HashSet<Id>,
    dictionary: &mut Dictionary,
) -> Result<State, ExtractError> {
    fill_plan_tables(client, needs, dictionary).await?;
    let run = async |what, statement: &str| client.batch_execute(statement).await.map_err(ExtractError::database(what));
    run("plan_operators", statement!(source, "plan_operators")).await?;
    run("plan_stakers", statement!(source, "plan_stakers")).await?;
    run("analyze_plan_tables", include_str!("../../../sql/queries/analyze_plan_tables.sql")).await?;

    let mut state = State { excluded, ..State::default() };
    state.staker_shares = read!(client, source, dictionary, "staker_shares", ["staker": ID, "strategy": ID, "shares": Kind::Numeric],
        c row => (c.id(0, row)?, c.id(1, row)?), c.numeric(2, row)?);
    state.operator_shares = read!(client, source, dictionary, "operator_shares", ["operator": ID, "strategy": ID, "shares": Kind::Numeric],
        c row => (c.id(0, row)?, c.id(1, row)?), c.numeric(2, row)?);
    state.delegations = read!(client, source, dictionary, "delegations", ["staker": ID, "operator": ID],
        c row => (c.id(0, row)?, c.id(1, row)?), ());
    state.avs_splits = read!(client, source, dictionary, "avs_splits", ["operator": ID, "avs": ID, "split": Kind::Int4],
        c row => (c.id(0, row)?, c.id(1, row)?), c.int4(2, row)?);
    state.pi_splits = read!(client, source, dictionary, "pi_splits", ["operator": ID, "split": Kind::Int4],
        c row => c.id(0, row)?, c.int4(1, row)?);
    state.set_splits = read!(client, source, dictionary, "set_splits",
        ["operator": ID, "avs": ID, "operator_set_id": Kind::Int8, "split": Kind::Int4],
        c row => (c.id(0, row)?, set_of(c, 1, row)?), c.int4(3, row)?);
    state.default_splits =
        read!(client, source, dictionary, "default_splits", ["split": Kind::Int4], c row => (), c.int4(0, row)?);
    state.avs_registrations = read!(client, source, dictionary, "avs_registrations", ["avs": ID, "operator": ID],
        c row => (c.id(0, row)?, c.id(1, row)?), ());
    state.any_avs_registrations =
        read!(client, source, dictionary, "any_avs_registrations", ["operator": ID], c row => c.id(0, row)?, ());
    state.set_registrations = read!(client, source, dictionary, "set_registrations",
        ["operator": ID, "avs": ID, "operator_set_id": Kind::Int8],
        c row => (set_of(c, 1, row)?, c.id(0, row)?), ());
    state.any_set_registrations =
        read!(client, source, dictionary, "any_set_registrations", ["operator": ID], c row => c.id(0, row)?, ());
    state.set_strategies = read!(client, source, dictionary, "set_strategies", ["strategy": ID, "avs": ID, "operator_set_id": Kind::Int8],
        c row => (set_of(c, 1, row)?, c.id(0, row)?), ());
    state.restaked = read!(client, source, dictionary, "restaked", ["operator": ID, "avs": ID, "strategy": ID],
        c row => (c.id(0, row)?, c.id(1, row)?, c.id(2, row)?), ());
    state.allocations = read!(client, source, dictionary, "allocations",
        ["operator": ID, "avs": ID, "strategy": ID, "operator_set_id": Kind::Int8,
         "magnitude": Kind::Numeric],
        c row => (c.id(0, row)?, SetId { avs: c.id(1, row)?, number: c.int8(3, row)? }, c.id(2, row)?),
        c.numeric(4, row)?);
    state.max_magnitudes = read!(client, source, dictionary, "max_magnitudes",
        ["operator": ID, "strategy": ID, "max_magnitude": Kind::Numeric],
        c row => (c.id(0, row)?, c.id(1, row)?), c.numeric(2, row)?);

    Ok(state)
}

/// The ranges that hold on a day.
fn on<K, V>(ranges: &[Range<K, V>], day: Day) -> impl Iterator<Item = &Range<K, V>> {
    ranges.iter().filter(move |range| range.from <= day && range.to.is_none_or(|to| day < to))
}

/// A map of the values that hold on a day; a key with two of them is a contradiction.
fn unique<K: Copy + Eq + std::hash::Hash, V>(
    relation: &'static str,
    day: Day,
    values: impl Iterator<Item = (K, V)>,
) -> Result<HashMap<K, V>, ExtractError> {
    let mut map = HashMap::new();
    for (key, value) in values {
        if map.insert(key, value).is_some() {
            return Err(ExtractError::Contradiction { relation, snapshot: day });
        }
    }
    Ok(map)
}

impl State {
    /// The state of one snapshot.
    ///
    /// # Errors
    /// If daily tables have two values for one key on that day.
    pub fn day(&self, day: Day) -> Result<DayState, ExtractError> {
        let mut set_operators: HashMap<SetId, Vec<Id>> = HashMap::new();
        for range in on(&self.set_registrations, day) {
            set_operators.entry(range.key.0).or_default().push(range.key.1);
        }
        let max_magnitudes =
            unique("max_magnitudes", day, on(&self.max_magnitudes, day).map(|range| (range.key, &range.value)))?;
        let allocations = on(&self.allocations, day).map(|range| {
            let (operator, _, strategy) = range.key;
            let max_magnitude = max_magnitudes
                .get(&(operator, strategy))
                .map_or_else(|| Numeric::from(FULL_MAGNITUDE), |&max_magnitude| max_magnitude.clone());
            (range.key, (range.value.clone(), max_magnitude))
        });
        let pairs = |ranges: &[Range<(Id, Id), ()>]| on(ranges, day).map(|range| range.key).collect::<Vec<_>>();
        Ok(DayState {
            day,
            delegations: ById::new(pairs(&self.delegations).into_iter().map(|(staker, op)| (op, staker)).collect()),
            staker_shares: ById::new(
                on(&self.staker_shares, day).map(|range| (range.key.0, (range.key.1, range.value.clone()))).collect(),
            ),
            operator_shares: unique(
                "operator_shares",
                day,
                on(&self.operator_shares, day).map(|range| (range.key, range.value.clone())),
            )?,
            avs_operators: ById::new(pairs(&self.avs_registrations)),
            restaked: on(&self.restaked, day).map(|range| range.key).collect(),
            set_operators,
            set_strategies: on(&self.set_strategies, day).map(|range| range.key).collect(),
            allocations: unique("allocations", day, allocations)?,
            avs_splits: unique("avs_splits", day, on(&self.avs_splits, day).map(|range| (range.key, range.value)))?,
            pi_splits: unique("pi_splits", day, on(&self.pi_splits, day).map(|range| (range.key, range.value)))?,
            set_splits: unique("set_splits", day, on(&self.set_splits, day).map(|range| (range.key, range.value)))?,
            default_split: unique(
                "default_splits",
                day,
                on(&self.default_splits, day).map(|range| (range.key, range.value)),
            )?
            .remove(&()),
            any_avs_operators: on(&self.any_avs_registrations, day).map(|range| range.key).collect(),
            any_set_operators: on(&self.any_set_registrations, day).map(|range| range.key).collect(),
            excluded: self.excluded.clone(),
        })
    }
}
