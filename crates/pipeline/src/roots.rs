//! Cumulative amounts, roots and claims from what is stored (spec/05). Writes nothing.
//!
//! 1. A transaction on one snapshot of the database; dropped partitions are seen, or wait (`sql/queries/roots/lock.sql`).
//! 2. A complete run has to have computed every day up to E, so its cutoff is E + 1 or later.
//! 3. The server sums gold per earner and token and hands the pairs over in the order of the tree. For the newest E it takes what
//!    runs have summed up already ([`ReadFrom::Balances`]).
//! 4. They stream into a [`Builder`]; the tree is built on all threads.
//!
//! In memory: 52 bytes per pair and 88 per earner, in vectors that grow by doubling.

mod amounts;
mod error;
mod posted;

use std::str::FromStr;

use alloy_primitives::aliases::U512;
use alloy_primitives::{Address, B256};
use chrono::NaiveDate;
use claim_tree::{BuildError, Builder, Claim, Distribution, Pair};
use reward_rules::Day;
use tokio_postgres::{Client, Transaction};

use crate::lifecycle::today;
use crate::migrate::require_current;
use crate::run::begin_reading;
use crate::{CutoffArgument, RunError, Schemas};

pub use amounts::CumulativeAmount;
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
/// If the snapshot is not computed, days up to it were dropped, nothing was paid, or reading fails.
pub async fn root(client: &mut Client, schemas: &Schemas, snapshot: SnapshotArgument) -> Result<Root, RootError> {
    let (mut builder, mut total) = (Builder::new(), U512::ZERO);
    let transaction = begin(client, schemas).await?;
    let (snapshot, is_newest) = resolve(&transaction, snapshot).await?;
    let mut add = |pair: Pair| {
        total += U512::from(pair.cumulative);
        builder.push(pair).map_err(|source| RootError::Build { snapshot, source })
    };
    let mut read_from = ReadFrom::Balances;
    if !is_newest || !amounts::read_balances(&transaction, snapshot, &mut add).await? {
        read_from = ReadFrom::Rows;
        amounts::read(&transaction, None, snapshot, |amount| add(amount.pair)).await?;
    }
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    Ok(Root { snapshot, distribution: tree(snapshot, builder).await?, total, read_from })
}

/// As [`root`], from all gold rows whatever the snapshot.
///
/// # Errors
/// As [`root`].
pub async fn root_from_rows(
    client: &mut Client,
    schemas: &Schemas,
    snapshot: SnapshotArgument,
) -> Result<Root, RootError> {
    let (mut builder, mut total) = (Builder::new(), U512::ZERO);
    let snapshot = cumulative_amounts(client, schemas, snapshot, |snapshot, amount| {
        total += U512::from(amount.pair.cumulative);
        builder.push(amount.pair).map_err(|source| RootError::Build { snapshot, source })
    })
    .await?;
    Ok(Root { snapshot, distribution: tree(snapshot, builder).await?, total, read_from: ReadFrom::Rows })
}

/// Hands every cumulative amount of a snapshot over, with E, in the order of the tree (spec/05 §1, §2). Gives E.
///
/// # Errors
/// If the snapshot is not computed, days up to it were dropped, reading fails, or `each` does. That days were dropped is
/// known before the first amount.
pub async fn cumulative_amounts<E: From<RootError>>(
    client: &mut Client,
    schemas: &Schemas,
    snapshot: SnapshotArgument,
    mut each: impl FnMut(Day, CumulativeAmount) -> Result<(), E>,
) -> Result<Day, E> {
    let transaction = begin(client, schemas).await?;
    let (snapshot, _) = resolve(&transaction, snapshot).await?;
    amounts::read(&transaction, None, snapshot, |amount| each(snapshot, amount)).await?;
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
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
async fn tree(snapshot: Day, builder: Builder) -> Result<Distribution, RootError> {
    let built = tokio::task::spawn_blocking(|| builder.finish()).await;
    built.map_err(|_| RunError::Stopped)?.map_err(|source| match source {
        BuildError::NoPairs => RootError::NoAmounts { snapshot },
        source => RootError::Build { snapshot, source },
    })
}
