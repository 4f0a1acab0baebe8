//! The part of silver a plan needs, in memory, and the state of each of its days.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow_copy::{Column, CopyError, Kind, copy_out_each};
use memory_budget::{Budget, OutOfMemory, Reservation, bytes_of};
use pg_numeric::Numeric;
use reward_rules::{Day, DayState, Dictionary, Id, Needs, Registered, SetId};
use tokio_postgres::Transaction;

use crate::ExtractError;
use crate::input::{Source, fill_plan_tables};
use crate::ranges::{Range, join_days};
use crate::rows::Columns;
use crate::timeline::{Cursor, Holdings, Timeline, union};

/// Ranges of the relations, restricted to a plan, for all of its days.
#[derive(Debug, Default)]
pub struct StateRanges {
    /// (staker, strategy), shares.
    pub staker_shares: Vec<Range<(Id, Id), Numeric>>,
    /// (operator, strategy), shares.
    pub operator_shares: Vec<Range<(Id, Id), Numeric>>,
    /// (staker, operator).
    pub delegations: Vec<Range<(Id, Id), ()>>,
    /// (operator, AVS), bips.
    pub avs_splits: Vec<Range<(Id, Id), i32>>,
    /// Operator, bips.
    pub pi_splits: Vec<Range<Id, i32>>,
    /// (operator, operator set), bips.
    pub set_splits: Vec<Range<(Id, SetId), i32>>,
    /// Bips.
    pub default_splits: Vec<Range<(), i32>>,
    /// (AVS, operator).
    pub avs_registrations: Vec<Range<(Id, Id), ()>>,
    /// Operators registered with any AVS.
    pub any_avs_registrations: Vec<Range<Id, ()>>,
    /// (operator set, operator).
    pub set_registrations: Vec<Range<(SetId, Id), ()>>,
    /// Operators registered with any operator set.
    pub any_set_registrations: Vec<Range<Id, ()>>,
    /// (operator set, strategy).
    pub set_strategies: Vec<Range<(SetId, Id), ()>>,
    /// (operator, AVS, strategy).
    pub restaked: Vec<Range<(Id, Id, Id), ()>>,
    /// (operator, operator set, strategy), magnitude.
    pub allocations: Vec<Range<(Id, SetId, Id), Numeric>>,
    /// (operator, strategy), max magnitude.
    pub max_magnitudes: Vec<Range<(Id, Id), Numeric>>,
}

/// The ranges of a plan and the state of one of its days, which moves to another day at the cost of what is different there.
///
/// Good for every cutoff up to the one the ranges were read at: a range holds on the days after its events, whatever happened
/// later.
#[derive(Debug)]
pub struct State {
    staker_shares: Timeline<(Id, Id), Numeric>,
    holdings: Holdings,
    operator_shares: Timeline<(Id, Id), Numeric>,
    delegations: Timeline<(Id, Id), ()>,
    avs_splits: Timeline<(Id, Id), i32>,
    pi_splits: Timeline<Id, i32>,
    set_splits: Timeline<(Id, SetId), i32>,
    default_splits: Vec<Range<(), i32>>,
    avs_registrations: Timeline<(Id, Id), ()>,
    any_avs_registrations: Timeline<Id, ()>,
    set_registrations: Timeline<(SetId, Id), ()>,
    any_set_registrations: Timeline<Id, ()>,
    set_strategies: Timeline<(SetId, Id), ()>,
    restaked: Timeline<(Id, Id, Id), ()>,
    allocations: Timeline<(Id, SetId, Id), Numeric>,
    max_magnitudes: Timeline<(Id, Id), Numeric>,
    excluded: HashSet<Id>,
    /// The day that was asked for last.
    cursor: Mutex<Cursor>,
    /// For the ranges and their order; given back with them.
    memory: Reservation,
}

/// AVS, operator set if there is one, operator.
type Registration = (Id, Option<i64>, Id);

/// Who was registered when, for counting the registered snapshots of a window (spec/03 §7).
#[derive(Debug)]
pub struct Registrations {
    ranges: HashMap<Registration, Vec<(Day, Option<Day>)>>,
    /// Given back with them.
    _memory: Reservation,
}

impl Registrations {
    /// As a run with this cutoff sees them: registrations are known up to the day before (spec/02 §7).
    #[must_use]
    pub fn before(&self, cutoff: Day) -> RegistrationsBefore<'_> {
        RegistrationsBefore { registrations: self, cutoff }
    }
}

/// [`Registrations`] up to a cutoff.
#[derive(Clone, Copy, Debug)]
pub struct RegistrationsBefore<'a> {
    registrations: &'a Registrations,
    cutoff: Day,
}

impl Registered for RegistrationsBefore<'_> {
    fn is_registered(&self, avs: Id, operator_set_id: Option<i64>, operator: Id, snapshot: Day) -> bool {
        snapshot < self.cutoff
            && self.registrations.ranges.get(&(avs, operator_set_id, operator)).is_some_and(|ranges| {
                ranges.iter().any(|&(from, to)| from <= snapshot && to.is_none_or(|to| snapshot < to))
            })
    }
}

macro_rules! statement {
    ($source:expr, $name:literal) => {
        match $source {
            Source::Events => ($name, include_str!(concat!("../../../sql/queries/state/", $name, ".sql"))),
            Source::Snapshots => ($name, include_str!(concat!("../../../sql/queries/daily/", $name, ".sql"))),
        }
    };
}

const SET: Column = Column::new("operator_set_id", Kind::Int8);
const SPLIT: Column = Column::new("split", Kind::Int4);
/// Strategies travel as the ids that the plan tables have for them.
const NUMBER: Column = Column::new("id", Kind::Int8);
const FROM: Column = Column::new("valid_from", Kind::Day);
const TO: Column = Column::new("valid_to", Kind::Day);

const fn id(name: &'static str) -> Column {
    Column::new(name, Kind::Id)
}

const fn numeric(name: &'static str) -> Column {
    Column::new(name, Kind::Numeric)
}

/// Reads relations in a transaction.
struct Reader<'a> {
    client: &'a Transaction<'a>,
    source: Source,
    dictionary: &'a mut Dictionary,
    /// For the dictionary.
    texts: &'a mut Reservation,
    /// For the ranges.
    memory: Reservation,
}

impl Reader<'_> {
    /// Runs a statement that yields `columns` and then the two of the range.
    async fn ranges<K: Ord + Copy, V: PartialEq>(
        &mut self,
        (name, statement): (&'static str, &'static str),
        columns: &[Column],
        key_and_value: impl Fn(&Columns<'_>, usize) -> Result<(K, V), ExtractError>,
    ) -> Result<Vec<Range<K, V>>, ExtractError> {
        let columns: Vec<Column> = columns.iter().copied().chain([FROM, TO]).collect();
        let width = columns.len();
        let held = self.memory.bytes();
        let mut ranges: Vec<Range<K, V>> = Vec::new();
        let (memory, texts) = (&mut self.memory, &mut *self.texts);
        copy_out_each(self.client, statement, &columns, self.dictionary, |batch, dictionary| {
            let rows = Columns::new(name, batch);
            // A vector that grows takes up to twice what is in it.
            memory.grow(2 * bytes_of::<Range<K, V>>(batch.num_rows()))?;
            texts.resize(dictionary.memory_bytes())?;
            for row in rows.rows() {
                let (from, to) = (rows.day(width - 2, row)?, rows.optional_day(width - 1, row)?);
                let (key, value) = key_and_value(&rows, row)?;
                ranges.push(Range { key, value, from, to });
            }
            Ok::<(), ReadError>(())
        })
        .await
        .map_err(|error| error.of(name))?;
        match self.source {
            // The order of ids, which is quicker here than that of texts in the server.
            Source::Events => ranges.sort_unstable_by_key(|range| (range.key, range.from)),
            Source::Snapshots => ranges = join_days(ranges),
        }
        ranges.shrink_to_fit();
        self.memory.resize(held + bytes_of::<Range<K, V>>(ranges.len()))?;
        Ok(ranges)
    }
}

/// Reading failed in the stream or in what was made of it.
pub(crate) enum ReadError {
    Copy(CopyError),
    Extract(ExtractError),
}

impl ReadError {
    pub(crate) fn of(self, what: &'static str) -> ExtractError {
        match self {
            Self::Copy(source) => ExtractError::Copy { what, source },
            Self::Extract(error) => error,
        }
    }
}

impl From<CopyError> for ReadError {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

impl From<ExtractError> for ReadError {
    fn from(error: ExtractError) -> Self {
        Self::Extract(error)
    }
}

impl From<OutOfMemory> for ReadError {
    fn from(error: OutOfMemory) -> Self {
        Self::Extract(error.into())
    }
}

fn numbered(columns: &Columns<'_>, column: usize, row: usize) -> Result<Id, ExtractError> {
    columns.int8(column, row).and_then(|number| {
        u32::try_from(number).map(Id).map_err(|_| ExtractError::Value {
            relation: "plan_strategies",
            reason: format!("{number} is the id of no strategy"),
        })
    })
}

fn set_of(columns: &Columns<'_>, avs: usize, row: usize) -> Result<SetId, ExtractError> {
    Ok(SetId { avs: columns.id(avs, row)?, number: columns.int8(avs + 1, row)? })
}

/// What is read, with what.
pub struct Reading<'a> {
    /// The transaction; see the crate's docs.
    pub client: &'a Transaction<'a>,
    /// From where.
    pub source: Source,
    /// Where texts go.
    pub dictionary: &'a mut Dictionary,
    /// For the dictionary.
    pub texts: &'a mut Reservation,
    /// For what is read.
    pub memory: Reservation,
}

impl<'a> Reading<'a> {
    async fn begin(self, needs: &Needs) -> Result<Reader<'a>, ExtractError> {
        fill_plan_tables(self.client, needs, self.dictionary).await?;
        let Self { client, source, dictionary, texts, memory } = self;
        Ok(Reader { client, source, dictionary, texts, memory })
    }
}

/// Reads the registrations of a plan's AVSs and operator sets on all of its days.
///
/// # Errors
/// If reading fails, or memory does not suffice.
pub async fn read_registrations(reading: Reading<'_>, needs: &Needs) -> Result<Registrations, ExtractError> {
    let mut reader = reading.begin(needs).await?;
    let source = reader.source;
    let with_avss = reader
        .ranges(statement!(source, "avs_registrations"), &[id("avs"), id("operator")], |c, row| {
            Ok(((c.id(0, row)?, c.id(1, row)?), ()))
        })
        .await?;
    let with_sets = reader
        .ranges(statement!(source, "set_registrations"), &[id("operator"), id("avs"), SET], |c, row| {
            Ok(((set_of(c, 1, row)?, c.id(0, row)?), ()))
        })
        .await?;
    let mut ranges: HashMap<_, Vec<_>> = HashMap::new();
    for range in &with_avss {
        ranges.entry((range.key.0, None, range.key.1)).or_default().push((range.from, range.to));
    }
    for range in &with_sets {
        let (set, operator) = range.key;
        ranges.entry((set.avs, Some(set.number), operator)).or_default().push((range.from, range.to));
    }
    let mut memory = reader.memory;
    // An entry of the map has a key, a vector of its own, and half the map may be empty.
    memory.resize(
        2 * bytes_of::<(Registration, [usize; 3])>(ranges.len()) + 2 * bytes_of::<(Day, Option<Day>)>(4 * ranges.len()),
    )?;
    Ok(Registrations { ranges, _memory: memory })
}

/// Reads what a plan needs from the ranges or the daily tables.
///
/// The plan goes in as temp tables that the statements join against the big tables, so only the plan's days,
/// strategies, operators and stakers come out (design D2).
///
/// # Errors
/// If reading fails, the daily tables contradict themselves, or memory does not suffice.
pub async fn read_state(reading: Reading<'_>, needs: &Needs, excluded: HashSet<Id>) -> Result<State, ExtractError> {
    let mut reader = reading.begin(needs).await?;
    let (client, source) = (reader.client, reader.source);
    let run = async |(what, statement): (&'static str, &'static str)| {
        client.batch_execute(statement).await.map_err(ExtractError::database(what))
    };
    run(statement!(source, "plan_operators")).await?;
    run(("analyze_plan_tables", include_str!("../../../sql/queries/analyze_plan_tables.sql"))).await?;

    macro_rules! read {
        ($name:literal, [$($column:expr),*], $c:ident $row:ident => $key:expr, $value:expr) => {
            reader
                .ranges(statement!(source, $name), &[$($column),*], |$c, $row| Ok(($key, $value)))
                .await?
        };
    }
    let ranges = StateRanges {
        // First, and operator by operator: so the stakers of an operator get ids, and have their shares, one after another.
        delegations: read!("delegations", [id("staker"), id("operator")],
            c row => (c.id(0, row)?, c.id(1, row)?), ()),
        staker_shares: read!("staker_shares", [id("staker"), NUMBER, numeric("shares")],
            c row => (c.id(0, row)?, numbered(c, 1, row)?), c.numeric(2, row)?),
        operator_shares: read!("operator_shares", [id("operator"), NUMBER, numeric("shares")],
            c row => (c.id(0, row)?, numbered(c, 1, row)?), c.numeric(2, row)?),
        avs_splits: read!("avs_splits", [id("operator"), id("avs"), SPLIT],
            c row => (c.id(0, row)?, c.id(1, row)?), c.int4(2, row)?),
        pi_splits: read!("pi_splits", [id("operator"), SPLIT], c row => c.id(0, row)?, c.int4(1, row)?),
        set_splits: read!("set_splits", [id("operator"), id("avs"), SET, SPLIT],
            c row => (c.id(0, row)?, set_of(c, 1, row)?), c.int4(3, row)?),
        default_splits: read!("default_splits", [SPLIT], c row => (), c.int4(0, row)?),
        avs_registrations: read!("avs_registrations", [id("avs"), id("operator")],
            c row => (c.id(0, row)?, c.id(1, row)?), ()),
        any_avs_registrations: read!("any_avs_registrations", [id("operator")], c row => c.id(0, row)?, ()),
        set_registrations: read!("set_registrations", [id("operator"), id("avs"), SET],
            c row => (set_of(c, 1, row)?, c.id(0, row)?), ()),
        any_set_registrations: read!("any_set_registrations", [id("operator")], c row => c.id(0, row)?, ()),
        set_strategies: read!("set_strategies", [id("strategy"), id("avs"), SET],
            c row => (set_of(c, 1, row)?, c.id(0, row)?), ()),
        restaked: read!("restaked", [id("operator"), id("avs"), id("strategy")],
            c row => (c.id(0, row)?, c.id(1, row)?, c.id(2, row)?), ()),
        allocations: read!("allocations", [id("operator"), id("avs"), id("strategy"), SET, numeric("magnitude")],
            c row => (c.id(0, row)?, SetId { avs: c.id(1, row)?, number: c.int8(3, row)? }, c.id(2, row)?),
            c.numeric(4, row)?),
        max_magnitudes: read!("max_magnitudes", [id("operator"), id("strategy"), numeric("max_magnitude")],
            c row => (c.id(0, row)?, c.id(1, row)?), c.numeric(2, row)?),
    };
    State::new(ranges, excluded, reader.memory)
}

/// The state of a day, until another day is asked for.
#[derive(Debug)]
pub struct StateOfDay<'a>(MutexGuard<'a, Cursor>);

impl Deref for StateOfDay<'_> {
    type Target = DayState;

    fn deref(&self) -> &DayState {
        self.0.state()
    }
}

impl State {
    /// The stakers and operators in it: who may earn on its days, besides those that submissions name. Some come several times.
    pub fn earners(&self) -> impl Iterator<Item = Id> {
        let stakers = self.staker_shares.iter().map(|range| range.key.0);
        let delegated = self.delegations.iter().flat_map(|range| [range.key.0, range.key.1]);
        let operators = self.operator_shares.iter().map(|range| range.key.0);
        let registered = self.avs_registrations.iter().map(|range| range.key.1);
        let in_sets = self.set_registrations.iter().map(|range| range.key.1);
        stakers.chain(delegated).chain(operators).chain(registered).chain(in_sets)
    }

    /// Puts ranges in the order in which they are needed. `memory` holds the bytes of the ranges.
    ///
    /// # Errors
    /// If memory does not suffice for the order.
    pub fn new(ranges: StateRanges, excluded: HashSet<Id>, memory: Reservation) -> Result<Self, ExtractError> {
        let staker_shares = Timeline::new(ranges.staker_shares);
        let mut state = Self {
            holdings: Holdings::of(&staker_shares),
            staker_shares,
            operator_shares: Timeline::new(ranges.operator_shares),
            delegations: Timeline::new(ranges.delegations),
            avs_splits: Timeline::new(ranges.avs_splits),
            pi_splits: Timeline::new(ranges.pi_splits),
            set_splits: Timeline::new(ranges.set_splits),
            default_splits: ranges.default_splits,
            avs_registrations: Timeline::new(ranges.avs_registrations),
            any_avs_registrations: Timeline::new(union(ranges.any_avs_registrations)),
            set_registrations: Timeline::new(ranges.set_registrations),
            any_set_registrations: Timeline::new(union(ranges.any_set_registrations)),
            set_strategies: Timeline::new(union(ranges.set_strategies)),
            restaked: Timeline::new(union(ranges.restaked)),
            allocations: Timeline::new(ranges.allocations),
            max_magnitudes: Timeline::new(ranges.max_magnitudes),
            excluded,
            cursor: Mutex::default(),
            memory,
        };
        let order = state.holdings.memory_bytes()
            + state.staker_shares.order_bytes()
            + state.operator_shares.order_bytes()
            + state.delegations.order_bytes()
            + state.restaked.order_bytes()
            + state.allocations.order_bytes();
        state.memory.grow(order)?;
        Ok(state)
    }

    /// The state of one snapshot as a run with this cutoff sees it. Shares, strategies of operator sets and magnitudes end at
    /// the cutoff, everything else ends the day before, and samples do not end (spec/02 §7, Q14).
    ///
    /// Waits until the day that was asked for before is dropped. Its memory is kept until the state is dropped.
    ///
    /// # Errors
    /// If daily tables have two values for one key on that day, or memory does not suffice.
    pub fn day(&self, day: Day, cutoff: Day, budget: &Budget) -> Result<StateOfDay<'_>, ExtractError> {
        let mut guard = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        // If this fails in the middle, the next day begins from nothing.
        let mut cursor = std::mem::take(&mut *guard);
        cursor.show_all();
        if !cursor.has_begun() {
            cursor.begin(
                budget.reservation("state of a day"),
                self.holdings.empty(&self.staker_shares),
                &self.excluded,
            );
        }
        let (through_cutoff, before_cutoff) = (day <= cutoff, day < cutoff);
        cursor.samples(day, |state, days| self.restaked.move_set(days, &mut state.restaked));
        if through_cutoff {
            cursor.through_cutoff(day, |state, days| {
                self.holdings.move_shares(&self.staker_shares, days, state.staker_shares.values_mut());
                self.set_strategies.move_set(days, &mut state.set_strategies);
                self.operator_shares.move_map("operator_shares", days, &mut state.operator_shares)?;
                self.allocations.move_map("allocations", days, &mut state.allocations)?;
                self.max_magnitudes.move_map("max_magnitudes", days, &mut state.max_magnitudes)
            })?;
        }
        if before_cutoff {
            cursor.before_cutoff(day, |state, days| {
                self.delegations.move_members(days, &mut state.delegations, |&(staker, operator)| (operator, staker));
                self.avs_registrations.move_members(days, &mut state.avs_operators, |&pair| pair);
                self.set_registrations.move_members(days, &mut state.set_operators, |&pair| pair);
                self.any_avs_registrations.move_set(days, &mut state.any_avs_operators);
                self.any_set_registrations.move_set(days, &mut state.any_set_operators);
                self.avs_splits.move_map("avs_splits", days, &mut state.avs_splits)?;
                self.pi_splits.move_map("pi_splits", days, &mut state.pi_splits)?;
                self.set_splits.move_map("set_splits", days, &mut state.set_splits)?;
                state.default_split = one("default_splits", day, &self.default_splits)?;
                Ok(())
            })?;
        }
        cursor.show(day, through_cutoff, before_cutoff)?;
        *guard = cursor;
        Ok(StateOfDay(guard))
    }
}

/// The only value that holds on a day, if there is one.
fn one<V: Copy>(relation: &'static str, day: Day, ranges: &[Range<(), V>]) -> Result<Option<V>, ExtractError> {
    let mut holding = ranges.iter().filter(|range| range.holds_on(day));
    match (holding.next(), holding.next()) {
        (_, Some(_)) => Err(ExtractError::Contradiction { relation, snapshot: day }),
        (only, None) => Ok(only.map(|range| range.value)),
    }
}
