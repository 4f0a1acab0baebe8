//! Amounts, shares, multipliers and splits that make divisions and roundings interesting.

use crate::rng::Rng;
use crate::style::Style;

/// 10^n.
pub(crate) fn ten(n: u32) -> u128 {
    10_u128.pow(n)
}

/// The scale of magnitudes and multipliers.
pub(crate) const UNIT: i128 = 1_000_000_000_000_000_000;

/// A number of some number of digits.
fn of_digits(rng: &mut Rng, low: i64, high: i64) -> u128 {
    let digits = rng.range(low, high) as u32;
    rng.wide(ten(digits - 1), ten(digits) - 1)
}

/// A number at which the scale of a division changes, or one close to it.
fn near_switch(rng: &mut Rng) -> u128 {
    let leading = match rng.weighted(&[30, 30, 20, 20]) {
        0 => 1,
        1 => rng.pick(&[2, 3, 7, 8, 28]),
        2 => rng.pick(&[10, 100, 1000, 9999, 70, 700]),
        _ => rng.wide(1, 9999),
    };
    let base = leading * ten(rng.pick(&[16, 16, 20, 20, 12, 15, 18]));
    (base + rng.wide(0, 6)).saturating_sub(3)
}

/// The total of a submission.
pub(crate) fn amount(rng: &mut Rng, style: &Style) -> u128 {
    if rng.chance(style.tiny_amounts) {
        return rng.wide(1, 100);
    }
    if rng.chance(style.huge_amounts) {
        return if rng.chance(150) { ten(38) - 1 } else { of_digits(rng, 30, 38) };
    }
    match rng.weighted(&[55, 25, 12, 8]) {
        0 => of_digits(rng, 15, 26),
        1 => near_switch(rng),
        2 => of_digits(rng, 3, 14),
        _ => rng.wide(1, 999_999) * ten(18),
    }
}

/// A deposit into a strategy whose deposits usually have this many digits.
pub(crate) fn deposit(rng: &mut Rng, digits: i64) -> i128 {
    let value = match rng.weighted(&[52, 20, 14, 10, 4]) {
        0 => of_digits(rng, digits, digits + 1),
        1 => of_digits(rng, 15, 26),
        2 => rng.pick(&[1, 2, 3, 5, 32, 32, 64, 100]) * ten(rng.pick(&[15, 18, 18, 18, 20])),
        3 => near_switch(rng),
        _ => rng.wide(1, 100),
    };
    value as i128
}

/// The weight a submission gives a strategy.
pub(crate) fn multiplier(rng: &mut Rng, style: &Style) -> u128 {
    if rng.chance(style.zero_multipliers) {
        return 0;
    }
    match rng.weighted(&[42, 18, 8, 25, 4, 3]) {
        0 => ten(18),
        1 => 1_068_966_896_363_604_679,
        2 => 1,
        3 => of_digits(rng, 18, 19),
        4 => (1 << 96) - 1,
        _ => rng.wide(2, 1_000_000),
    }
}

/// A split; above 10000 only where `oversize` says so.
pub(crate) fn bips(rng: &mut Rng, oversize: u32) -> i128 {
    if rng.chance(oversize) {
        return rng.pick(&[65_535, 65_535, 10_001, 12_000]);
    }
    match rng.below(9) {
        0 => i128::from(rng.range(0, 10_000)),
        _ => rng.pick(&[0, 1, 250, 1000, 3333, 9999, 10_000]),
    }
}

/// A magnitude, at most `max` (which is a small prime or 10^18).
pub(crate) fn magnitude(rng: &mut Rng, max: i128) -> i128 {
    if max < 1000 {
        return i128::from(rng.range(1, max as i64));
    }
    match rng.below(6) {
        0 => max,
        1 => max / 3,
        2 => max / 2,
        3 => i128::from(rng.range(1, 5)),
        _ => rng.wide(1, max as u128) as i128,
    }
}
