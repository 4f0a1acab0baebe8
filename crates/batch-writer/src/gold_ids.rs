//! The numbers that stand for addresses and submissions in `gold_rows`.

use std::collections::{HashMap, HashSet};

use arrow::array::AsArray;
use arrow::datatypes::{Int32Type, UInt32Type};
use arrow_copy::{Column, CopyError, Kind, copy_out_each};
use reward_rules::{Dictionary, Id};
use tokio_postgres::{GenericClient, Row, Transaction};

use crate::WriteError;

/// Numbers of earners and of submissions with their tokens (`gold_earners`, `gold_rewards`), as far as they are known. The
/// entries are never changed or deleted, so what was once read stays true.
#[derive(Clone, Debug, Default)]
pub struct GoldIds {
    /// By [`Id`]; 0 is none.
    earners: Vec<i32>,
    rewards: HashMap<(Id, Id), i32>,
}

const EARNER_COLUMNS: [Column; 2] = [Column::new("id", Kind::Int4), Column::new("address", Kind::Id)];

impl GoldIds {
    /// Reads the numbers of all addresses; those that the dictionary does not have become part of it. `note` hears how both
    /// grow, and can end it.
    ///
    /// # Errors
    /// If reading fails, or `note` does.
    pub async fn read<E: From<CopyError>>(
        client: &Transaction<'_>,
        dictionary: &mut Dictionary,
        mut note: impl FnMut(&Dictionary, &Self) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut ids = Self::default();
        copy_out_each(
            client,
            include_str!("../../../sql/queries/gold/all_earners.sql"),
            &EARNER_COLUMNS,
            dictionary,
            |batch, dictionary| {
                let (numbers, addresses) =
                    (batch.column(0).as_primitive::<Int32Type>(), batch.column(1).as_primitive::<UInt32Type>());
                for (&number, &address) in numbers.values().iter().zip(addresses.values()) {
                    ids.set_earner(Id(address), number);
                }
                note(dictionary, &ids)
            },
        )
        .await?;
        Ok(ids)
    }

    fn set_earner(&mut self, id: Id, number: i32) {
        let at = id.0 as usize;
        if self.earners.len() <= at {
            self.earners.resize(at + 1, 0);
        }
        self.earners[at] = number;
    }

    /// These, and no others.
    #[must_use]
    pub fn known<const E: usize, const R: usize>(earners: [(Id, i32); E], rewards: [((Id, Id), i32); R]) -> Self {
        let mut ids = Self { earners: Vec::new(), rewards: rewards.into() };
        for (id, number) in earners {
            ids.set_earner(id, number);
        }
        ids
    }

    /// All addresses with their numbers.
    pub fn earners(&self) -> impl Iterator<Item = (Id, i32)> {
        (0..).map(Id).zip(self.earners.iter().copied()).filter(|&(_, number)| number != 0)
    }

    /// The number of an address.
    #[must_use]
    pub fn earner(&self, id: Id) -> Option<i32> {
        self.earners.get(id.0 as usize).copied().filter(|&number| number != 0)
    }

    /// The number of a submission and its token.
    #[must_use]
    pub fn reward(&self, reward_hash: Id, token: Id) -> Option<i32> {
        self.rewards.get(&(reward_hash, token)).copied()
    }

    /// Those without a number, each once.
    #[must_use]
    pub fn unknown(&self, earners: impl Iterator<Item = Id>, rewards: impl Iterator<Item = (Id, Id)>) -> Unknown {
        let earners: HashSet<Id> = earners.filter(|&earner| self.earner(earner).is_none()).collect();
        let rewards: HashSet<(Id, Id)> = rewards.filter(|&(hash, token)| self.reward(hash, token).is_none()).collect();
        let mut earners: Vec<Id> = earners.into_iter().collect();
        // Rows of a submission come in the order of ids, more or less; see add_earners.sql.
        earners.sort_unstable();
        Unknown { earners, rewards: rewards.into_iter().collect() }
    }

    /// Reads numbers, giving new ones where there are none. Outside of a transaction that has other things to do: whoever
    /// wants to add the same ones waits for its end.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn add<C: GenericClient>(
        &mut self,
        client: &C,
        unknown: &Unknown,
        dictionary: &Dictionary,
    ) -> Result<(), WriteError> {
        let database = |what| move |source| WriteError::Database { what, source };
        if !unknown.earners.is_empty() {
            let addresses: Vec<&str> = unknown.earners.iter().map(|&id| dictionary.text(id)).collect();
            add_earners(client, &addresses).await?;
            let rows = client
                .query(include_str!("../../../sql/queries/gold/earner_ids.sql"), &[&addresses])
                .await
                .map_err(database("gold/earner_ids"))?;
            for row in rows {
                if let Some(id) = dictionary.get(row.get("address")) {
                    self.set_earner(id, row.get("id"));
                }
            }
        }
        if !unknown.rewards.is_empty() {
            let hashes: Vec<&str> = unknown.rewards.iter().map(|&(hash, _)| dictionary.text(hash)).collect();
            let tokens: Vec<&str> = unknown.rewards.iter().map(|&(_, token)| dictionary.text(token)).collect();
            add_rewards(client, &hashes, &tokens).await?;
            let rows: Vec<Row> = client
                .query(include_str!("../../../sql/queries/gold/reward_ids.sql"), &[&hashes])
                .await
                .map_err(database("gold/reward_ids"))?;
            for row in rows {
                // A hash may have another token that this run does not know.
                if let (Some(hash), Some(token)) =
                    (dictionary.get(row.get("reward_hash")), dictionary.get(row.get("token")))
                {
                    self.rewards.insert((hash, token), row.get("id"));
                }
            }
        }
        Ok(())
    }

    /// Bytes of memory, about.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        (std::mem::size_of_val(self.earners.as_slice())
            + 2 * self.rewards.len() * std::mem::size_of::<((Id, Id), i32)>()) as u64
    }
}

/// Addresses and submissions whose numbers are not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    earners: Vec<Id>,
    rewards: Vec<(Id, Id)>,
}

impl Unknown {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.earners.is_empty() && self.rewards.is_empty()
    }
}

/// Gives numbers to addresses that have none.
///
/// # Errors
/// If the server refuses.
pub async fn add_earners<C: GenericClient>(client: &C, addresses: &[&str]) -> Result<(), WriteError> {
    client
        .execute(include_str!("../../../sql/queries/gold/add_earners.sql"), &[&addresses])
        .await
        .map_err(|source| WriteError::Database { what: "gold/add_earners", source })?;
    Ok(())
}

/// Gives numbers to submissions with their tokens that have none.
///
/// # Errors
/// If the server refuses.
pub async fn add_rewards<C: GenericClient>(client: &C, hashes: &[&str], tokens: &[&str]) -> Result<(), WriteError> {
    client
        .execute(include_str!("../../../sql/queries/gold/add_rewards.sql"), &[&hashes, &tokens])
        .await
        .map_err(|source| WriteError::Database { what: "gold/add_rewards", source })?;
    Ok(())
}
