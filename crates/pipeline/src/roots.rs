//! Cumulative amounts, roots and claims from what is stored (spec/05). Writes nothing.
//!
//! 1. A transaction on one snapshot of the database; dropped partitions are seen, or wait (`sql/queries/roots/lock.sql`).
//! 2. A complete run has to have computed every day up to E, so its cutoff is E + 1 or later.
//! 3. The server sends gold rows as they lie there; they are added up and put in the order of the tree here. For the newest E it sends
//!    what runs have summed up already ([`ReadFrom::Balances`]).
//! 4. The tree is built on all threads.
//!
//! In memory, within the limit: 65 bytes per pair while rows are read, then 104 per pair and 88 per earner, and 52 for every earner there is.

mod amounts;
mod cumulative;
mod error;
mod leaves;
mod posted;
mod sums;

use std::str::FromStr;

use alloy_primitives::aliases::U512;
use alloy_primitives::{Address, B256};
use chrono::NaiveDate;
use claim_tree::{BuildError, Builder, Claim, Distribution};
use memory_budget::Budget;
use reward_rules::Day;
use tokio_postgres::{Client, Transaction};

use crate::lifecycle::today;
use crate::migrate::require_current;
use crate::run::begin_reading;
use crate::{CutoffArgument, RunError, Schemas};

use amounts::{Amounts, Rows};

pub use amounts::CumulativeAmount;
pub(crate) use cumulative::{CompleteRun, Cumulative, UnitSums, addresses, all_counts, stored_rows, tokens};
pub use error::RootError;
pub use posted::{PostedRoot, Verdict, check_posted_roots, posted_index};

/// `--snapshot`: E, or the newest one that is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotArgument {
    /// The day before the newest complete cutoff.
    Latest,
    /// E.
    Date(Day),
}

impl FromStr for SnapshotArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse()? {
            CutoffArgument::Latest => Self::Latest,
            CutoffArgument::Date(day) => Self::Date(day),
        })
    }
}

/// A distribution with its root.
#[derive(Clone, Debug)]
pub struct Root {
    /// E.
    pub snapshot: Day,
    /// The pairs and the tree over them.
    pub distribution: Distribution,
    /// Σ over all pairs, of whatever token: a checksum without a meaning of its own.
    pub total: U512,
    /// What it was made of.
    pub read_from: ReadFrom,
}

impl Root {
    /// The root itself.
    #[must_use]
    pub fn root(&self) -> B256 {
        self.distribution.root()
    }

    /// The claim of an earner for these tokens, or for all it has got if there is none in the list (spec/05 §5).
    ///
    /// # Errors
    /// [`RootError::Lookup`]: nothing was paid to the earner, or not in one of the tokens.
    pub fn claim(&self, root_index: u32, earner: Address, tokens: &[Address]) -> Result<Claim, RootError> {
        let claim = match tokens {
            [] => self.distribution.claim_all(root_index, earner),
            tokens => self.distribution.claim(root_index, earner, tokens),
        };
        claim.map_err(|source| RootError::Lookup { snapshot: self.snapshot, source })
    }
}

/// Where the amounts of a root were read. They are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// What runs have summed up, and the rows of the newest.
    Balances,
    /// All gold rows.
    Rows,
}

/// The root of a snapshot; that of the newest from the balances, if they tell.
///
/// # Errors
/// If the snapshot is not computed, days up to it were dropped, nothing was paid, memory does not suffice, or reading fails.
pub async fn root(
    client: &mut Client,
    schemas: &Schemas,
    snapshot: SnapshotArgument,
    budget: &Budget,
) -> Result<Root, RootError> {
    let transaction = begin(client, schemas).await?;
    let (snapshot, is_newest) = resolve(&transaction, snapshot).await?;
    let balances = if is_newest { amounts::of_balances(&transaction, snapshot, budget).await? } else { None };
    let (amounts, read_from) = match balances {
        Some(amounts) => (amounts, ReadFrom::Balances),
        None => {
            let rows = Rows { before: None, last: snapshot, run: None };
            (amounts::of_rows(&transaction, rows, budget).await?, ReadFrom::Rows)
        }
    };
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    tree(snapshot, amounts, read_from).await
}

/// As [`root`], from all gold rows whatever the snapshot.
///
/// # Errors
/// As [`root`].
pub async fn root_from_rows(
    client: &mut Client,
    schemas: &Schemas,
    snapshot: SnapshotArgument,
    budget: &Budget,
) -> Result<Root, RootError> {
    let transaction = begin(client, schemas).await?;
    let (snapshot, _) = resolve(&transaction, snapshot).await?;
    let rows = Rows { before: None, last: snapshot, run: None };
    let amounts = amounts::of_rows(&transaction, rows, budget).await?;
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    tree(snapshot, amounts, ReadFrom::Rows).await
}

/// The root of the day before a run's cutoff, over its rows and those of the runs before it, read from where it is said, or from
/// whatever is quicker. `None` if the run is not complete, or if balances are to be read and they do not tell.
///
/// # Errors
/// As [`root`].
pub(crate) async fn root_of_run(
    client: &mut Client,
    schemas: &Schemas,
    run_id: i64,
    from: Option<ReadFrom>,
    budget: &Budget,
) -> Result<Option<Root>, RootError> {
    let transaction = begin(client, schemas).await?;
    let run = transaction
        .query_opt(include_str!("../../../sql/queries/manifests/cutoff.sql"), &[&run_id])
        .await
        .map_err(RootError::database("manifests/cutoff"))?;
    let Some(run) = run else { return Ok(None) };
    let snapshot = Day::from(run.get::<_, NaiveDate>("cutoff")).previous();
    require_stored(&transaction, snapshot).await?;
    let mut read = None;
    if run.get("is_newest") && from != Some(ReadFrom::Rows) {
        read = amounts::of_balances(&transaction, snapshot, budget).await?.map(|amounts| (amounts, ReadFrom::Balances));
    }
    let (amounts, read_from) = match read {
        Some(read) => read,
        None if from == Some(ReadFrom::Balances) => return Ok(None),
        None => {
            let rows = Rows { before: None, last: snapshot, run: Some(run_id) };
            (amounts::of_rows(&transaction, rows, budget).await?, ReadFrom::Rows)
        }
    };
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    tree(snapshot, amounts, read_from).await.map(Some)
}

/// Hands every cumulative amount of a snapshot over, with E, in the order of the tree (spec/05 §1, §2). Gives E.
///
/// # Errors
/// If the snapshot is not computed, days up to it were dropped, memory does not suffice, reading fails, or `each` does. All but
/// the last is known before the first amount.
pub async fn cumulative_amounts<E: From<RootError>>(
    client: &mut Client,
    schemas: &Schemas,
    snapshot: SnapshotArgument,
    budget: &Budget,
    mut each: impl FnMut(Day, CumulativeAmount) -> Result<(), E>,
) -> Result<Day, E> {
    let transaction = begin(client, schemas).await?;
    let (snapshot, _) = resolve(&transaction, snapshot).await?;
    let rows = Rows { before: None, last: snapshot, run: None };
    let amounts = amounts::of_rows(&transaction, rows, budget).await?;
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    amounts.iter().try_for_each(|amount| each(snapshot, amount?))?;
    Ok(snapshot)
}

/// E, checked, and whether it is the newest that there is a root of.
async fn resolve(transaction: &Transaction<'_>, snapshot: SnapshotArgument) -> Result<(Day, bool), RootError> {
    let newest = newest_cutoff(transaction).await?;
    let snapshot = match (snapshot, newest) {
        (SnapshotArgument::Date(snapshot), _) => snapshot,
        (SnapshotArgument::Latest, Some(newest)) => newest.previous(),
        (SnapshotArgument::Latest, None) => return Err(RootError::NoRuns),
    };
    require_computed(snapshot, newest)?;
    require_stored(transaction, snapshot).await?;
    Ok((snapshot, newest == Some(snapshot.next())))
}

/// A transaction on one snapshot of the database, in which no partition disappears.
async fn begin<'a>(client: &'a mut Client, schemas: &Schemas) -> Result<Transaction<'a>, RootError> {
    require_current(client, schemas).await.map_err(RunError::from)?;
    let transaction = begin_reading(client).await?;
    let lock = include_str!("../../../sql/queries/roots/lock.sql");
    transaction.batch_execute(lock).await.map_err(RootError::database("roots/lock"))?;
    Ok(transaction)
}

async fn newest_cutoff(transaction: &Transaction<'_>) -> Result<Option<Day>, RootError> {
    let row = transaction
        .query_opt(include_str!("../../../sql/queries/partitions/newest_complete.sql"), &[])
        .await
        .map_err(RootError::database("newest_complete"))?;
    Ok(row.map(|row| Day::from(row.get::<_, NaiveDate>("cutoff"))))
}

/// A run with cutoff D computes the days before D in full, so E needs D = E + 1. The reference is content with D = E
/// (spec/00 Q33), which gives a root that lacks most of its last day.
fn require_computed(snapshot: Day, newest: Option<Day>) -> Result<(), RootError> {
    let today = today();
    match newest {
        Some(newest) if newest > snapshot => Ok(()),
        _ if snapshot >= today => Err(RootError::Future { snapshot, today }),
        newest => Err(RootError::NotComputed { snapshot, newest }),
    }
}

async fn require_stored(transaction: &Transaction<'_>, snapshot: Day) -> Result<(), RootError> {
    let dropped = transaction
        .query_opt(include_str!("../../../sql/queries/roots/dropped.sql"), &[&snapshot.date()])
        .await
        .map_err(RootError::database("roots/dropped"))?;
    let Some(row) = dropped else { return Ok(()) };
    let day = |column| Day::from(row.get::<_, NaiveDate>(column));
    Err(RootError::Dropped { snapshot, first: day("first_snapshot"), last: day("last_snapshot") })
}

/// Builds a tree without holding up whoever drives connections.
async fn tree(snapshot: Day, amounts: Amounts, read_from: ReadFrom) -> Result<Root, RootError> {
    let building = tokio::task::spawn_blocking(move || build(snapshot, amounts, read_from));
    building.await.map_err(|_| RunError::Stopped)?
}

fn build(snapshot: Day, mut amounts: Amounts, read_from: ReadFrom) -> Result<Root, RootError> {
    let (pairs, earners) = (amounts.pair_count(), amounts.earner_count);
    let bytes = pairs * Builder::PAIR_BYTES + earners * Distribution::EARNER_BYTES;
    amounts.hold(bytes as u64).map_err(|source| RootError::Memory { snapshot, source })?;
    let (mut builder, mut total) = (Builder::with_capacity(pairs, earners), U512::ZERO);
    for amount in amounts.iter() {
        let CumulativeAmount { pair, .. } = amount?;
        total += U512::from(pair.cumulative);
        builder.push(pair).map_err(|source| RootError::Build { snapshot, source })?;
    }
    drop(amounts);
    Ok(Root { snapshot, distribution: finish(snapshot, builder)?, total, read_from })
}

/// Blocks; runs on all threads.
fn finish(snapshot: Day, builder: Builder) -> Result<Distribution, RootError> {
    builder.finish().map_err(|source| match source {
        BuildError::NoPairs => RootError::NoAmounts { snapshot },
        source => RootError::Build { snapshot, source },
    })
}
