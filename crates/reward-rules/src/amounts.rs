//! How weights become proportions and amounts are cut in two (spec/03 §0, spec/04 §4).

use std::sync::LazyLock;

use pg_numeric::{Numeric, NumericError, Parts};

use crate::Mode;

/// Decimals of a proportion.
const DECIMALS: u16 = 15;
static TEN_TO_15: LazyLock<Numeric> = LazyLock::new(|| Numeric::from(1_000_000_000_000_000_i64));
static BIPS: LazyLock<Numeric> = LazyLock::new(|| Numeric::from(10_000_i64));

/// The shares of many weights in one total: `prop(w, W)` of spec/03 §0.
///
/// The inner division rounds as PostgreSQL does, so the floor may act on a value that was rounded up (Q6,
/// spec/04 example 23). In strict mode it does not round, so that all proportions together are at most 1.
pub(crate) struct Proportions {
    parts: Parts,
    mode: Mode,
}

impl Proportions {
    pub(crate) fn of(total: Numeric, mode: Mode) -> Self {
        Self { parts: Parts::of(total), mode }
    }

    pub(crate) fn total(&self) -> &Numeric {
        self.parts.whole()
    }

    /// `floor(pgdiv(w, W) × 10^15)`, of 10^15.
    ///
    /// # Errors
    /// If the total is zero.
    pub(crate) fn proportion(&self, weight: &Numeric) -> Result<Proportion, NumericError> {
        Ok(Proportion(match self.mode {
            Mode::Compatible => self.parts.floor_to_15_decimals(weight)?,
            Mode::Strict => self.parts.exact_floor_to_15_decimals(weight)?,
        }))
    }
}

/// What `prop(w, W)` gives, as a number of 10^-15.
pub(crate) struct Proportion(Numeric);

impl Proportion {
    /// `pgdiv(…, 10^15)`: the column of a step, which is exact.
    pub(crate) fn numeric(&self) -> Numeric {
        self.0.pgdiv(&TEN_TO_15).unwrap_or(Numeric::ZERO)
    }

    /// `floor(prop × amount)`.
    pub(crate) fn floor_of(&self, amount: &Numeric) -> Numeric {
        (&self.0 * amount).floor_at(DECIMALS)
    }
}

/// `prop(w, W)` of spec/03 §0: the share of `weight` in `total`, cut to 15 decimals.
///
/// # Errors
/// If `total` is zero.
pub fn prop(weight: &Numeric, total: &Numeric) -> Result<Numeric, NumericError> {
    Ok(Proportions::of(total.clone(), Mode::Compatible).proportion(weight)?.numeric())
}

/// `cut(x, s)` of spec/03 §0: the operator's part of `amount` for a split of `bips`.
///
/// For `amount × bips ≥ 2e20` PostgreSQL rounds the division to an integer before the floor acts (Q6).
///
/// # Errors
/// Never in practice: the divisor is not zero.
///
/// ```
/// use reward_rules::cut;
/// // spec/04 example 17: the true floor would end in 000.
/// let x: pg_numeric::Numeric = "200000000000000005".parse().unwrap();
/// assert_eq!(cut(&x, 1000).unwrap().to_string(), "20000000000000001");
/// ```
pub fn cut(amount: &Numeric, bips: i32) -> Result<Numeric, NumericError> {
    if let Some(part) = cut_native(amount, bips) {
        return Ok(part);
    }
    Ok((amount * &Numeric::from(bips)).pgdiv(&BIPS)?.floor())
}

/// [`cut`] of an integer, in native integers: below 2e20 the quotient has all its four decimals and the floor drops them, from
/// there on it has none and is rounded half up.
fn cut_native(amount: &Numeric, bips: i32) -> Option<Numeric> {
    const ROUNDED_FROM: u128 = 200_000_000_000_000_000_000;
    let product = u128::try_from(amount.as_native()?.checked_mul(i128::from(bips))?).ok()?;
    let rounded = if product < ROUNDED_FROM { product } else { product + 5000 };
    Some(Numeric::from(div_10_000(rounded)))
}

/// `x / 10000`, 32 bits at a time: dividing 64 bits by a constant is a multiplication, dividing 128 bits is not.
fn div_10_000(x: u128) -> u128 {
    let word = |bits: u32| u64::try_from((x >> bits) & u128::from(u32::MAX)).unwrap_or(0);
    let high = u64::try_from(x >> 64).unwrap_or(u64::MAX);
    let (high, rest) = (high / 10_000, high % 10_000);
    let middle = (rest << 32) | word(32);
    let (middle, rest) = (middle / 10_000, middle % 10_000);
    let low = ((rest << 32) | word(0)) / 10_000;
    (u128::from(high) << 64) + (u128::from(middle) << 32) + u128::from(low)
}

/// `split_pct` of steps 8, 12, 16 and 19: the split as a fraction.
pub(crate) fn split_pct(bips: i32) -> Numeric {
    // The divisor is not zero.
    Numeric::from(bips).pgdiv(&BIPS).unwrap_or(Numeric::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Numeric {
        text.parse().unwrap()
    }

    #[test]
    fn spec_04_examples_of_cut() {
        for (x, expected) in [
            ("100000000000000005", "10000000000000000"),
            ("199999999999999995", "19999999999999999"),
            ("200000000000000005", "20000000000000001"),
            ("1999999999999999995", "200000000000000000"),
        ] {
            assert_eq!(cut(&n(x), 1000).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn spec_04_examples_of_prop() {
        for (w, total, expected) in [
            ("1", "3", "0.33333333333333300000"),
            ("2", "2", "1.00000000000000000000"),
            ("999", "1000", "0.99900000000000000000"),
            ("99999999999999999999", "100000000000000000000", "0.99999999999999900000"),
            ("999999999999999999999", "1000000000000000000000", "1.00000000000000000000"),
        ] {
            assert_eq!(prop(&n(w), &n(total)).unwrap().to_string(), expected);
        }
        let tiny = prop(&n("1"), &n("1000000000000001")).unwrap();
        assert!(tiny.is_zero());
        assert_eq!(tiny.dscale(), 32);
    }
}
