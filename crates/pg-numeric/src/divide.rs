//! Division with PostgreSQL's choice of scale (spec/04 §3).
//!
//! 1. Align both operands at the decimal point in base 10000; take the exponent `W` and the value `F` of the first digit.
//! 2. `q = W(a) − W(b)`, one less if `F(a) ≤ F(b)`: the estimated exponent of the quotient.
//! 3. `rs = clamp(max(16 − 4q, dscale a, dscale b, 0), …1000)`: the scale of the result.
//! 4. Round the exact quotient half away from zero to `rs` decimals, in the narrowest integer that holds the numerator
//!    `|a|·10^(rs + dscale b − dscale a)`: `u128`, 256 bits, 512 bits, or any size.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use ruint::aliases::{U256, U512};

use crate::coefficient::{Coefficient, Remainder, div_by_limb};
use crate::pow10;
use crate::{Numeric, NumericError};

/// PostgreSQL's `NUMERIC_MIN_SIG_DIGITS`.
const SIGNIFICANT_DIGITS: i64 = 16;
/// PostgreSQL's `NUMERIC_MAX_DISPLAY_SCALE`.
const MAX_RESULT_SCALE: i64 = 1000;

impl Numeric {
    /// `self / rhs` as PostgreSQL divides: value and dscale (spec/04 §3).
    ///
    /// # Errors
    ///
    /// [`NumericError::DivisionByZero`].
    ///
    /// ```
    /// # use pg_numeric::Numeric;
    /// let a: Numeric = "5000000000000000000".parse()?;
    /// // 19 digits by 1: an integer already, rounded up from …285.71
    /// assert_eq!(a.pgdiv(&Numeric::from(7))?.to_string(), "714285714285714286");
    /// # Ok::<(), pg_numeric::NumericError>(())
    /// ```
    pub fn pgdiv(&self, rhs: &Numeric) -> Result<Numeric, NumericError> {
        if rhs.is_zero() {
            return Err(NumericError::DivisionByZero);
        }
        let scale = result_scale(self, rhs);
        let shift = i64::from(scale) + i64::from(rhs.dscale) - i64::from(self.dscale);
        Ok(Numeric { coefficient: rounded_quotient(&self.coefficient, &rhs.coefficient, shift), dscale: scale })
    }

    /// The largest integer not above the exact quotient, dscale 0: what `floor(a / b)` would be if `/` did not round first.
    ///
    /// # Errors
    ///
    /// [`NumericError::DivisionByZero`].
    ///
    /// ```
    /// # use pg_numeric::Numeric;
    /// let a: Numeric = "5000000000000000000".parse()?;
    /// assert_eq!(a.floor_div(&Numeric::from(7))?.to_string(), "714285714285714285");
    /// # Ok::<(), pg_numeric::NumericError>(())
    /// ```
    pub fn floor_div(&self, rhs: &Numeric) -> Result<Numeric, NumericError> {
        if rhs.is_zero() {
            return Err(NumericError::DivisionByZero);
        }
        let shift = i64::from(rhs.dscale) - i64::from(self.dscale);
        let nearest = Numeric::integer(rounded_quotient(&self.coefficient, &rhs.coefficient, shift));
        let product = &nearest * rhs;
        let above = if rhs.is_negative() { product < *self } else { product > *self };
        Ok(if above { &nearest - &Numeric::from(1) } else { nearest })
    }

    /// `(W, F)`: exponent and value of the first non-zero digit in base 10000; (0, 0) for zero.
    fn leading_digit(&self) -> (i64, u128) {
        let digits = i64::from(self.coefficient.digits());
        if digits == 0 {
            return (0, 0);
        }
        let exponent = digits - 1 - i64::from(self.dscale);
        let weight = exponent.div_euclid(4);
        // F·10^(4W) is the head of the number, and it ends `place` decimal digits before the coefficient does.
        let place = 4 * weight + i64::from(self.dscale);
        let power = u32::try_from(place.unsigned_abs()).unwrap_or(u32::MAX);
        let head = if place >= 0 { self.coefficient.div_pow10(power).0 } else { self.coefficient.mul_pow10(power) };
        match head {
            Coefficient::Small(first) => (weight, first.get().unsigned_abs()),
            Coefficient::Wide { .. } | Coefficient::Big(_) => unreachable!("a base-10000 digit is below 10000"),
        }
    }
}

/// The dscale of `a / b`.
fn result_scale(a: &Numeric, b: &Numeric) -> u16 {
    let (a_weight, a_first) = a.leading_digit();
    let (b_weight, b_first) = b.leading_digit();
    let quotient_weight = a_weight - b_weight - i64::from(a_first <= b_first);
    let scale = (SIGNIFICANT_DIGITS - 4 * quotient_weight)
        .max(i64::from(a.dscale))
        .max(i64::from(b.dscale))
        .clamp(0, MAX_RESULT_SCALE);
    u16::try_from(scale).unwrap_or(u16::MAX)
}

/// `a · 10^shift / b`, rounded half away from zero.
fn rounded_quotient(a: &Coefficient, b: &Coefficient, shift: i64) -> Coefficient {
    let negative = a.is_negative() != b.is_negative();
    if let Ok(shift) = usize::try_from(shift) {
        if let (Coefficient::Small(a), Coefficient::Small(b)) = (a, b)
            && let Some(power) = pow10::U128.get(shift)
            && let Some(numerator) = a.get().unsigned_abs().checked_mul(*power)
        {
            let divisor = b.get().unsigned_abs();
            let quotient = numerator / divisor;
            let rest = numerator - quotient * divisor;
            // The quotient is below 2^128 - 1 unless the divisor is 1, and then there is no remainder.
            let up = u128::from(Remainder::of(rest, &divisor) == Remainder::HalfOrMore);
            return Coefficient::from_u128(negative, quotient + up);
        }
        if let (Some((_, a)), Some((_, b))) = (a.fixed(), b.fixed()) {
            if let Some(power) = pow10::WIDE.get(shift)
                && let Some(numerator) = a.checked_mul(*power)
            {
                if let [divisor, 0, 0, 0] = *b.as_limbs() {
                    let (quotient, rest) = div_by_limb(numerator, divisor);
                    let up = U256::from(Remainder::of(rest, &divisor) == Remainder::HalfOrMore);
                    return Coefficient::from_u256(negative, quotient + up);
                }
                let (quotient, rest) = numerator.div_rem(b);
                let up = U256::from(Remainder::of(rest, &b) == Remainder::HalfOrMore);
                return Coefficient::from_u256(negative, quotient + up);
            }
            if let Some(power) = pow10::DOUBLE.get(shift)
                && let Some(numerator) = U512::from(a).checked_mul(*power)
            {
                let divisor = U512::from(b);
                let (quotient, rest) = numerator.div_rem(divisor);
                let up = U512::from(Remainder::of(rest, &divisor) == Remainder::HalfOrMore);
                return from_u512(negative, quotient + up);
            }
        }
    }
    let power = pow10::big(u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX));
    let (mut numerator, mut divisor) = (a.to_bigint().into_owned(), b.to_bigint().into_owned());
    if shift >= 0 {
        numerator *= power;
    } else {
        divisor *= power;
    }
    let (numerator, divisor) = (numerator.magnitude(), divisor.magnitude());
    let (mut quotient, rest) = numerator.div_rem(divisor);
    if Remainder::of(rest, divisor) == Remainder::HalfOrMore {
        quotient += 1_u32;
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    Coefficient::from_bigint(BigInt::from_biguint(sign, quotient))
}

fn from_u512(negative: bool, magnitude: U512) -> Coefficient {
    match U256::checked_from_limbs_slice(magnitude.as_limbs()) {
        Some(magnitude) => Coefficient::from_u256(negative, magnitude),
        None => {
            let sign = if negative { Sign::Minus } else { Sign::Plus };
            Coefficient::from_bigint(BigInt::from_biguint(sign, BigUint::from_bytes_le(magnitude.as_le_slice())))
        }
    }
}
