//! Checking a CSV value against its column.

use chrono::NaiveDate;

use crate::tables::{Column, ColumnType, Text};

/// The most digits of numeric(78,0).
const NUMERIC78_DIGITS: usize = 78;

/// The most characters of a decimal number: far above any amount, far below PostgreSQL's own limits.
const NUMERIC_CHARS: usize = 1000;

/// The most digits of a fraction of a second. PostgreSQL would round what is finer.
const FRACTION_DIGITS: usize = 6;

/// Whether `text` is `0x` and `digits` hex digits, lower-case unless `any_case`.
fn is_hex(text: &str, digits: usize, any_case: bool) -> bool {
    text.strip_prefix("0x").is_some_and(|hex| {
        hex.len() == digits
            && hex
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f') || (any_case && byte.is_ascii_hexdigit()))
    })
}

/// Whether `text` is a finite decimal: digits with an optional sign and an optional fraction.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    text.len() <= NUMERIC_CHARS && are_digits(whole) && are_digits(fraction)
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && are_digits(text)).then(|| text.parse().ok()).flatten()
}

/// Whether `text` is a day of the calendar, `YYYY-MM-DD`, from the year 1.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut part = |count| parts.next().and_then(|part| digits(part, count));
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    year >= 1 && i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).is_some()
}

/// Whether `text` is a time of day, `HH:MM:SS[.ffffff]`. No leap second and no 24:00:00: PostgreSQL takes both for
/// another time.
fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = whole.splitn(3, ':');
    let mut part = |below| parts.next().and_then(|part| digits(part, 2)).is_some_and(|value| value < below);
    part(24) && part(60) && part(60) && fraction.len() <= FRACTION_DIGITS && are_digits(fraction)
}

fn is_timestamp(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(date, time)| is_date(date) && is_time(time))
}

/// The offset at the end of a timestamp with zone: `Z`, `±HH`, `±HHMM` or `±HH:MM`.
fn split_offset(text: &str) -> (&str, Option<&str>) {
    const TIME_BEGINS: usize = 11;
    let sign = text.get(TIME_BEGINS..).and_then(|time| time.find(['+', '-', 'Z'])).map(|at| at + TIME_BEGINS);
    sign.map_or((text, None), |at| (&text[..at], Some(&text[at..])))
}

fn is_timestamp_with_zone(text: &str) -> bool {
    const WIDEST: u32 = 15;
    let (timestamp, offset) = split_offset(text);
    let offset_fits = |offset: &str| {
        let bare = offset.trim_start_matches(['+', '-']).replacen(':', "", 1);
        let (hours, minutes) = bare.split_at_checked(2).unwrap_or((&bare, ""));
        digits(hours, 2).is_some_and(|hours| hours <= WIDEST)
            && (minutes.is_empty() || digits(minutes, 2).is_some_and(|minutes| minutes < 60))
    };
    is_timestamp(timestamp) && offset.is_none_or(|offset| offset == "Z" || offset_fits(offset))
}

/// What is appended to a value before the server reads it: a timestamp with zone that names none is UTC, whatever
/// the session's zone is.
pub(crate) fn suffix(column: &Column, text: &str) -> &'static str {
    if column.kind == ColumnType::TimestampTz && split_offset(text).1.is_none() { "+00" } else { "" }
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
        ColumnType::Numeric => (!is_decimal(text)).then_some("a finite decimal number"),
        ColumnType::Numeric78 => {
            let significant = text.trim_start_matches(['-', '+']).trim_start_matches('0');
            (!is_decimal(text) || text.contains('.') || significant.len() > NUMERIC78_DIGITS)
                .then_some("an integer of at most 78 digits")
        }
        ColumnType::Int4 => text.parse::<i32>().is_err().then_some("a 32-bit integer"),
        ColumnType::Int8 => text.parse::<i64>().is_err().then_some("a 64-bit integer"),
        ColumnType::Bool => (!matches!(text, "true" | "false" | "t" | "f")).then_some("true or false"),
        ColumnType::Date => (!is_date(text)).then_some("a date YYYY-MM-DD"),
        ColumnType::Timestamp => (!is_timestamp(text)).then_some("a UTC timestamp YYYY-MM-DD HH:MM:SS[.ffffff]"),
        ColumnType::TimestampTz => (!is_timestamp_with_zone(text))
            .then_some("a timestamp YYYY-MM-DD HH:MM:SS[.ffffff], with an offset or in UTC"),
    };
    expected.map(|expected| format!("'{}' is not {expected}", shorten(text)))
}

/// Whether a CSV field means NULL.
pub(crate) fn is_null(column: &Column, text: &str) -> bool {
    text.is_empty() && (column.nullable || column.kind != ColumnType::Text(Text::Free))
}

fn shorten(text: &str) -> String {
    const SHOWN: usize = 90;
    if text.chars().count() <= SHOWN {
        text.to_owned()
    } else {
        text.chars().take(SHOWN).chain("…".chars()).collect()
    }
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
            (
                ColumnType::Numeric78,
                "000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
            ),
            (ColumnType::Int4, "-2147483648"),
            (ColumnType::Int8, "9223372036854775807"),
            (ColumnType::Bool, "t"),
            (ColumnType::Date, "2024-02-29"),
            (ColumnType::Timestamp, "2024-02-29 23:59:59.123456"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59+00"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59.5-03:30"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59Z"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59"),
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
            (ColumnType::Numeric, "-Infinity"),
            (ColumnType::Numeric, "."),
            (ColumnType::Numeric, "--1"),
            (ColumnType::Numeric, ""),
            (ColumnType::Numeric78, "1.0"),
            (ColumnType::Int4, "2147483648"),
            (ColumnType::Int8, "1.0"),
            (ColumnType::Bool, "yes"),
            (ColumnType::Date, "2023-02-29"),
            (ColumnType::Timestamp, "2024-02-29T23:59:59Z"),
            (ColumnType::Timestamp, "2024-02-29 23:59:60"),
            (ColumnType::Timestamp, "2024-02-29 24:00:00"),
            (ColumnType::Timestamp, "2024-02-29 23:59:59.1234567"),
            (ColumnType::Timestamp, "2024-02-29 23:59:59."),
            (ColumnType::Timestamp, "2024-2-9 23:59:59"),
            (ColumnType::Timestamp, "0000-01-01 00:00:00"),
            (ColumnType::Timestamp, "infinity"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59+16"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59+"),
            (ColumnType::TimestampTz, "2024-02-29 23:59:59 Europe/Paris"),
        ] {
            assert!(check(kind, text).is_some(), "{kind:?} {text}");
        }
    }
}
