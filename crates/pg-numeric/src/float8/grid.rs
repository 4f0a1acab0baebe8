//! Binary numbers on a decimal grid: `x · 2^q` measured in units of 10^k, in integers.

use num_integer::Integer;
use num_traits::pow;
use std::ops::Shl;

/// The integers that can carry the computation: `u128`, and `BigUint` for the rest.
pub(super) trait Carrier: Integer + Clone + From<u64> + Shl<usize, Output = Self> {}

impl<T: Integer + Clone + From<u64> + Shl<usize, Output = T>> Carrier for T {}

/// The factors that make `x · 2^q / 10^k` the fraction `x · multiplier / unit`.
///
/// The powers of two common to 2^q and 10^k are cancelled; what remains is `2^(q−k) · 5^−k` with the negative exponents below
/// the line.
pub(super) struct Grid<T> {
    pub(super) multiplier: T,
    pub(super) unit: T,
}

impl<T: Carrier> Grid<T> {
    pub(super) fn new(q: i32, k: i32) -> Grid<T> {
        let five = |exponent: i32| pow(T::from(5), usize::try_from(exponent).unwrap_or(0));
        let two = |exponent: i32| usize::try_from(exponent).unwrap_or(0);
        Grid { multiplier: five(-k) << two(q - k), unit: five(k) << two(k - q) }
    }
}

/// Whether `u128` holds `x · multiplier` and `10 · unit`, for `x` of at most `x_bits` bits.
pub(super) fn fits_u128(x_bits: u32, q: i32, k: i32) -> bool {
    let bits = |twos: i32, fives: i32| twos.max(0) + ((fives.max(0) * 2378) >> 10) + 1; // log2(5) < 2378/1024
    let x_bits = i32::try_from(x_bits).unwrap_or(i32::MAX / 2);
    x_bits + bits(q - k, -k) <= 127 && 4 + bits(k - q, k) <= 127
}

/// `⌊log10(2^n)⌋` for |n| ≤ 1100.
pub(super) fn floor_log10_pow2(n: i32) -> i32 {
    (n * 315_653) >> 20
}

/// `⌊log10(3 · 2^(n−2))⌋` for |n| ≤ 1100.
pub(super) fn floor_log10_three_quarters_pow2(n: i32) -> i32 {
    (n * 315_653 - 131_008) >> 20
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;

    /// `⌊log10(a · 2^n)⌋` by counting digits.
    fn floor_log10(a: u32, n: i32) -> i32 {
        let mut k = 0;
        // a·2^n·10^-k in [1, 10)
        let value = |k: i32| {
            let numerator = BigUint::from(a) * pow(BigUint::from(10_u32), usize::try_from(-k).unwrap_or(0));
            let denominator = pow(BigUint::from(10_u32), usize::try_from(k).unwrap_or(0));
            (numerator << usize::try_from(n).unwrap_or(0), denominator << usize::try_from(-n).unwrap_or(0))
        };
        k += n * 3 / 10;
        loop {
            let (numerator, denominator) = value(k);
            if numerator < denominator {
                k -= 1;
            } else if numerator >= denominator * 10_u32 {
                k += 1;
            } else {
                return k;
            }
        }
    }

    #[test]
    fn logarithms_are_exact_for_every_exponent_of_a_double() {
        for n in -1100..=1100 {
            assert_eq!(floor_log10_pow2(n), floor_log10(1, n), "2^{n}");
            assert_eq!(floor_log10_three_quarters_pow2(n), floor_log10(3, n - 2), "3·2^({n}-2)");
        }
    }
}
