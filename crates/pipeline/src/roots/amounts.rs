//! Cumulative amounts as they are read, one pair at a time.

use std::pin::pin;

use alloy_primitives::{Address, U256};
use chrono::NaiveDate;
use claim_tree::Pair;
use futures_util::TryStreamExt;
use pg_numeric::Numeric;
use reward_rules::Day;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use super::RootError;
use crate::balances::pending;
use crate::numeric_wire::NumericWire;

/// What one earner has got of one token up to a snapshot (spec/05 §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CumulativeAmount {
    /// Earner, token and Σ amount in the token's smallest unit; a sum of 0 is an amount like any other.
    pub pair: Pair,
    /// The last snapshot with a row of the pair. Informational: no leaf has it.
    pub snapshot: Day,
}

/// Hands the amounts up to `last` over in the order of the tree (spec/05 §2), or what they grew by after `before`.
///
/// # Errors
/// If the statement fails, a value is none a leaf can have, or `each` fails.
pub(super) async fn read<E: From<RootError>>(
    transaction: &Transaction<'_>,
    before: Option<Day>,
    last: Day,
    mut each: impl FnMut(CumulativeAmount) -> Result<(), E>,
) -> Result<(), E> {
    let error = || RootError::database("roots/amounts");
    let (before, last) = (before.map(Day::date), last.date());
    let parameters: [&(dyn ToSql + Sync); 2] = [&before, &last];
    let statement = include_str!("../../../../sql/queries/roots/amounts.sql");
    let mut rows = pin!(transaction.query_raw(statement, parameters).await.map_err(error())?);
    while let Some(row) = rows.try_next().await.map_err(error())? {
        let snapshot = Day::from(row.try_get::<_, NaiveDate>("snapshot").map_err(error())?);
        each(CumulativeAmount { pair: pair(&row)?, snapshot })?;
    }
    Ok(())
}

/// Hands the amounts up to the day before the newest complete cutoff over, in the order of the tree, from the balances; false,
/// and none, if they do not tell: see `sql/queries/balances/are_of_use.sql`.
///
/// # Errors
/// As [`read`].
pub(super) async fn read_balances<E: From<RootError>>(
    transaction: &Transaction<'_>,
    last: Day,
    mut each: impl FnMut(Pair) -> Result<(), E>,
) -> Result<bool, E> {
    let error = || RootError::database("balances/amounts");
    let last = last.date();
    let of_use = transaction
        .query_one(include_str!("../../../../sql/queries/balances/are_of_use.sql"), &[&last])
        .await
        .map_err(RootError::database("balances/are_of_use"))?;
    if !of_use.get::<_, bool>("of_use") {
        return Ok(false);
    }
    let pending = pending(transaction).await.map_err(RootError::from)?;
    let parameters: [&(dyn ToSql + Sync); 4] = [&last, &pending.run_ids, &pending.first, &pending.last];
    let statement = include_str!("../../../../sql/queries/balances/amounts.sql");
    let mut rows = pin!(transaction.query_raw(statement, parameters).await.map_err(error())?);
    while let Some(row) = rows.try_next().await.map_err(error())? {
        each(pair(&row)?)?;
    }
    Ok(true)
}

fn pair(row: &Row) -> Result<Pair, RootError> {
    let error = || RootError::database("cumulative amounts");
    let earner: Option<&str> = row.try_get("earner").map_err(error())?;
    let token: &str = row.try_get("token").map_err(error())?;
    let NumericWire(sum) = row.try_get("amount").map_err(error())?;
    // An earner without its text is a violation of sql/checks/gold_dictionary.sql.
    let earner = earner.unwrap_or("(unknown)");
    let no_leaf = |what, value: &str| RootError::NoLeaf {
        what,
        value: value.to_owned(),
        earner: earner.to_owned(),
        token: token.to_owned(),
    };
    let sum = Numeric::read_wire(sum).map_err(|error| no_leaf("amount", &error.to_string()))?;
    Ok(Pair {
        earner: parse_address(earner).ok_or_else(|| no_leaf("earner", earner))?,
        token: parse_address(token).ok_or_else(|| no_leaf("token", token))?,
        cumulative: unsigned(&sum).ok_or_else(|| no_leaf("amount", &sum.to_string()))?,
    })
}

/// An address as it is stored: `0x` and 40 lower-case hex digits.
fn parse_address(text: &str) -> Option<Address> {
    let canonical = text.starts_with("0x") && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    canonical.then(|| text.parse().ok()).flatten()
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
