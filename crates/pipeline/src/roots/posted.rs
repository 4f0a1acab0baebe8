//! Posted roots, compared with ours.
//!
//! 1. Posted roots in the order of their snapshots.
//! 2. For each snapshot only what amounts grew by since the one before is read: gold is read once, however many there are.
//! 3. A tree per snapshot, compared with every root posted for it.

use std::collections::{BTreeMap, HashSet};

use alloy_primitives::B256;
use chrono::NaiveDate;
use claim_tree::{Builder, Pair};
use memory_budget::{Budget, Reservation, bytes_of};
use reward_rules::Day;
use serde::Serialize;
use tokio_postgres::{Client, Transaction};

use super::amounts::{self, Rows};
use super::{RootError, begin, finish, newest_cutoff, require_computed, require_stored};
use crate::{RunError, Schemas};

/// A root that was posted on chain, and what ours is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PostedRoot {
    /// Its index.
    pub root_index: i64,
    /// E: the date of its calculation end, `YYYY-MM-DD`.
    pub snapshot: String,
    /// Its text, as the source has it.
    pub root: String,
    /// The block it was posted in.
    pub block_number: i64,
    /// Whether it was disabled later.
    pub disabled: bool,
    /// How ours compares.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// How a posted root compares with ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Verdict {
    /// Ours is the same.
    Equal,
    /// Ours is another.
    Different {
        /// Ours.
        ours: String,
    },
    /// Ours cannot be computed, or the posted one is known not to be reproducible.
    NotComputable {
        /// Why.
        reason: String,
    },
}

/// Compares every posted root of the source schema with ours, in the order of their indices.
///
/// Up to three sets of amounts are in memory, 72 bytes per pair each, besides what a root needs.
///
/// # Errors
/// If there is no table of posted roots, or reading fails. What stands in the way of single roots is in their verdicts.
pub async fn check_posted_roots(
    client: &mut Client,
    schemas: &Schemas,
    budget: &Budget,
) -> Result<Vec<PostedRoot>, RootError> {
    let transaction = begin(client, schemas).await?;
    let Some(posted) = read_posted(&transaction).await? else {
        return Err(RootError::NoPostedRoots { schema: schemas.source.clone() });
    };
    let newest = newest_cutoff(&transaction).await?;
    let chain = chain(&transaction).await?;
    let mut ours: BTreeMap<Day, Result<B256, String>> = BTreeMap::new();
    ours.extend(posted.iter().map(|posted| (posted.snapshot, Err(String::new()))));
    let mut growing =
        Growing { snapshot: None, pairs: Vec::new(), memory: budget.reservation("amounts of the snapshot before") };
    for (&snapshot, root) in &mut ours {
        *root = growing.root(&transaction, snapshot, newest, budget).await?;
    }
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    let compared = posted.into_iter().filter_map(|posted| {
        let verdict = verdict(&posted, ours.get(&posted.snapshot)?, chain.as_deref());
        let Posted { root, root_index, snapshot, block_number, disabled } = posted;
        Some(PostedRoot { root_index, snapshot: snapshot.to_string(), root, block_number, disabled, verdict })
    });
    Ok(compared.collect())
}

/// The index under which a root was posted for its snapshot and not disabled; the newest if there are several.
///
/// # Errors
/// If reading fails. A source without posted roots has none.
pub async fn posted_index(
    client: &mut Client,
    schemas: &Schemas,
    snapshot: Day,
    root: B256,
) -> Result<Option<u32>, RootError> {
    let transaction = begin(client, schemas).await?;
    let posted = read_posted(&transaction).await?.unwrap_or_default();
    transaction.rollback().await.map_err(RootError::database("rollback"))?;
    let of_root =
        |posted: &&Posted| !posted.disabled && posted.snapshot == snapshot && parsed(&posted.root) == Some(root);
    Ok(posted.iter().rev().filter(of_root).find_map(|posted| u32::try_from(posted.root_index).ok()))
}

/// A row of submitted_distribution_roots.
struct Posted {
    root: String,
    root_index: i64,
    snapshot: Day,
    block_number: i64,
    disabled: bool,
}

/// The posted roots in order of their indices; `None` if there is no table of them.
async fn read_posted(transaction: &Transaction<'_>) -> Result<Option<Vec<Posted>>, RootError> {
    if !table_exists(transaction, "submitted_distribution_roots").await? {
        return Ok(None);
    }
    let mut disabled: HashSet<i64> = HashSet::new();
    if table_exists(transaction, "disabled_distribution_roots").await? {
        let rows = transaction
            .query(include_str!("../../../../sql/queries/roots/disabled.sql"), &[])
            .await
            .map_err(RootError::database("roots/disabled"))?;
        disabled.extend(rows.iter().map(|row| row.get::<_, i64>("root_index")));
    }
    let rows = transaction
        .query(include_str!("../../../../sql/queries/roots/posted.sql"), &[])
        .await
        .map_err(RootError::database("roots/posted"))?;
    let posted = rows.iter().map(|row| {
        let root_index = row.get("root_index");
        Posted {
            root: row.get("root"),
            root_index,
            snapshot: Day::from(row.get::<_, NaiveDate>("snapshot")),
            block_number: row.get("block_number"),
            disabled: disabled.contains(&root_index),
        }
    });
    Ok(Some(posted.collect()))
}

async fn table_exists(transaction: &Transaction<'_>, name: &'static str) -> Result<bool, RootError> {
    let row = transaction
        .query_one(include_str!("../../../../sql/bronze/table_exists.sql"), &[&name])
        .await
        .map_err(RootError::database("table_exists"))?;
    Ok(row.get("found"))
}

/// The chain of the runs so far.
async fn chain(transaction: &Transaction<'_>) -> Result<Option<String>, RootError> {
    let row = transaction
        .query_opt(include_str!("../../../../sql/queries/runs/chain_and_mode.sql"), &[])
        .await
        .map_err(RootError::database("chain_and_mode"))?;
    Ok(row.map(|row| row.get("chain")))
}

/// The text of a root; the chain has bytes, so an indexer's spelling does not matter.
fn parsed(text: &str) -> Option<B256> {
    text.strip_prefix("0x")?.parse().ok()
}

fn verdict(posted: &Posted, ours: &Result<B256, String>, chain: Option<&str>) -> Verdict {
    let not_computable = |reason: &str| Verdict::NotComputable { reason: reason.to_owned() };
    match (parsed(&posted.root), ours) {
        (None, _) => not_computable("the posted text is not a root: 0x and 64 hex digits"),
        (Some(_), Err(reason)) => not_computable(reason),
        (Some(root), Ok(ours)) if root == *ours => Verdict::Equal,
        (Some(_), Ok(_)) if is_irreproducible(chain, posted.block_number) => {
            not_computable("it differs from ours, and is one of those known not to be reproducible (spec/00 Q34)")
        }
        (Some(_), Ok(ours)) => Verdict::Different { ours: ours.to_string() },
    }
}

/// Roots of test networks that nobody can reproduce, by the block they were posted in (Q34).
fn is_irreproducible(chain: Option<&str>, block: i64) -> bool {
    match chain {
        Some("preprod") => block < 2_046_020 || block == 2_812_052 || (2_877_938..=2_965_149).contains(&block),
        Some("holesky") => block < 2_046_020,
        _ => false,
    }
}

/// Amounts up to a snapshot, which later ones are added to.
struct Growing {
    snapshot: Option<Day>,
    pairs: Vec<Pair>,
    /// Of `pairs`, twice while they grow, and of a tree over them.
    memory: Reservation,
}

impl Growing {
    /// The root of the next snapshot, or why there is none.
    async fn root(
        &mut self,
        transaction: &Transaction<'_>,
        snapshot: Day,
        newest: Option<Day>,
        budget: &Budget,
    ) -> Result<Result<B256, String>, RootError> {
        let computable = match require_computed(snapshot, newest) {
            Ok(()) => require_stored(transaction, snapshot).await,
            Err(error) => Err(error),
        };
        let root = match computable {
            Ok(()) => self.grow(transaction, snapshot, budget).await,
            Err(error) => Err(error),
        };
        match root {
            Ok(root) => Ok(Ok(root)),
            Err(
                error @ (RootError::NotComputed { .. }
                | RootError::Future { .. }
                | RootError::Dropped { .. }
                | RootError::NoAmounts { .. }),
            ) => Ok(Err(error.to_string())),
            Err(error) => Err(error),
        }
    }

    async fn grow(&mut self, transaction: &Transaction<'_>, snapshot: Day, budget: &Budget) -> Result<B256, RootError> {
        let amounts = amounts::of_rows(transaction, Rows { before: self.snapshot, last: snapshot, run: None }, budget);
        let amounts = amounts.await?;
        let pairs = self.pairs.len() + amounts.pair_count();
        let bytes = bytes_of::<Pair>(self.pairs.len() + 2 * pairs) + (pairs * Builder::PAIR_BYTES) as u64;
        self.memory.resize(bytes).map_err(|source| RootError::Memory { snapshot, source })?;
        let new = amounts.iter().map(|amount| Ok(amount?.pair)).collect::<Result<Vec<Pair>, RootError>>()?;
        drop(amounts);
        self.pairs = merged(&self.pairs, &new).map_err(|pair| overflow(&pair))?;
        self.snapshot = Some(snapshot);
        let mut builder = Builder::with_capacity(self.pairs.len(), 0);
        for &pair in &self.pairs {
            builder.push(pair).map_err(|source| RootError::Build { snapshot, source })?;
        }
        let finishing = tokio::task::spawn_blocking(move || finish(snapshot, builder));
        Ok(finishing.await.map_err(|_| RunError::Stopped)??.root())
    }
}

fn overflow(pair: &Pair) -> RootError {
    RootError::NoLeaf {
        what: "amount",
        value: "2^256 or more".to_owned(),
        earner: format!("{:#x}", pair.earner),
        token: format!("{:#x}", pair.token),
    }
}

/// Two ordered lists as one; the amounts of a pair that both have are added. The error is a pair of more than 256 bits.
fn merged(known: &[Pair], new: &[Pair]) -> Result<Vec<Pair>, Pair> {
    let key = |pair: &Pair| (pair.earner, pair.token);
    let mut merged = Vec::with_capacity(known.len() + new.len());
    let mut known = known.iter().copied().peekable();
    for &pair in new {
        while let Some(earlier) = known.next_if(|earlier| key(earlier) < key(&pair)) {
            merged.push(earlier);
        }
        let same = known.next_if(|same| key(same) == key(&pair));
        let cumulative = match same {
            Some(same) => same.cumulative.checked_add(pair.cumulative).ok_or(pair)?,
            None => pair.cumulative,
        };
        merged.push(Pair { cumulative, ..pair });
    }
    merged.extend(known);
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, U256};

    use super::*;

    fn pair(earner: u8, token: u8, amount: u64) -> Pair {
        let (earner, token) = (Address::repeat_byte(earner), Address::repeat_byte(token));
        Pair { earner, token, cumulative: U256::from(amount) }
    }

    #[test]
    fn merging_adds_equal_pairs_and_keeps_the_order() {
        let known = [pair(1, 2, 5), pair(2, 1, 7), pair(2, 3, 0)];
        let new = [pair(1, 1, 1), pair(2, 1, 2), pair(2, 2, 3), pair(3, 1, 4)];
        let expected = [pair(1, 1, 1), pair(1, 2, 5), pair(2, 1, 9), pair(2, 2, 3), pair(2, 3, 0), pair(3, 1, 4)];
        assert_eq!(merged(&known, &new).unwrap(), expected);
        assert_eq!(merged(&[], &new).unwrap(), new);
        assert_eq!(merged(&known, &[]).unwrap(), known);
        let largest = Pair { cumulative: U256::MAX, ..pair(1, 2, 0) };
        assert_eq!(merged(&known, &[largest]), Err(largest));
    }

    #[test]
    fn a_root_that_differs_is_told_from_one_that_nobody_can_reproduce() {
        let posted = |root: &str, block_number| Posted {
            root: root.to_owned(),
            root_index: 0,
            snapshot: Day(0),
            block_number,
            disabled: false,
        };
        let ours = B256::repeat_byte(0xab);
        let (same, other) = (ours.to_string(), B256::ZERO.to_string());
        let of = |posted: Posted, chain| verdict(&posted, &Ok(ours), chain);
        assert_eq!(of(posted(&same, 1), Some("holesky")), Verdict::Equal);
        assert_eq!(of(posted(&same.to_uppercase().replace("0X", "0x"), 1), None), Verdict::Equal);
        let different = Verdict::Different { ours: same.clone() };
        for (chain, blocks, irreproducible) in [
            ("holesky", &[0, 2_046_019][..], true),
            ("holesky", &[2_046_020, 2_812_052], false),
            ("preprod", &[0, 2_046_019, 2_812_052, 2_877_938, 2_965_149], true),
            ("preprod", &[2_046_020, 2_812_051, 2_812_053, 2_877_937, 2_965_150], false),
            ("mainnet", &[0, 2_046_019], false),
        ] {
            for &block in blocks {
                let verdict = of(posted(&other, block), Some(chain));
                assert_eq!(verdict != different, irreproducible, "{chain} {block}: {verdict:?}");
            }
        }
        for bad in ["", "0xab", &same[2..]] {
            assert!(matches!(of(posted(bad, 1), None), Verdict::NotComputable { .. }), "{bad}");
        }
        let missing = verdict(&posted(&same, 1), &Err("why".to_owned()), None);
        assert_eq!(missing, Verdict::NotComputable { reason: "why".to_owned() });
    }
}
