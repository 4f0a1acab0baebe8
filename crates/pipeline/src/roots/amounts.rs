//! Cumulative amounts: rows as the server sends them, added up and put in order here.

use std::pin::pin;

use alloy_primitives::{Address, U256};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Int32Type, Int64Type};
use arrow_copy::{Column, CopyError, Kind, copy_out_each};
use chrono::NaiveDate;
use claim_tree::Pair;
use futures_util::TryStreamExt;
use memory_budget::{Budget, OutOfMemory, bytes_of};
use pg_numeric::Numeric;
use rayon::prelude::*;
use reward_rules::{Day, Dictionary, IdMap};
use tokio_postgres::types::ToSql;
use tokio_postgres::{GenericClient, Transaction};

use super::RootError;
use super::sums::Sums;
use crate::RunError;
use crate::balances::{Pending, pending};

/// What one earner has got of one token up to a snapshot (spec/05 §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CumulativeAmount {
    /// Earner, token and Σ amount in the token's smallest unit; a sum of 0 is an amount like any other.
    pub pair: Pair,
    /// The last snapshot with a row of the pair. Informational: no leaf has it.
    pub snapshot: Day,
}

/// Which gold rows are added up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    /// Those that count for this snapshot already are left out.
    pub(super) before: Option<Day>,
    /// E.
    pub(super) last: Day,
    /// Those of later runs are left out.
    pub(super) run: Option<i64>,
}

/// Cumulative amounts, with what they are of.
pub(super) struct Amounts {
    sums: Sums,
    earners: Texts,
    tokens: Texts,
    /// In the order of the tree (spec/05 §2): the places of earner and token in 32 bits each, and that of the sum.
    order: Vec<(u64, u32)>,
    /// How many earners there are.
    pub(super) earner_count: usize,
}

const ROWS: [Column; 4] = [
    Column::new("earner", Kind::Int4),
    Column::new("token", Kind::Int4),
    Column::new("snapshot", Kind::Day),
    Column::new("amount", Kind::Numeric),
];

const BALANCES: [Column; 4] = [
    Column::new("earner", Kind::Int4),
    Column::new("token", Kind::Int4),
    Column::new("gold_rows", Kind::Int8),
    Column::new("amount", Kind::Numeric),
];

/// Adds gold rows up.
///
/// # Errors
/// If a statement fails, or memory does not suffice.
pub(super) async fn of_rows(
    transaction: &Transaction<'_>,
    Rows { before, last, run }: Rows,
    budget: &Budget,
) -> Result<Amounts, RootError> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let (before, run) = (text(before.map(|day| day.to_string())), text(run.map(|run| run.to_string())));
    transaction
        .query_one(include_str!("../../../../sql/queries/roots/set_rows.sql"), &[&before, &last.to_string(), &run])
        .await
        .map_err(RootError::database("roots/set_rows"))?;
    let statement = include_str!("../../../../sql/queries/roots/rows.sql");
    let sums = Sums::new(budget.reservation("cumulative amounts"));
    let sums = add_up(transaction, statement, "roots/rows", &ROWS, last, sums, |batch, row| {
        (1, Day(batch.column(2).as_primitive::<Date32Type>().value(row)))
    })
    .await?;
    let tokens = include_str!("../../../../sql/queries/roots/tokens.sql");
    Amounts::new(transaction, sums, tokens, last).await
}

/// Adds up what the balances have for the day before the newest complete cutoff; `None` if they do not tell: see
/// `sql/queries/balances/are_of_use.sql`. The snapshots of the amounts mean nothing.
///
/// # Errors
/// As [`of_rows`].
pub(super) async fn of_balances(
    transaction: &Transaction<'_>,
    last: Day,
    budget: &Budget,
) -> Result<Option<Amounts>, RootError> {
    if !are_of_use(transaction, last).await? {
        return Ok(None);
    }
    let pending = pending(transaction, None).await?;
    let sums = Sums::new(budget.reservation("cumulative amounts"));
    let sums = sums_of_balances(transaction, &pending, Some(last), sums).await?;
    let tokens = include_str!("../../../../sql/queries/balances/tokens.sql");
    Amounts::new(transaction, sums, tokens, last).await.map(Some)
}

/// Whether sums over all rows are the cumulative amounts of the day before the newest complete cutoff, but for later days.
///
/// # Errors
/// If the server refuses.
pub(super) async fn are_of_use<C: GenericClient>(client: &C, last: Day) -> Result<bool, RootError> {
    let row = client
        .query_one(include_str!("../../../../sql/queries/balances/are_of_use.sql"), &[&last.date()])
        .await
        .map_err(RootError::database("balances/are_of_use"))?;
    Ok(row.get("of_use"))
}

/// Adds balances up, and the rows of runs that are not in them, without those of days after the last if one is given. Tokens have the
/// numbers of `sql/queries/balances/tokens.sql`, and the snapshots mean nothing.
///
/// # Errors
/// As [`of_rows`].
pub(super) async fn sums_of_balances(
    transaction: &Transaction<'_>,
    pending: &Pending,
    last: Option<Day>,
    sums: Sums,
) -> Result<Sums, RootError> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let runs: Vec<String> = pending.run_ids.iter().map(i32::to_string).collect();
    let (runs, first, until) = (format!("{{{}}}", runs.join(",")), day(pending.first), day(pending.last));
    let end = last.map_or_else(|| "infinity".to_owned(), |last| last.to_string());
    let parameters: [&(dyn ToSql + Sync); 4] = [&end, &runs, &first, &until];
    transaction
        .query_one(include_str!("../../../../sql/queries/balances/set_amounts.sql"), &parameters)
        .await
        .map_err(RootError::database("balances/set_amounts"))?;
    let statement = include_str!("../../../../sql/queries/balances/amounts.sql");
    let snapshot = last.or_else(|| pending.last.map(Day::from)).unwrap_or_default();
    add_up(transaction, statement, "balances/amounts", &BALANCES, snapshot, sums, |batch, row| {
        (batch.column(2).as_primitive::<Int64Type>().value(row), snapshot)
    })
    .await
}

/// Adds rows of earner, token, something and amount; `look` says how many rows and which day that something stands for.
async fn add_up(
    transaction: &Transaction<'_>,
    statement: &str,
    what: &'static str,
    columns: &[Column],
    snapshot: Day,
    mut sums: Sums,
    look: impl Fn(&RecordBatch, usize) -> (i64, Day),
) -> Result<Sums, RootError> {
    copy_out_each(transaction, statement, columns, &mut Dictionary::new(), |batch, _| {
        let (earners, tokens) =
            (batch.column(0).as_primitive::<Int32Type>(), batch.column(1).as_primitive::<Int32Type>());
        let amounts = batch.column(3).as_binary::<i32>();
        for row in 0..batch.num_rows() {
            let unreadable = |_| RunError::Unreadable { what, value: format!("{:?}", amounts.value(row)) };
            let amount = Numeric::read_wire(amounts.value(row)).map_err(unreadable)?;
            let (rows, last) = look(batch, row);
            sums.add((earners.value(row), tokens.value(row)), rows, last, amount)
                .map_err(|source| Reading::Root(RootError::Memory { snapshot, source }))?;
        }
        Ok::<(), Reading>(())
    })
    .await
    .map_err(|error| match error {
        Reading::Copy(source) => RootError::Copy { what, source },
        Reading::Root(error) => error,
    })?;
    Ok(sums)
}

/// Why rows cannot be added up.
enum Reading {
    Copy(CopyError),
    Root(RootError),
}

impl From<CopyError> for Reading {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

impl From<RunError> for Reading {
    fn from(error: RunError) -> Self {
        Self::Root(error.into())
    }
}

impl Amounts {
    /// Looks the texts up, and puts the pairs in order.
    async fn new(
        transaction: &Transaction<'_>,
        mut sums: Sums,
        tokens: &str,
        snapshot: Day,
    ) -> Result<Self, RootError> {
        let refused = |source| RootError::Memory { snapshot, source };
        sums.freeze().map_err(refused)?;
        let earners = include_str!("../../../../sql/queries/roots/earners.sql");
        let earners = Texts::read(transaction, earners).await.map_err(RootError::database("roots/earners"))?;
        let tokens = Texts::read(transaction, tokens).await.map_err(RootError::database("roots/tokens"))?;
        sums.hold(earners.bytes() + tokens.bytes() + bytes_of::<(u64, u32)>(sums.len())).map_err(refused)?;
        let mut order = Vec::with_capacity(sums.len());
        order.extend(sums.keys().map(|(place, (earner, token))| {
            (u64::from(earners.place(earner)) << 32 | u64::from(tokens.place(token)), place)
        }));
        order.par_sort_unstable();
        let earner_count = order.chunk_by(|(one, _), (next, _)| one >> 32 == next >> 32).count();
        Ok(Self { sums, earners, tokens, order, earner_count })
    }

    pub(super) fn pair_count(&self) -> usize {
        self.order.len()
    }

    /// Reserves memory for what is made of the amounts, as long as they are there.
    pub(super) fn hold(&mut self, bytes: u64) -> Result<(), OutOfMemory> {
        self.sums.hold(bytes)
    }

    /// The amounts in the order of the tree (spec/05 §2).
    ///
    /// # Errors
    /// A value that no leaf can have.
    pub(super) fn iter(&self) -> impl Iterator<Item = Result<CumulativeAmount, RootError>> {
        self.order.iter().map(|&(places, place)| self.get(places, place))
    }

    fn get(&self, places: u64, place: u32) -> Result<CumulativeAmount, RootError> {
        let (snapshot, amount) = self.sums.get(place);
        let (earner, token) = (self.earners.at(places >> 32), self.tokens.at(places & u64::from(u32::MAX)));
        let text = |address: &Result<Address, &str>| match address {
            Ok(address) => format!("{address:#x}"),
            Err(text) => (*text).to_owned(),
        };
        let no_leaf =
            |what, value: String| RootError::NoLeaf { what, value, earner: text(&earner), token: text(&token) };
        let pair = Pair {
            earner: earner.map_err(|bad| no_leaf("earner", bad.to_owned()))?,
            token: token.map_err(|bad| no_leaf("token", bad.to_owned()))?,
            cumulative: amount_of_leaf(amount).map_err(|amount| no_leaf("amount", amount))?,
        };
        Ok(CumulativeAmount { pair, snapshot })
    }
}

/// Addresses that numbers stand for, in their order; what is none comes last.
struct Texts {
    addresses: Vec<Address>,
    /// Texts that are no addresses: a violation of what the source promises.
    bad: Vec<String>,
    places: IdMap<i64, u32>,
}

impl Texts {
    /// Reads `id` and a text.
    async fn read(transaction: &Transaction<'_>, statement: &str) -> Result<Self, tokio_postgres::Error> {
        let no_parameters: [&str; 0] = [];
        let mut rows = pin!(transaction.query_raw(statement, no_parameters).await?);
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        while let Some(row) = rows.try_next().await? {
            let (id, text): (i32, &str) = (row.try_get(0)?, row.try_get(1)?);
            match parse_address(text) {
                Some(address) => good.push((address, id)),
                None => bad.push((text.to_owned(), id)),
            }
        }
        good.par_sort_unstable();
        bad.sort_unstable();
        let ids = good.iter().map(|(_, id)| id).chain(bad.iter().map(|(_, id)| id));
        Ok(Self {
            places: ids.zip(0..).map(|(&id, place)| (i64::from(id), place)).collect(),
            addresses: good.into_iter().map(|(address, _)| address).collect(),
            bad: bad.into_iter().map(|(text, _)| text).collect(),
        })
    }

    fn place(&self, id: i32) -> u32 {
        self.places.get(&i64::from(id)).copied().unwrap_or(u32::MAX)
    }

    fn at(&self, place: u64) -> Result<Address, &str> {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        match self.addresses.get(place) {
            Some(&address) => Ok(address),
            // A number without its text is a violation of sql/checks/gold_dictionary.sql.
            None => Err(self.bad.get(place - self.addresses.len()).map_or("(unknown)", String::as_str)),
        }
    }

    /// About: with the table of places.
    fn bytes(&self) -> u64 {
        bytes_of::<Address>(self.addresses.capacity()) + 2 * bytes_of::<(i64, u32)>(self.places.len())
    }
}

/// An address as it is stored: `0x` and 40 lower-case hex digits.
pub(super) fn parse_address(text: &str) -> Option<Address> {
    let canonical = text.starts_with("0x") && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    canonical.then(|| text.parse().ok()).flatten()
}

/// An amount as a leaf has it, or its text if none can have it.
pub(super) fn amount_of_leaf(amount: Result<i128, &Numeric>) -> Result<U256, String> {
    match amount {
        Ok(amount) => u128::try_from(amount).map(U256::from).map_err(|_| amount.to_string()),
        Err(amount) => unsigned(amount).ok_or_else(|| amount.to_string()),
    }
}

/// An integer from 0 on that 256 bits hold.
fn unsigned(amount: &Numeric) -> Option<U256> {
    if let Some(small) = amount.to_i128() {
        return u128::try_from(small).ok().map(U256::from);
    }
    let text = amount.to_string();
    let (digits, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let whole = decimals.bytes().all(|digit| digit == b'0');
    (whole && !amount.is_negative()).then(|| U256::from_str_radix(digits, 10).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_whole_number_from_0_to_256_bits() {
        let largest = U256::MAX.to_string();
        for (text, expected) in [
            ("0", Some(U256::ZERO)),
            ("7.000", Some(U256::from(7))),
            ("170141183460469231731687303715884105728", Some(U256::from(1) << 127)),
            ("340282366920938463463374607431768211456.00", Some(U256::from(1) << 128)),
            (largest.as_str(), Some(U256::MAX)),
            ("115792089237316195423570985008687907853269984665640564039457584007913129639936", None),
            ("-1", None),
            ("-170141183460469231731687303715884105729", None),
            ("0.5", None),
            ("340282366920938463463374607431768211456.01", None),
        ] {
            assert_eq!(unsigned(&text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn an_address_has_one_text() {
        let text = "0x00000000000000000000000000000000000000ab";
        assert_eq!(format!("{:#x}", parse_address(text).unwrap()), text);
        for bad in
            ["", "0x", "0x00000000000000000000000000000000000000AB", &text[2..], &text[..41], &format!("{text}0")]
        {
            assert_eq!(parse_address(bad), None, "{bad}");
        }
    }
}
