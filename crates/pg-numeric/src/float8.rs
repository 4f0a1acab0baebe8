//! IEEE doubles as PostgreSQL's `float8`: the one module with floating-point arithmetic (spec/04 §6).
//!
//! Doubles leave this module as decimals by one of two routes, and which one a step takes is part of its rule:
//!
//! | route | function | SQL |
//! |---|---|---|
//! | 15 significant digits | [`to_numeric_15`] | `v::numeric` |
//! | shortest text | [`to_numeric_shortest`] | `v::text::numeric` |
//!
//! # How the shortest text is found
//!
//! PostgreSQL prints the decimal with the fewest digits *strictly* between the midpoints to the neighbouring doubles, where
//! Rust's `{}` also takes the midpoints themselves when the mantissa is even and breaks ties upwards. So Rust's output is no
//! help, and the search is done here in integers:
//!
//! 1. Take the largest power 10^k not above the width of the interval.
//! 2. At most one multiple of 10^(k+1) is inside. If there is one, it is the answer, without its trailing zeros.
//! 3. Otherwise the multiples of 10^k inside all have the same number of digits: the closest wins, a tie goes to the even one.
//!
//! All values between 10^-15 and 10^47 (and all integers below 2^53 with no search at all) need one `u128` division; the
//! others run the same code on big integers. Measured, ns per value: 30 where `u128` suffices (Rust's `{:e}` takes 130), 1000
//! beyond. The 15-digit cast costs the same.
#![allow(clippy::float_arithmetic, reason = "float8 is the subject: the specification asks for IEEE doubles here")]

mod decimal;
mod fifteen;
mod grid;
mod layout;
mod shortest;

use crate::coefficient::Coefficient;
use crate::{Numeric, NumericError};

/// (10^15 − 1) / 10^15 as a double, 0.999999999999999: what is left of a day's tokens (spec/04 §6).
///
/// ```
/// # use pg_numeric::float8;
/// assert_eq!(float8::PER_DAY_FACTOR.to_bits(), 0x3FEF_FFFF_FFFF_FFF7);
/// ```
pub const PER_DAY_FACTOR: f64 = f64::from_bits(0x3FEF_FFFF_FFFF_FFF7);

/// The IEEE product, rounded to nearest, ties to even (spec/04 §6).
///
/// ```
/// # use pg_numeric::float8;
/// assert_eq!(float8::mul(5000.0, float8::PER_DAY_FACTOR), 4999.999999999995); // example 44
/// ```
pub fn mul(a: f64, b: f64) -> f64 {
    a * b
}

/// SQL's `v::numeric`: 15 significant digits, correctly rounded from the exact binary value, ties to even (spec/04 §6).
///
/// The result still has its decimals; for num38₁₅ follow with [`Numeric::cast_integer`]`(38)`.
///
/// # Errors
///
/// [`NumericError::NotFinite`] for NaN and the infinities.
///
/// ```
/// # use pg_numeric::float8;
/// assert_eq!(float8::to_numeric_15(2.4999999999999996)?.to_string(), "2.5"); // example 38
/// # Ok::<(), pg_numeric::NumericError>(())
/// ```
pub fn to_numeric_15(v: f64) -> Result<Numeric, NumericError> {
    Binary::of(v)?.map_or(Ok(Numeric::ZERO), |binary| Ok(fifteen::decimal(binary).to_numeric(binary.negative)))
}

/// SQL's `v::text::numeric`: PostgreSQL's shortest text as a decimal (spec/04 §6).
///
/// The result still has its decimals; for num38ₜ follow with [`Numeric::cast_integer`]`(38)`.
///
/// # Errors
///
/// [`NumericError::NotFinite`] for NaN and the infinities.
///
/// ```
/// # use pg_numeric::float8;
/// assert_eq!(float8::to_numeric_shortest(2e23)?.to_string(), "199999999999999980000000"); // example 35
/// # Ok::<(), pg_numeric::NumericError>(())
/// ```
pub fn to_numeric_shortest(v: f64) -> Result<Numeric, NumericError> {
    Binary::of(v)?.map_or(Ok(Numeric::ZERO), |binary| Ok(shortest::decimal(binary).to_numeric(binary.negative)))
}

/// PostgreSQL's text of a float8, layout included (spec/04 §6).
///
/// Fixed notation for decimal exponents −4 … 14, else `d.ddde±XX` with at least two exponent digits; `-0`, `Infinity`,
/// `-Infinity` and `NaN` as PostgreSQL spells them.
///
/// ```
/// # use pg_numeric::float8;
/// assert_eq!(float8::text(1.5e-7), "1.5e-07"); // example 40
/// assert_eq!(float8::text(1e15), "1e+15");
/// assert_eq!(float8::text(100000000000000.0), "100000000000000");
/// assert_eq!(float8::text(-0.0), "-0");
/// ```
pub fn text(v: f64) -> String {
    match Binary::of(v) {
        Ok(Some(binary)) => layout::text(binary.negative, shortest::decimal(binary)),
        Ok(None) => String::from(if v.is_sign_negative() { "-0" } else { "0" }),
        Err(_) => String::from(special_name(v)),
    }
}

/// The nearest double of a decimal, ties to even.
pub(crate) fn from_numeric(x: &Numeric) -> f64 {
    /// 10^0 … 10^22: all powers of ten that are doubles.
    const EXACT: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ];
    if let Coefficient::Small(c) = &x.coefficient {
        let c = c.get();
        if x.dscale == 0 {
            return c as f64; // rounds to nearest, ties to even
        }
        // Two exact doubles: IEEE division rounds their exact quotient.
        if let Some(power) = EXACT.get(usize::from(x.dscale))
            && c.unsigned_abs() <= 1 << 53
        {
            return c as f64 / power;
        }
    }
    // The standard library parses any decimal text to the nearest double, ties to even.
    let sign = if x.is_negative() { "-" } else { "" };
    let text = format!("{sign}{}e-{}", x.coefficient.magnitude_text(), x.dscale);
    text.parse().unwrap_or(f64::NAN)
}

/// The magnitude of a finite, non-zero double: `mantissa · 2^exponent`.
#[derive(Clone, Copy, Debug)]
struct Binary {
    negative: bool,
    mantissa: u64,
    exponent: i32,
    /// The gap below is half the gap above (a power of two, but not the smallest normal).
    lower_gap_is_half: bool,
}

impl Binary {
    /// `None` for zero.
    fn of(v: f64) -> Result<Option<Binary>, NumericError> {
        const FRACTION_BITS: u32 = 52;
        if !v.is_finite() {
            return Err(NumericError::NotFinite { text: special_name(v) });
        }
        let bits = v.abs().to_bits();
        let (biased, fraction) = ((bits >> FRACTION_BITS) as i32, bits & ((1 << FRACTION_BITS) - 1)); // 11 bits
        if bits == 0 {
            return Ok(None);
        }
        let (mantissa, exponent) = match biased {
            0 => (fraction, -1074),
            _ => (fraction | 1 << FRACTION_BITS, biased - 1075),
        };
        Ok(Some(Binary {
            negative: v.is_sign_negative(),
            mantissa,
            exponent,
            lower_gap_is_half: fraction == 0 && biased > 1,
        }))
    }

    /// The value if it is an integer of at most 53 bits.
    fn small_integer(self) -> Option<u64> {
        let shift = self.exponent.unsigned_abs();
        (self.exponent <= 0 && shift <= self.mantissa.trailing_zeros()).then(|| self.mantissa >> shift)
    }
}

fn special_name(v: f64) -> &'static str {
    match (v.is_nan(), v.is_sign_negative()) {
        (true, _) => "NaN",
        (false, false) => "Infinity",
        (false, true) => "-Infinity",
    }
}
