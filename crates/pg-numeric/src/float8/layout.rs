//! How PostgreSQL lays out the digits of a float8.

use super::decimal::Decimal;

/// Fixed notation from 10^-4 up to below 10^15, scientific with at least two exponent digits otherwise.
pub(super) fn text(negative: bool, decimal: Decimal) -> String {
    let digits = decimal.digits.to_string();
    let sign = if negative { "-" } else { "" };
    // The power of ten of the first digit.
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let exponent = decimal.exponent.saturating_add(length - 1);
    match (exponent, usize::try_from(decimal.exponent), usize::try_from(exponent)) {
        (-4..15, Ok(zeros), _) => format!("{sign}{digits}{}", "0".repeat(zeros)),
        (-4..15, Err(_), Ok(exponent)) => {
            let (whole, decimals) = digits.split_at(exponent + 1);
            format!("{sign}{whole}.{decimals}")
        }
        (-4..15, Err(_), Err(_)) => {
            let zeros = usize::try_from(-1 - exponent).unwrap_or(0);
            format!("{sign}0.{}{digits}", "0".repeat(zeros))
        }
        _ => {
            let (first, decimals) = digits.split_at(1);
            let point = if decimals.is_empty() { "" } else { "." };
            let exponent_sign = if exponent < 0 { '-' } else { '+' };
            format!("{sign}{first}{point}{decimals}e{exponent_sign}{:02}", exponent.unsigned_abs())
        }
    }
}
