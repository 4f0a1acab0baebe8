//! What the events of a day are, in few bytes: by this a later run finds the first day on which they have changed.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow_copy::Kind;
use reward_rules::{Day, Dictionary, Id};

use crate::ExtractError;
use crate::rows::Columns;
use crate::silver::Relation;

/// Number of events and a sum of their hashes, day by day. It is stored: it may not depend on machine, version or ids.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest(BTreeMap<Day, (i64, u128)>);

impl Digest {
    pub(crate) fn add(&mut self, day: Day, hash: u64) {
        let (events, content) = self.0.entry(day).or_default();
        *events += 1;
        *content += u128::from(hash);
    }

    /// Adds what is stored of a day.
    pub(crate) fn insert(&mut self, day: Day, events: i64, content: u128) {
        self.0.insert(day, (events, content));
    }

    /// Day, number of events, content.
    pub(crate) fn days(&self) -> impl Iterator<Item = (Day, i64, u128)> {
        self.0.iter().map(|(&day, &(events, content))| (day, events, content))
    }

    /// The first day on which two digests differ.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<Day> {
        let missing_in = |one: &Self, other: &Self| {
            one.0.iter().find(|&(day, content)| other.0.get(day) != Some(content)).map(|(&day, _)| day)
        };
        match (missing_in(self, other), missing_in(other, self)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

/// Hashes of words and texts, the same everywhere and forever: Murmur3's finalizer over each word in turn. Good against chance, not
/// against somebody who looks for collisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub u64);

impl Hash {
    /// The hash of nothing.
    pub const START: Self = Self(0x9e37_79b9_7f4a_7c15);

    /// The hash of what was hashed so far, and then this.
    #[must_use]
    pub fn word(self, word: u64) -> Self {
        let mut hash = self.0.rotate_left(5) ^ word;
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        Self(hash ^ (hash >> 33))
    }

    /// The same with bytes; how many there are counts.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let words = bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        });
        words.fold(self.word(bytes.len() as u64), Self::word)
    }
}

/// The hashes of a dictionary's texts, each made once.
#[derive(Clone, Debug, Default)]
pub struct TextHashes(Vec<u64>);

impl TextHashes {
    /// Makes those that are missing.
    pub fn update(&mut self, dictionary: &Dictionary) {
        let new = dictionary.texts().skip(self.0.len()).map(|text| Hash::START.bytes(text.as_bytes()).0);
        self.0.extend(new);
    }

    /// That of a text of the dictionary at the last update; 0 for others.
    #[must_use]
    pub fn of(&self, id: Id) -> u64 {
        self.0.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// Bytes of memory, about.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        std::mem::size_of_val(self.0.as_slice()) as u64
    }
}

/// Digests the events of a relation as they are read: a key's together and in order.
#[derive(Debug, Default)]
pub(crate) struct Digester {
    pub(crate) digest: Digest,
    texts: TextHashes,
    /// Hash of the key, day and number of the last event.
    last: Option<(u64, Day, u64)>,
}

impl Digester {
    pub(crate) fn add(
        &mut self,
        relation: &'static Relation,
        batches: &[RecordBatch],
        dictionary: &Dictionary,
    ) -> Result<(), ExtractError> {
        self.texts.update(dictionary);
        for batch in batches {
            let columns = Columns::new(relation.table, batch);
            let keys = relation.keys();
            for row in columns.rows() {
                let mut key = Hash::START;
                for (index, column) in keys.iter().enumerate() {
                    key = key.word(self.word(column.kind, &columns, index, row)?);
                }
                let day = columns.day(keys.len(), row)?;
                // The order of the events of a day matters.
                let number = match self.last {
                    Some((last_key, last_day, number)) if last_key == key.0 && last_day == day => number + 1,
                    _ => 0,
                };
                self.last = Some((key.0, day, number));
                let event = key.word(i64::from(day.0).cast_unsigned()).word(number);
                let event = match relation.value() {
                    None => event,
                    Some(column) if column.kind == Kind::Numeric => event.bytes(columns.bytes(keys.len() + 1, row)?),
                    Some(column) => event.word(self.word(column.kind, &columns, keys.len() + 1, row)?),
                };
                self.digest.add(day, event.0);
            }
        }
        Ok(())
    }

    fn word(&self, kind: Kind, columns: &Columns<'_>, column: usize, row: usize) -> Result<u64, ExtractError> {
        Ok(match kind {
            Kind::Int8 => columns.int8(column, row)?.cast_unsigned(),
            Kind::Int4 => i64::from(columns.int4(column, row)?).cast_unsigned(),
            Kind::Bool => u64::from(columns.boolean(column, row)?),
            _ => self.texts.of(columns.id(column, row)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_that_are_stored() {
        assert_eq!(Hash::START.word(0).0, HASH_OF_ZERO);
        assert_eq!(Hash::START.bytes(b"0x1234567890").0, HASH_OF_TEXT);
    }

    /// Whoever changes them makes every stored digest useless.
    const HASH_OF_ZERO: u64 = 0xf2fb_d48f_3d72_72a4;
    const HASH_OF_TEXT: u64 = 0xac31_0b72_ccd9_9bd0;

    #[test]
    fn bytes_that_look_alike_differ() {
        let hashes =
            [&b""[..], b"\0", b"\0\0", b"a", b"a\0", b"aaaaaaaa", b"aaaaaaaaa"].map(|b| Hash::START.bytes(b).0);
        for (index, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..index].contains(hash));
        }
    }

    #[test]
    fn the_first_difference_is_found_on_both_sides() {
        let digest = |days: &[(i32, u128)]| {
            let mut digest = Digest::default();
            days.iter().for_each(|&(day, content)| digest.insert(Day(day), 1, content));
            digest
        };
        let one = digest(&[(1, 5), (2, 6), (4, 7)]);
        assert_eq!(one.first_difference(&digest(&[(1, 5), (2, 6), (4, 7)])), None);
        assert_eq!(one.first_difference(&digest(&[(1, 5), (2, 6), (3, 1), (4, 7)])), Some(Day(3)));
        assert_eq!(one.first_difference(&digest(&[(1, 5), (4, 7)])), Some(Day(2)));
        assert_eq!(one.first_difference(&digest(&[(0, 5), (1, 6), (2, 6), (4, 7)])), Some(Day(0)));
    }
}
