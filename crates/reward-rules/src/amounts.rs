//! How weights become proportions and amounts are cut in two (spec/03 §0, spec/04 §4).

use std::sync::LazyLock;

use pg_numeric::{Numeric, NumericError};

static TEN_TO_15: LazyLock<Numeric> = LazyLock::new(|| Numeric::from(1_000_000_000_000_000_i64));
static BIPS: LazyLock<Numeric> = LazyLock::new(|| Numeric::from(10_000_i64));

/// `prop(w, W)` of spec/03 §0: the share of `weight` in `total`, cut to 15 decimals.
///
/// The inner division rounds as PostgreSQL does, so the floor may act on a value that was rounded up (Q6,
/// spec/04 example 23).
///
/// # Errors
/// If `total` is zero.
pub fn prop(weight: &Numeric, total: &Numeric) -> Result<Numeric, NumericError> {
    (&weight.pgdiv(total)? * &*TEN_TO_15).floor().pgdiv(&TEN_TO_15)
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
    Ok((amount * &Numeric::from(bips)).pgdiv(&BIPS)?.floor())
}

/// `rest(x, s)` of spec/03 §0: what [`cut`] leaves. Negative for a split above 10000 bips (Q15).
///
/// # Errors
/// As [`cut`].
pub fn rest(amount: &Numeric, bips: i32) -> Result<Numeric, NumericError> {
    Ok(amount - &cut(amount, bips)?)
}

/// `split_pct` of steps 8, 12, 16 and 19: the split as a fraction.
///
/// # Errors
/// Never in practice: the divisor is not zero.
pub(crate) fn split_pct(bips: i32) -> Result<Numeric, NumericError> {
    Numeric::from(bips).pgdiv(&BIPS)
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

    #[test]
    fn q15_a_split_above_10000_bips_leaves_a_negative_rest() {
        assert_eq!(rest(&n("100"), 20_000).unwrap().to_string(), "-100");
    }
}
