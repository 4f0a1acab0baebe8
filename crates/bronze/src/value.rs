//! Checking a CSV value against its column.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::tables::{Column, ColumnType, Text};

/// The most digits of numeric(78,0).
const NUMERIC78_DIGITS: usize = 78;

/// Whether `text` is `0x` and `digits` hex digits, lower-case unless `any_case`.
fn is_hex(text: &str, digits: usize, any_case: bool) -> bool {
    text.strip_prefix("0x").is_some_and(|hex| {
        hex.len() == digits
            && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f') || (any_case && byte.is_ascii_hexdigit()))
    })
}

/// Whether `text` is a finite decimal: digits with an optional sign and an optional fraction.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

/// What is wrong with a value, or `None` if it fits its column. The empty text is NULL, except in free-text columns
/// that must not be NULL.
pub(crate) fn problem(column: &Column, text: &str) -> Option<String> {
    if is_null(column, text) {
        return (!column.nullable).then(|| "is empty, but must not be NULL".to_owned());
    }
    let expected = match column.kind {
        ColumnType::Text(Text::Address) => (!is_hex(text, 40, false)).then_some("0x and 40 lower-case hex digits"),
        ColumnType::Text(Text::MixedCaseAddress) => (!is_hex(text, 40, true)).then_some("0x and 40 hex digits"),
        ColumnType::Text(Text::Hash) => (!is_hex(text, 64, false)).then_some("0x and 64 lower-case hex digits"),
        ColumnType::Text(Text::Free) => text.contains('\0').then_some("text without NUL"),
        ColumnType::Numeric => (!is_decimal(text)).then_some("a decimal number"),
        ColumnType::Numeric78 => {
            let digits = text.trim_start_matches(['-', '+']).trim_start_matches('0');
            (!is_decimal(text) || text.contains('.') || digits.len() > NUMERIC78_DIGITS)
                .then_some("an integer of at most 78 digits")
        }
        ColumnType::Int4 => text.parse::<i32>().is_err().then_some("a 32-bit integer"),
        ColumnType::Int8 => text.parse::<i64>().is_err().then_some("a 64-bit integer"),
        ColumnType::Bool => (!matches!(text, "true" | "false" | "t" | "f")).then_some("true or false"),
        ColumnType::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_err().then_some("a date YYYY-MM-DD"),
        ColumnType::Timestamp => NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
            .is_err()
            .then_some("a UTC timestamp YYYY-MM-DD HH:MM:SS"),
        ColumnType::TimestampTz => (NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").is_err()
            && DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").is_err())
        .then_some("a timestamp YYYY-MM-DD HH:MM:SS, with or without zone"),
    };
    expected.map(|expected| format!("'{}' is not {expected}", shorten(text)))
}

/// Whether a CSV field means NULL.
pub(crate) fn is_null(column: &Column, text: &str) -> bool {
    text.is_empty() && (column.nullable || column.kind != ColumnType::Text(Text::Free))
}

fn shorten(text: &str) -> String {
    const SHOWN: usize = 90;
    if text.chars().count() <= SHOWN { text.to_owned() } else { text.chars().take(SHOWN).chain("…".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ColumnType, text: &str) -> Option<String> {
        problem(&Column { name: "c", kind, nullable: false, has_default: false, read: true }, text)
    }

    #[test]
    fn values_that_fit() {
        let address = "0x0123456789abcdef0123456789abcdef01234567";
        for (kind, text) in [
            (ColumnType::Text(Text::Address), address),
            (ColumnType::Text(Text::MixedCaseAddress), "0x0123456789ABCDEF0123456789abcdef01234567"),
            (ColumnType::Text(Text::Free), ""),
            (ColumnType::Numeric, "-12.50"),
            (ColumnType::Numeric78, "000000000000000000000000000000000000000000000000000000000000000000000000000000000001"),
            (ColumnType::Int4, "-2147483648"),
            (ColumnType::Int8, "9223372036854775807"),
            (ColumnType::Bool, "t"),
            (ColumnType::Date, "2024-02-29"),
            (ColumnType::Timestamp, "2024-02-29 23:59:59.123456"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59+00"),
        ] {
            assert_eq!(check(kind, text), None, "{kind:?} {text}");
        }
    }

    #[test]
    fn values_that_do_not() {
        for (kind, text) in [
            (ColumnType::Text(Text::Address), "0x0123456789ABCDEF0123456789abcdef01234567"),
            (ColumnType::Text(Text::Address), "0x0123"),
            (ColumnType::Text(Text::Hash), "0x0123456789abcdef0123456789abcdef01234567"),
            (ColumnType::Numeric, "NaN"),
            (ColumnType::Numeric, "1e5"),
            (ColumnType::Numeric, ""),
            (ColumnType::Numeric78, "1.0"),
            (ColumnType::Int4, "2147483648"),
            (ColumnType::Int8, "1.0"),
            (ColumnType::Bool, "yes"),
            (ColumnType::Date, "2023-02-29"),
            (ColumnType::Timestamp, "2024-02-29T23:59:59Z"),
        ] {
            assert!(check(kind, text).is_some(), "{kind:?} {text}");
        }
    }
}
