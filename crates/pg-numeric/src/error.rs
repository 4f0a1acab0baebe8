//! The two error types of the crate.

use thiserror::Error;

/// An operation has no result in PostgreSQL either. None of these is retryable: the same operands fail again.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NumericError {
    /// `a / 0` (spec/04 §3).
    #[error("division by zero")]
    DivisionByZero,
    /// A value does not fit `numeric(precision, 0)` (spec/04 §2).
    #[error(
        "numeric field overflow: {digits} digits before the decimal point, numeric({precision},0) holds {precision}"
    )]
    Overflow {
        /// The number of digits allowed.
        precision: u32,
        /// The number of digits of the rounded value.
        digits: u32,
    },
    /// NaN or an infinity was to become a numeric (spec/04 §6).
    #[error("float8 {text} has no numeric value")]
    NotFinite {
        /// `NaN`, `Infinity` or `-Infinity`.
        text: &'static str,
    },
    /// Text that is not a plain decimal such as `-12.3400`.
    #[error("invalid decimal text {text:?}")]
    InvalidText {
        /// The text, cut to its first 64 characters.
        text: String,
    },
}

/// Bytes that are no finite NUMERIC in PostgreSQL's binary format.
///
/// A server never sends any of these for the columns of spec/01, so each means corrupt data or a wrong column type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WireError {
    /// Fewer bytes than the header, or than the header promises.
    #[error("NUMERIC too short: {expected} bytes expected, {actual} given")]
    Truncated {
        /// The number of bytes the header promises (8 when even the header is incomplete).
        expected: usize,
        /// The number of bytes given.
        actual: usize,
    },
    /// More bytes than the header promises.
    #[error("NUMERIC too long: {expected} bytes expected, {actual} given")]
    TrailingBytes {
        /// The number of bytes the header promises.
        expected: usize,
        /// The number of bytes given.
        actual: usize,
    },
    /// The value is `NaN`.
    #[error("NUMERIC is NaN")]
    NotANumber,
    /// The value is `Infinity` or `-Infinity`.
    #[error("NUMERIC is {}Infinity", if *.negative { "-" } else { "" })]
    Infinite {
        /// True for `-Infinity`.
        negative: bool,
    },
    /// The sign word is none of the five PostgreSQL uses.
    #[error("NUMERIC sign word {0:#06x} is unknown")]
    InvalidSign(u16),
    /// The display scale exceeds 16383.
    #[error("NUMERIC display scale {0} exceeds 16383")]
    InvalidScale(u16),
    /// A base-10000 digit exceeds 9999.
    #[error("NUMERIC digit {index} is {digit}, more than 9999")]
    InvalidDigit {
        /// Position of the digit, 0 is the most significant.
        index: usize,
        /// The word found there.
        digit: u16,
    },
    /// There are non-zero decimals after the display scale. (PostgreSQL's own receiver drops them; money must not vanish.)
    #[error("NUMERIC has non-zero digits beyond its display scale {dscale}")]
    DigitsBeyondScale {
        /// The display scale in the header.
        dscale: u16,
    },
}
