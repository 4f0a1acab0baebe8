//! Stored ranges: those that new events continue, and what becomes of them.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use arrow_copy::{Column, CopyIn, Cursor, Kind};
use chrono::NaiveDate;
use reward_rules::{Day, Dictionary, Id};
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

use crate::ExtractError;
use crate::ranges::Range;
use crate::silver::{Key, Relation};

/// What becomes of stored ranges.
#[derive(Debug)]
pub(crate) struct Change {
    /// Key and first day of those that go.
    pub(crate) removed: Vec<(Key, Day)>,
    /// The same of those that end on another day, and that day.
    pub(crate) ended: Vec<(Key, Day, Option<Day>)>,
    /// New ones, as the table's columns.
    pub(crate) added: RecordBatch,
}

/// Ranges by key and first day.
pub(crate) type Ranges<V> = HashMap<(Key, Day), Range<Key, V>>;

/// What becomes of ranges, with the new ones as they are.
#[derive(Debug)]
pub(crate) struct Differences<V> {
    pub(crate) removed: Vec<(Key, Day)>,
    pub(crate) ended: Vec<(Key, Day, Option<Day>)>,
    pub(crate) added: Vec<Range<Key, V>>,
}

/// How the ranges that are there become those that are wanted: what goes, what only ends on another day,
/// and what is new.
pub(crate) fn differences<V: PartialEq>(there: &Ranges<V>, wanted: Vec<Range<Key, V>>) -> Differences<V> {
    let (mut ended, mut added) = (Vec::new(), Vec::new());
    let mut kept = std::collections::HashSet::new();
    for range in wanted {
        let place = (range.key, range.from);
        match there.get(&place) {
            Some(old) if old.value == range.value => {
                kept.insert(place);
                if old.to != range.to {
                    ended.push((range.key, range.from, range.to));
                }
            }
            _ => added.push(range),
        }
    }
    let removed = there.keys().filter(|place| !kept.contains(*place)).copied().collect();
    Differences { removed, ended, added }
}

type Parameter = Box<dyn ToSql + Sync + Send>;

fn references(parameters: &[Parameter]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync)).collect()
}

/// The tables of ranges, from a transaction.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub(crate) client: &'a Transaction<'a>,
    pub(crate) relation: &'static Relation,
}

impl Stored<'_> {
    /// Columns of a range, in the table's order.
    pub(crate) fn columns(self) -> Vec<Column> {
        let days = [Column::new("valid_from", Kind::Day), Column::new("valid_to", Kind::Day)];
        self.relation.keys().iter().copied().chain(self.relation.stored_value()).chain(days).collect()
    }

    fn statement(self, text: &str) -> String {
        let columns: Vec<String> = self.columns().iter().map(|column| format!("r.{}", column.name)).collect();
        text.replace("{table}", self.relation.table).replace("{columns}", &columns.join(", "))
    }

    pub(crate) async fn is_empty(self) -> Result<bool, ExtractError> {
        let statement = self.statement(include_str!("../../../sql/queries/silver/is_empty.sql"));
        let row = self.client.query_one(&statement, &[]).await.map_err(ExtractError::database(self.relation.table))?;
        Ok(row.get("is_empty"))
    }

    async fn read(
        self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
        dictionary: &mut Dictionary,
    ) -> Result<Vec<RecordBatch>, ExtractError> {
        let copy_error = || ExtractError::copy(self.relation.table);
        let columns = self.columns();
        let mut cursor = Cursor::open(self.client, statement, parameters, &columns).await.map_err(copy_error())?;
        let mut batches = Vec::new();
        while let Some(batch) = cursor.next(dictionary).await.map_err(copy_error())? {
            batches.push(batch);
        }
        Ok(batches)
    }

    /// The open ranges of some keys.
    pub(crate) async fn open(
        self,
        keys: impl Iterator<Item = Key>,
        dictionary: &mut Dictionary,
    ) -> Result<Vec<RecordBatch>, ExtractError> {
        let names = self.relation.key_names().join(", ");
        let (types, parameters) = self.arrays(&keys.collect::<Vec<_>>(), dictionary);
        let join = match names.as_str() {
            "" => String::new(),
            names => format!("JOIN unnest({}) AS k ({names}) USING ({names})", types.join(", ")),
        };
        let text = include_str!("../../../sql/queries/silver/open_ranges.sql");
        self.read(&self.statement(text).replace("{keys}", &join), &references(&parameters), dictionary).await
    }

    /// The ranges that reach a day.
    pub(crate) async fn reaching(
        self,
        day: Day,
        dictionary: &mut Dictionary,
    ) -> Result<Vec<RecordBatch>, ExtractError> {
        let statement = self.statement(include_str!("../../../sql/queries/silver/reaching_ranges.sql"));
        self.read(&statement, &[&day.date()], dictionary).await
    }

    /// Makes the change; gives the numbers of ranges that were removed or changed, and added or changed.
    pub(crate) async fn apply(self, change: &Change, dictionary: &Dictionary) -> Result<(u64, u64), ExtractError> {
        let Change { removed, ended, added } = change;
        if !removed.is_empty() {
            let (keys, days): (Vec<Key>, Vec<NaiveDate>) = removed.iter().map(|(key, day)| (*key, day.date())).unzip();
            let text = include_str!("../../../sql/queries/silver/remove_ranges.sql");
            self.change(text, &keys, &["valid_from"], vec![Box::new(days)], dictionary).await?;
        }
        if !ended.is_empty() {
            let keys: Vec<Key> = ended.iter().map(|(key, ..)| *key).collect();
            let from: Vec<NaiveDate> = ended.iter().map(|(_, from, _)| from.date()).collect();
            let to: Vec<Option<NaiveDate>> = ended.iter().map(|(_, _, to)| to.map(Day::date)).collect();
            let text = include_str!("../../../sql/queries/silver/end_ranges.sql");
            let days: Vec<Parameter> = vec![Box::new(from), Box::new(to)];
            self.change(text, &keys, &["valid_from", "valid_to"], days, dictionary).await?;
        }
        if added.num_rows() > 0 {
            let copy_error = || ExtractError::copy(self.relation.table);
            let statement = self.statement(include_str!("../../../sql/queries/silver/add_ranges.sql"));
            let mut copy = CopyIn::start(self.client, &statement).await.map_err(copy_error())?;
            copy.send(added, dictionary).await.map_err(copy_error())?;
            copy.finish().await.map_err(copy_error())?;
        }
        let count = |ranges: usize| ranges as u64;
        Ok((count(removed.len() + ended.len()), count(added.num_rows() + ended.len())))
    }

    /// Runs a statement about ranges with these keys and days, the first of which is the first day of the range.
    async fn change(
        self,
        text: &str,
        keys: &[Key],
        names_of_days: &[&'static str],
        days: Vec<Parameter>,
        dictionary: &Dictionary,
    ) -> Result<(), ExtractError> {
        let (mut types, mut parameters) = self.arrays(keys, dictionary);
        let mut names = self.relation.key_names();
        let place = names.iter().copied().chain(["valid_from"]).map(|name| format!("r.{name} = k.{name}"));
        let same = place.collect::<Vec<_>>().join(" AND ");
        for (name, days) in names_of_days.iter().zip(days) {
            names.push(name);
            parameters.push(days);
            types.push(format!("${}::date[]", parameters.len()));
        }
        let keys = format!("unnest({}) AS k ({})", types.join(", "), names.join(", "));
        let statement = self.statement(text).replace("{keys}", &keys).replace("{same}", &same);
        let error = ExtractError::database(self.relation.table);
        self.client.execute(&statement, &references(&parameters)).await.map_err(error)?;
        Ok(())
    }

    /// Keys as arrays, one for each column: as they are written in a statement, and their values.
    fn arrays(self, keys: &[Key], dictionary: &Dictionary) -> (Vec<String>, Vec<Parameter>) {
        let columns = self.relation.keys().iter().enumerate();
        let array = |(index, column): (usize, &Column)| -> (String, Parameter) {
            let number = index + 1;
            if column.kind == Kind::Int8 {
                let values: Vec<i64> = keys.iter().map(|key| key[index]).collect();
                return (format!("${number}::bigint[]"), Box::new(values));
            }
            // A key of an id column was made from an id.
            let text = |key: &Key| dictionary.text(Id(u32::try_from(key[index]).unwrap_or(u32::MAX))).to_owned();
            (format!("${number}::text[]"), Box::new(keys.iter().map(text).collect::<Vec<String>>()))
        };
        columns.map(array).unzip()
    }
}
