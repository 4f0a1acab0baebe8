//! The decimal of C's `%.15g`: 15 significant digits, exact ties to even (spec/04 §6).

use num_bigint::BigUint;

use super::Binary;
use super::decimal::Decimal;
use super::grid::{self, Carrier, Grid};

/// 10^15: the first integer with more than 15 digits.
const LIMIT: u64 = 1_000_000_000_000_000;

/// A non-zero double at 15 significant digits, without trailing zeros.
pub(super) fn decimal(v: Binary) -> Decimal {
    if let Some(integer) = v.small_integer().filter(|integer| *integer < LIMIT) {
        return Decimal::stripped(integer, 0);
    }
    // 2^b ≤ v < 2^(b+1), so this unit leaves 15 or 16 digits.
    let b = v.exponent + 63 - v.mantissa.leading_zeros().cast_signed();
    let k = grid::floor_log10_pow2(b) - 14;
    rounded(v, k).or_else(|| rounded(v, k + 1)).unwrap_or(Decimal { digits: u64::MAX, exponent: k })
}

/// `v` to the nearest multiple of 10^k, ties to even; `None` if that takes more than 15 digits.
fn rounded(v: Binary, k: i32) -> Option<Decimal> {
    if grid::fits_u128(53, v.exponent, k) { rounded_in::<u128>(v, k) } else { rounded_in::<BigUint>(v, k) }
}

fn rounded_in<T: Carrier + num_traits::ToPrimitive>(v: Binary, k: i32) -> Option<Decimal> {
    let Grid { multiplier, unit } = Grid::<T>::new(v.exponent, k);
    let (floor, rest) = (T::from(v.mantissa) * multiplier).div_rem(&unit);
    let floor = floor.to_u64().filter(|floor| *floor < LIMIT)?;
    let to_next = unit - rest.clone();
    let up = if rest == to_next { !floor.is_multiple_of(2) } else { rest > to_next };
    Some(Decimal::stripped(floor + u64::from(up), k))
}
