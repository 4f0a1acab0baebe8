//! Cumulative amounts (spec/05 §1) in the memory of whoever runs: a run has its root as soon as its rows are written, and its balances
//! need no pass over them.
//!
//! 1. What complete runs have paid is read once ([`Cumulative::read`]), while the first of the runs to come computes.
//! 2. A unit adds its rows up while they are sent ([`UnitSums`]); they count when it is committed ([`Cumulative::add`]).
//! 3. A complete run is included ([`Cumulative::include`]) if all of its rows were added here. Rows that another process, an earlier
//!    attempt or the other engine wrote were not: then all of this is forgotten, its root is made of what is stored, and the next run reads
//!    again.
//!
//! In memory, within the limit and a quarter of it at most: 65 bytes per pair for what complete runs have paid, and as much for the run;
//! besides, 70 per earner.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use alloy_primitives::B256;
use arrow::array::{ArrayRef, BinaryBuilder, Int32Array, Int64Array, RecordBatch};
use arrow_copy::{Column, CopyError, Kind};
use batch_writer::GoldIds;
use memory_budget::{Budget, OutOfMemory, Part, Reservation};
use reward_rules::{Day, Dictionary, GoldRow};
use tokio_postgres::{Client, Transaction};

use super::amounts::{are_of_use, sums_of_balances};
use super::leaves::Leaves;
use super::sums::{Key, Sums};
use super::{RootError, require_stored};
use crate::RunError;
use crate::balances::{BALANCE_ROWS, pending};
use crate::error::error_chain;
use crate::run::begin_reading;

/// Rows of a unit, added up.
pub(crate) struct UnitSums {
    cutoff: Day,
    amounts: RunSums,
}

/// Sums of rows of one run.
struct RunSums {
    /// Those that count for the day before the cutoff.
    counted: Sums,
    /// Those of the cutoff day (spec/00 Q5).
    later: Sums,
    rows: u64,
}

impl RunSums {
    fn new(memory: &Part) -> Self {
        let sums = || Sums::new(memory.reservation(CONSUMER));
        Self { counted: sums(), later: sums(), rows: 0 }
    }
}

const CONSUMER: &str = "cumulative amounts";

impl UnitSums {
    pub(crate) fn new(cutoff: Day, memory: &Part) -> Self {
        Self { cutoff, amounts: RunSums::new(memory) }
    }

    /// Adds rows. Tokens are numbered as in the dictionary.
    ///
    /// # Errors
    /// If there are more pairs than memory.
    pub(crate) fn add(&mut self, rows: &[GoldRow], ids: &GoldIds) -> Result<(), OutOfMemory> {
        for row in rows {
            // Without a number it cannot be written either.
            let Some(earner) = ids.earner(row.earner) else { continue };
            let sums = if row.snapshot < self.cutoff { &mut self.amounts.counted } else { &mut self.amounts.later };
            sums.add((earner, row.token.0.cast_signed()), 1, row.snapshot, row.amount.clone())?;
            self.amounts.rows += 1;
        }
        Ok(())
    }
}

/// See the module's docs. Workers share one.
pub(crate) struct Cumulative {
    /// For all of it: a run can do without.
    memory: Part,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// What complete runs have paid, once it is read.
    complete: Option<Complete>,
    /// What the run in progress has paid, if it is added up.
    run: Option<(RunSums, Tokens)>,
    /// There is not enough memory.
    given_up: bool,
}

/// What complete runs have paid.
struct Complete {
    sums: Sums,
    tokens: Tokens,
    /// Of those sums.
    leaves: Leaves,
    /// The runs that are not in the balances, oldest first, and how many rows they have.
    pending: Vec<i32>,
    pending_rows: u64,
    /// How many rows the balances have.
    stored_rows: u64,
}

/// Numbers of tokens, for this process.
#[derive(Default)]
struct Tokens(HashMap<String, i32>);

impl Tokens {
    fn number(&mut self, text: &str) -> i32 {
        if let Some(&number) = self.0.get(text) {
            return number;
        }
        // Below those of tokens that the balances do not know yet.
        let number = self.0.values().copied().min().unwrap_or(0).min(0) - 1;
        self.0.insert(text.to_owned(), number);
        number
    }
}

/// Addresses as they are stored, by the number of the earner.
pub(crate) type Addresses = HashMap<i32, String>;

/// A run that is complete.
#[derive(Clone, Copy)]
pub(crate) struct CompleteRun {
    pub(crate) run_id: i64,
    pub(crate) cutoff: Day,
    pub(crate) rows: u64,
}

/// What the balances are to become.
pub(crate) struct Replacement {
    /// earner, token, gold_rows, amount.
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) rows: u64,
    _memory: Reservation,
}

const BALANCES: [Column; 4] = [
    Column::new("earner", Kind::Int4),
    Column::new("token", Kind::Int4),
    Column::new("gold_rows", Kind::Int8),
    Column::new("amount", Kind::Numeric),
];

/// Balances are replaced when reading them, and the rows of runs that are not in them, means reading so many times as many rows as
/// there are pairs. Less makes runs write more often, more makes them and others read more.
const READ_TIMES: u64 = 6;

/// What is held of `--memory-limit` at most: one part in so many.
const PARTS: u64 = 4;

/// Room for pairs to come: one in so many of those there are.
const NEW_PAIRS: u64 = 8;

impl Cumulative {
    pub(crate) fn new(budget: &Budget) -> Self {
        Self { memory: budget.part(budget.limit() / PARTS), known: Mutex::default() }
    }

    /// For the sums of units.
    pub(crate) fn memory(&self) -> Part {
        self.memory.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(|poisoned| {
            self.known.clear_poison();
            let mut known = poisoned.into_inner();
            // Half of something may have been added.
            *known = Known { given_up: true, ..Known::default() };
            known
        })
    }

    /// From now on there is nothing here; memory did not suffice.
    fn give_up(known: &mut Known, why: &dyn std::error::Error) {
        tracing::debug!(why = error_chain(why), "cumulative amounts are not kept in memory");
        *known = Known { given_up: true, ..Known::default() };
    }

    /// Nothing is known any more; the next run reads again.
    fn forget(known: &mut Known, why: &str) {
        tracing::debug!(why, "cumulative amounts are read again by the next run");
        *known = Known { given_up: known.given_up, ..Known::default() };
    }

    /// Gives back all memory because somebody needs it; whether there was any.
    pub(crate) fn make_room(&self, why: &dyn std::error::Error) -> bool {
        let mut known = self.lock();
        let held = !known.given_up;
        if held {
            Self::give_up(&mut known, why);
        }
        held
    }

    /// Whether memory did not suffice.
    pub(crate) fn has_given_up(&self) -> bool {
        self.lock().given_up
    }

    /// Begins to add a run up.
    pub(crate) fn begin_run(&self) {
        let mut known = self.lock();
        known.run = (!known.given_up).then(|| (RunSums::new(&self.memory), Tokens::default()));
    }

    /// Whether the rows of the run in progress are added up.
    pub(crate) fn is_adding(&self) -> bool {
        self.lock().run.is_some()
    }

    /// Whether it is known here what complete runs have paid.
    pub(crate) fn is_known(&self) -> bool {
        self.lock().complete.is_some()
    }

    /// Whether it is to be read what complete runs have paid.
    pub(crate) fn is_unread(&self) -> bool {
        let known = self.lock();
        known.run.is_some() && known.complete.is_none()
    }

    /// Reads what complete runs have paid before a run.
    pub(crate) async fn read(&self, client: &mut Client, run_id: i64, cutoff: Day) {
        let read = self.read_complete(client, run_id, cutoff.previous()).await;
        let mut known = self.lock();
        match read {
            // Otherwise the run in progress has been forgotten meanwhile.
            Ok(Some(complete)) if known.run.is_some() => known.complete = Some(complete),
            Ok(Some(_)) => {}
            Ok(None) => Self::forget(&mut known, "runs with too many rows are not in the balances"),
            Err(error @ RootError::Memory { .. }) => Self::give_up(&mut known, &error),
            // Where there is another session it is tried again there.
            Err(error) => tracing::debug!(error = error_chain(&error), "cumulative amounts could not be read"),
        }
    }

    async fn read_complete(&self, client: &mut Client, run_id: i64, last: Day) -> Result<Option<Complete>, RootError> {
        let transaction = begin_reading(client).await?;
        let timeout = include_str!("../../../../sql/queries/roots/lock_timeout.sql");
        transaction.query_one(timeout, &[]).await.map_err(RootError::database("roots/lock_timeout"))?;
        require_stored(&transaction, last).await?;
        // The run may be complete by now.
        let pending = pending(&transaction, Some(run_id)).await?;
        if pending.gold_rows > BALANCE_ROWS {
            return Ok(None);
        }
        let stored_rows = stored_rows(&transaction).await?;
        let pairs = usize::try_from(stored_rows + stored_rows / NEW_PAIRS).unwrap_or(usize::MAX);
        let room = Sums::with_room(self.memory.reservation(CONSUMER), pairs);
        let sums = room.map_err(|source| RootError::Memory { snapshot: last, source })?;
        let sums = sums_of_balances(&transaction, &pending, None, sums).await?;
        let tokens = Tokens(tokens(&transaction).await?);
        transaction.rollback().await.map_err(RootError::database("rollback"))?;
        let mut leaves = Leaves::new(self.memory.reservation("leaves of a tree"));
        leaves.touch(sums.keys().map(|(_, (earner, _))| earner));
        Ok(Some(Complete {
            sums,
            tokens,
            leaves,
            pending: pending.run_ids,
            pending_rows: pending.gold_rows,
            stored_rows,
        }))
    }

    /// Adds the rows of a unit that is committed.
    pub(crate) fn add(&self, unit: &UnitSums, dictionary: &Dictionary) {
        let mut known = self.lock();
        let Some((run, tokens)) = &mut known.run else { return };
        if let Err(error) = add(run, tokens, unit, dictionary) {
            Self::give_up(&mut known, &error);
        }
    }

    /// The numbers of earners that the root of the run in progress needs the addresses of.
    pub(crate) fn unknown_earners(&self) -> HashSet<i32> {
        let known = self.lock();
        let (Some(complete), Some((run, _))) = (&known.complete, &known.run) else { return HashSet::new() };
        complete.leaves.unknown(run.counted.keys().map(|(_, (earner, _))| earner))
    }

    /// Includes the rows of a run that is complete, and makes its root if addresses of the unknown earners are given. `None` if not
    /// all of its rows are known here. Blocks; runs on all threads.
    ///
    /// # Errors
    /// A value that no leaf can have, no amounts, or not enough memory for the leaves. The run is included nevertheless.
    pub(crate) fn include(&self, run: CompleteRun, addresses: Option<&Addresses>) -> Option<Result<B256, RootError>> {
        let mut known = self.lock();
        let (sums, tokens) = known.run.take()?;
        let Some(complete) = known.complete.as_mut() else {
            Self::forget(&mut known, "what complete runs have paid is not known");
            return None;
        };
        let Some(run_id) = i32::try_from(run.run_id).ok().filter(|_| sums.rows == run.rows) else {
            Self::forget(&mut known, "others have written rows of this run");
            return None;
        };
        let numbers: HashMap<i32, i32> =
            tokens.0.iter().map(|(text, &number)| (number, complete.tokens.number(text))).collect();
        let key = |(earner, token): Key| (earner, numbers.get(&token).copied().unwrap_or_default());
        let mut included = complete.add(&sums.counted, key);
        let root = match (&included, addresses) {
            (Ok(()), Some(addresses)) => {
                let Complete { sums, tokens, leaves, .. } = complete;
                Some(leaves.root(run.cutoff.previous(), sums, &tokens.0, addresses))
            }
            _ => None,
        };
        included = included.and_then(|()| complete.add(&sums.later, key));
        complete.pending.push(run_id);
        complete.pending_rows += run.rows;
        if let Err(error) = included {
            Self::give_up(&mut known, &error);
        }
        root
    }

    /// The runs that are not in the balances, if it is time to include them: when they have so many rows, or when it pays. Also how
    /// many rows the balances have.
    pub(crate) fn due(&self, rows: Option<u64>) -> Option<(Vec<i32>, u64)> {
        let known = self.lock();
        let complete = known.complete.as_ref().filter(|complete| !complete.pending.is_empty())?;
        let pairs = complete.sums.keys().count() as u64;
        let due = match rows {
            Some(rows) => complete.pending_rows >= rows,
            None => complete.stored_rows + complete.pending_rows > READ_TIMES * pairs,
        };
        due.then(|| (complete.pending.clone(), complete.stored_rows))
    }

    /// All there is, with these numbers of tokens; `None` if a token has none, or there is nothing any more.
    ///
    /// # Errors
    /// If memory does not suffice.
    pub(crate) fn replacement(&self, numbers: &HashMap<String, i32>) -> Result<Option<Replacement>, CopyError> {
        const BATCH: usize = 65_536;
        let known = self.lock();
        let Some(complete) = &known.complete else { return Ok(None) };
        let mut memory = self.memory.reservation("balances on their way to the server");
        if memory.grow(64 * complete.sums.len() as u64).is_err() {
            return Ok(None);
        }
        let numbers: HashMap<i32, i32> = complete
            .tokens
            .0
            .iter()
            .filter_map(|(text, &number)| numbers.get(text).map(|&stored| (number, stored)))
            .collect();
        let (mut batches, mut count) = (Vec::new(), 0);
        let mut sums = complete.sums.iter().peekable();
        while sums.peek().is_some() {
            let (mut earners, mut tokens, mut rows) = (Vec::new(), Vec::new(), Vec::new());
            let (mut amounts, mut wire) = (BinaryBuilder::new(), Vec::new());
            for ((earner, token), gold_rows, amount) in sums.by_ref().take(BATCH) {
                let Some(&token) = numbers.get(&token) else { return Ok(None) };
                earners.push(earner);
                tokens.push(token);
                rows.push(gold_rows);
                wire.clear();
                amount.write_wire(&mut wire);
                amounts.append_value(&wire);
            }
            count += rows.len() as u64;
            let columns: Vec<ArrayRef> = vec![
                Arc::new(Int32Array::from(earners)),
                Arc::new(Int32Array::from(tokens)),
                Arc::new(Int64Array::from(rows)),
                Arc::new(amounts.finish()),
            ];
            batches.push(RecordBatch::try_new(Column::schema(&BALANCES), columns)?);
        }
        Ok(Some(Replacement { batches, rows: count, _memory: memory }))
    }

    /// The balances are these.
    pub(crate) fn replaced(&self, rows: u64) {
        if let Some(complete) = &mut self.lock().complete {
            complete.pending.clear();
            complete.pending_rows = 0;
            complete.stored_rows = rows;
        }
    }
}

fn add(run: &mut RunSums, tokens: &mut Tokens, unit: &UnitSums, dictionary: &Dictionary) -> Result<(), OutOfMemory> {
    let mut numbers = HashMap::new();
    for (into, from) in [(&mut run.counted, &unit.amounts.counted), (&mut run.later, &unit.amounts.later)] {
        for (_, (_, token)) in from.keys() {
            let text = || dictionary.text(reward_rules::Id(token.cast_unsigned()));
            numbers.entry(token).or_insert_with(|| tokens.number(text()));
        }
        into.add_all(from, |(earner, token)| (earner, numbers.get(&token).copied().unwrap_or_default()))?;
    }
    run.rows += unit.amounts.rows;
    Ok(())
}

impl Complete {
    fn add(&mut self, sums: &Sums, key: impl Fn(Key) -> Key) -> Result<(), OutOfMemory> {
        self.leaves.touch(sums.keys().map(|(_, (earner, _))| earner));
        self.sums.add_all(sums, key)
    }
}

/// How many rows the balances have.
///
/// # Errors
/// If the server refuses.
pub(crate) async fn stored_rows(transaction: &Transaction<'_>) -> Result<u64, RunError> {
    let row = transaction
        .query_one(include_str!("../../../../sql/queries/balances/stored_rows.sql"), &[])
        .await
        .map_err(RunError::database("balances/stored_rows"))?;
    Ok(u64::try_from(row.get::<_, i64>("stored_rows")).unwrap_or_default())
}

/// The addresses of earners: those of the sweep, and what others have numbered meanwhile.
///
/// # Errors
/// If the server refuses.
pub(crate) async fn addresses(
    client: &Client,
    mut unknown: HashSet<i32>,
    numbered: Option<(&GoldIds, &Dictionary)>,
) -> Result<Addresses, RunError> {
    let mut addresses = Addresses::with_capacity(unknown.len());
    if let Some((ids, dictionary)) = numbered.filter(|_| !unknown.is_empty()) {
        let known = ids.earners().filter(|(_, number)| unknown.remove(number));
        addresses.extend(known.map(|(id, number)| (number, dictionary.text(id).to_owned())));
    }
    if !unknown.is_empty() {
        let unknown: Vec<i32> = unknown.into_iter().collect();
        let rows = client
            .query(include_str!("../../../../sql/queries/roots/addresses.sql"), &[&unknown])
            .await
            .map_err(RunError::database("roots/addresses"))?;
        addresses.extend(rows.iter().map(|row| (row.get("id"), row.get("address"))));
    }
    Ok(addresses)
}

/// The numbers of tokens: below 0 those that the balances do not know.
///
/// # Errors
/// If the server refuses.
pub(crate) async fn tokens(transaction: &Transaction<'_>) -> Result<HashMap<String, i32>, RunError> {
    let rows = transaction
        .query(include_str!("../../../../sql/queries/balances/tokens.sql"), &[])
        .await
        .map_err(RunError::database("balances/tokens"))?;
    Ok(rows.iter().map(|row| (row.get("token"), row.get("id"))).collect())
}

/// Whether every submission that was paid counts for the day before the newest complete cutoff, and no row up to it was dropped: then
/// its root is over all sums.
///
/// # Errors
/// If the server refuses.
pub(crate) async fn all_counts(client: &mut Client, snapshot: Day) -> Result<bool, RootError> {
    let transaction = begin_reading(client).await?;
    let counts = are_of_use(&transaction, snapshot).await?;
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    Ok(counts)
}
