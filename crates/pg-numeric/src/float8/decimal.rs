//! What the two printing algorithms find: a few digits and a power of ten.

use crate::Numeric;
use crate::coefficient::Coefficient;

/// `digits · 10^exponent`; `digits` is not zero and does not end in zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) digits: u64,
    pub(super) exponent: i32,
}

impl Decimal {
    /// Moves trailing zeros of `digits` (not 0) into the exponent.
    pub(super) fn stripped(mut digits: u64, mut exponent: i32) -> Decimal {
        while digits.is_multiple_of(10) && digits != 0 {
            digits /= 10;
            exponent += 1;
        }
        Decimal { digits, exponent }
    }

    /// The numeric PostgreSQL reads from the text: no more decimals than needed.
    pub(super) fn to_numeric(self, negative: bool) -> Numeric {
        let coefficient = Coefficient::from_u128(negative, u128::from(self.digits));
        let power = self.exponent.unsigned_abs();
        if self.exponent >= 0 {
            Numeric::integer(coefficient.mul_pow10(power))
        } else {
            Numeric::limited(coefficient, power)
        }
    }
}
