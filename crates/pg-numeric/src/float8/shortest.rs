//! The decimal PostgreSQL prints: fewest digits strictly inside the rounding interval (spec/04 §6).

use num_bigint::BigUint;

use super::Binary;
use super::decimal::Decimal;
use super::grid::{self, Carrier, Grid};

/// The shortest decimal of a non-zero double; see the [module](super) for the three steps.
pub(super) fn decimal(v: Binary) -> Decimal {
    if let Some(integer) = v.small_integer() {
        // Neighbours are less than 1/2 away: every other decimal inside has more digits.
        return Decimal::stripped(integer, 0);
    }
    // In quarters of the last place: the value, and how far the midpoints are.
    let (value, below, above) = (4 * v.mantissa, if v.lower_gap_is_half { 1 } else { 2 }, 2);
    let q = v.exponent - 2;
    let k = if v.lower_gap_is_half {
        grid::floor_log10_three_quarters_pow2(v.exponent)
    } else {
        grid::floor_log10_pow2(v.exponent)
    };
    if grid::fits_u128(55, q, k) {
        search::<u128>(value, below, above, q, k)
    } else {
        search::<BigUint>(value, below, above, q, k)
    }
}

/// The shortest decimal in the open interval `(value − below, value + above) · 2^q`, where 10^k is the largest power of ten
/// not above its width.
fn search<T: Carrier + num_traits::ToPrimitive>(value: u64, below: u64, above: u64, q: i32, k: i32) -> Decimal {
    let Grid { multiplier, unit } = Grid::<T>::new(q, k);
    let (floor, rest) = (T::from(value) * multiplier.clone()).div_rem(&unit);
    // At most width/10^k · 2^53 < 10 · 4/3 · 2^53.
    let floor = floor.to_u64().unwrap_or(u64::MAX);
    let (below, above) = (T::from(below) * multiplier.clone(), T::from(above) * multiplier);
    let to_next = unit.clone() - rest.clone();

    let last = floor % 10;
    if T::from(last) * unit.clone() + rest.clone() < below {
        return Decimal::stripped(floor - last, k);
    }
    if T::from(9 - last) * unit + to_next.clone() < above {
        return Decimal::stripped(floor - last + 10, k);
    }

    let down = match (rest < below, to_next < above) {
        (true, true) if rest == to_next => floor.is_multiple_of(2),
        (true, true) => rest < to_next,
        (inside, _) => inside,
    };
    Decimal { digits: if down { floor } else { floor + 1 }, exponent: k }
}
