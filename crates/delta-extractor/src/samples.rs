//! Samples of restaked strategies: the relation with the most rows by far, a few a day for each key.
//!
//! They are read in any order; the days of each key are kept as bits, so that memory follows the keys, not the rows.

use std::collections::HashMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::UInt32Type;
use arrow_copy::{Column, Kind, copy_out_each};
use memory_budget::{Budget, Reservation, bytes_of};
use reward_rules::{Day, Dictionary, Id};
use tokio_postgres::Transaction;

use crate::ExtractError;
use crate::change::Ranges;
use crate::digest::{Digest, Hash, TextHashes};
use crate::ranges::{Range, sampled_twice};
use crate::rows::Columns;
use crate::silver::Key;
use crate::state::ReadError;

/// Some days, as bits: words of 64 days with their numbers, ascending.
#[derive(Debug, Default)]
pub(crate) struct Days(Vec<(i32, u64)>);

impl Days {
    /// Adds a day; true if that took more memory.
    fn insert(&mut self, day: Day) -> bool {
        let (word, bit) = (day.0.div_euclid(64), 1_u64 << day.0.rem_euclid(64));
        // Rows come about in the order of time.
        let place = match self.0.last() {
            Some(&(last, _)) if last == word => Ok(self.0.len() - 1),
            Some(&(last, _)) if last < word => Err(self.0.len()),
            _ => self.0.binary_search_by_key(&word, |&(number, _)| number),
        };
        match place {
            Ok(index) => {
                self.0[index].1 |= bit;
                false
            }
            Err(index) => {
                self.0.insert(index, (word, bit));
                true
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Day> {
        self.0.iter().flat_map(|&(word, bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| Day(word * 64 + bit))
        })
    }
}

/// The days on which each key was sampled.
pub(crate) struct Samples {
    pub(crate) days: HashMap<Key, Days>,
    pub(crate) dictionary: Dictionary,
    memory: Reservation,
}

const ID: Kind = Kind::Id;
const COLUMNS: [Column; 5] = [
    Column::new("operator", ID),
    Column::new("avs", ID),
    Column::new("strategy", ID),
    Column::new("avs_directory_address", ID),
    Column::new("day", Kind::Day),
];

/// What a key takes beside its days.
const PER_KEY: u64 = 2 * (size_of::<Key>() + size_of::<Days>()) as u64;

impl Samples {
    /// Reads those of an AVS directory from a day on, of blocks from `first_block` on.
    pub(crate) async fn read(
        client: &Transaction<'_>,
        relation: &'static str,
        avs_directory: &str,
        since: Option<Day>,
        first_block: i64,
        budget: &Budget,
    ) -> Result<Self, ExtractError> {
        let since = since.map_or_else(|| "-infinity".to_owned(), |day| day.to_string());
        let statement = include_str!("../../../sql/queries/events/operator_avs_strategy.sql")
            .replace("{since}", &since)
            .replace("{first_block}", &first_block.to_string());
        let mut samples = Self {
            days: HashMap::new(),
            dictionary: Dictionary::new(),
            memory: budget.reservation("events being folded"),
        };
        // Texts as they are, and which lower-case ones they are.
        let mut raw = Dictionary::new();
        let mut lower: Vec<Id> = Vec::new();
        copy_out_each(client, &statement, &COLUMNS, &mut raw, |batch, raw| {
            for text in raw.texts().skip(lower.len()) {
                lower.push(samples.dictionary.intern(&text.to_ascii_lowercase()));
            }
            let directory = samples.dictionary.intern(avs_directory);
            samples.add(relation, batch, &lower, directory)?;
            samples.note(raw)?;
            Ok::<(), ReadError>(())
        })
        .await
        .map_err(|error| error.of(relation))?;
        samples.note(&Dictionary::new())?;
        Ok(samples)
    }

    fn note(&mut self, raw: &Dictionary) -> Result<(), ExtractError> {
        let words: usize = self.days.len();
        let texts = self.dictionary.memory_bytes() + raw.memory_bytes();
        self.memory.resize(texts + PER_KEY * words as u64 + self.words())?;
        Ok(())
    }

    /// Bytes of the days; vectors that grow take up to twice what is in them.
    fn words(&self) -> u64 {
        let words: usize = self.days.values().map(|days| days.0.capacity()).sum();
        bytes_of::<(i32, u64)>(words)
    }

    fn add(
        &mut self,
        relation: &'static str,
        batch: &RecordBatch,
        lower: &[Id],
        directory: Id,
    ) -> Result<(), ExtractError> {
        let columns = Columns::new(relation, batch);
        let directories = batch.column(3).as_primitive::<UInt32Type>();
        let id = |column, row| columns.id(column, row).map(|id| lower.get(id.0 as usize).copied().unwrap_or(id));
        for row in columns.rows() {
            if directories.is_null(row) || id(3, row)? != directory {
                continue;
            }
            let key = [i64::from(id(0, row)?.0), i64::from(id(1, row)?.0), i64::from(id(2, row)?.0), 0];
            self.days.entry(key).or_default().insert(columns.day(4, row)?);
        }
        Ok(())
    }

    /// The content of the days before one.
    pub(crate) fn digest(&self, since: Option<Day>, before: Day) -> Digest {
        let mut texts = TextHashes::default();
        texts.update(&self.dictionary);
        let mut digest = Digest::default();
        for (key, days) in &self.days {
            let hash = key[..3]
                .iter()
                .fold(Hash::START, |hash, &id| hash.word(texts.of(Id(u32::try_from(id).unwrap_or(u32::MAX)))));
            for day in days.iter().filter(|&day| day < before && since.is_none_or(|since| day >= since)) {
                digest.add(day, hash.word(i64::from(day.0).cast_unsigned()).0);
            }
        }
        digest
    }

    /// The ranges of the samples after `there`, the ranges that reach `since`: two samples stand for a whole range before it,
    /// which keeps its beginning.
    pub(crate) fn ranges(&mut self, since: Day, there: &Ranges<()>) -> Vec<Range<Key, ()>> {
        let mut beginnings: HashMap<Key, Day> = HashMap::new();
        for &(key, from) in there.keys().filter(|&&(_, from)| from < since) {
            let days = self.days.entry(key).or_default();
            days.insert(Day(since.0 - 1));
            days.insert(Day(since.0 - 2));
            beginnings.insert(key, from);
        }
        let mut ranges = self.fold();
        for range in &mut ranges {
            if range.from.next() == since
                && let Some(&from) = beginnings.get(&range.key)
            {
                range.from = from;
            }
        }
        ranges
    }

    fn fold(&self) -> Vec<Range<Key, ()>> {
        let mut keys: Vec<&Key> = self.days.keys().collect();
        // In the order of the table's index.
        let text = |id: i64| self.dictionary.text(Id(u32::try_from(id).unwrap_or(u32::MAX)));
        keys.sort_unstable_by_key(|key| (text(key[1]), text(key[0]), text(key[2])));
        sampled_twice(keys.into_iter().flat_map(|key| self.days[key].iter().map(|day| (*key, day))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_in_order_and_once() {
        let mut days = Days::default();
        for day in [70, 3, -1, 64, 3, 63, -64, -65, 127, 128] {
            days.insert(Day(day));
        }
        assert_eq!(days.iter().map(|day| day.0).collect::<Vec<_>>(), [-65, -64, -1, 3, 63, 64, 70, 127, 128]);
    }
}
