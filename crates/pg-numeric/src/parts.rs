//! Many values divided by one whole, to 15 decimals: the quotient without a division.
//!
//! # Why it is exact
//!
//! Wanted is `⌊pgdiv(a, w) × 10^15⌋`. Let `y = a/w × 10^15` be the true value, for `0 < a ≤ w` with coefficients of one scale.
//!
//! 1. For such `a` the quotient of the first base-10000 digits is below 1, so `pgdiv` rounds to at least 20 decimals (spec/04
//!    §3: `q ≤ −1`, `rs ≥ 16 − 4q`). Rounding can lift the floor only if `y` is less than `½ · 10^-5` below an integer.
//! 2. Shift both so that the whole has 64 bits, cut off what is below, and multiply by `m = ⌊10^15 · 2^77 / whole⌋`, made once.
//!    The product over 2^77 is at most `10^15 / (2^63 − 1) < 2^-13` above `y` and less than `2^-13 + 2^-13` below it.
//! 3. So if its fraction is in `[2^-12, 1 − 2^-12)`, `y` has the same floor, and is too far below the next integer to be
//!    rounded up to it (`2^-12 > 2^-13 + 10^15/2^63 + ½ · 10^-5`).
//!
//! One value in 2000 is not that clear, and is divided like any other.

use crate::coefficient::Coefficient;
use crate::{Numeric, NumericError};

/// 10^15: the decimals of a part.
const UNITS: u64 = 1_000_000_000_000_000;
/// `UNITS · 2^SHIFT` fits 127 bits, so that its quotient by 64 bits with the highest set fits 64.
const SHIFT: u32 = 77;
/// Fractions of 2^77 from here to as far below 1 are clear.
const CLEAR: u128 = 1 << (SHIFT - 12);
const FRACTION: u128 = (1 << SHIFT) - 1;

/// A whole that is divided by again and again.
///
/// ```
/// # use pg_numeric::{Numeric, Parts};
/// let thirds = Parts::of(Numeric::from(3));
/// assert_eq!(thirds.floor_to_15_decimals(&Numeric::from(1))?.to_string(), "333333333333333");
/// # Ok::<(), pg_numeric::NumericError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Parts {
    whole: Numeric,
    reciprocal: Option<Reciprocal>,
}

#[derive(Clone, Copy, Debug)]
struct Reciprocal {
    /// The highest 64 bits of the whole begin at this bit; negative if it has fewer.
    lowest: i32,
    top: u64,
    /// `⌊10^15 · 2^77 / top⌋`
    factor: u64,
}

impl Parts {
    /// Parts of this whole.
    #[must_use]
    pub fn of(whole: Numeric) -> Parts {
        let reciprocal = Reciprocal::of(&whole.coefficient);
        Parts { whole, reciprocal }
    }

    /// The whole.
    #[must_use]
    pub fn whole(&self) -> &Numeric {
        &self.whole
    }

    /// `floor(pgdiv(part, whole) × 10^15)`, an integer.
    ///
    /// # Errors
    ///
    /// [`NumericError::DivisionByZero`].
    pub fn floor_to_15_decimals(&self, part: &Numeric) -> Result<Numeric, NumericError> {
        if let Some(units) = self.clear_units(part) {
            return Ok(units);
        }
        Ok((&part.pgdiv(&self.whole)? * &Numeric::from(UNITS)).floor())
    }

    /// `floor(part / whole × 10^15)` of the exact quotient: the parts of a whole add up to 10^15 at most.
    ///
    /// # Errors
    ///
    /// [`NumericError::DivisionByZero`].
    ///
    /// ```
    /// # use pg_numeric::{Numeric, Parts};
    /// let (whole, part): (Numeric, Numeric) = ("1000000000000000000000".parse()?, "999999999999999999999".parse()?);
    /// assert_eq!(Parts::of(whole.clone()).floor_to_15_decimals(&part)?.to_string(), "1000000000000000");
    /// assert_eq!(Parts::of(whole).exact_floor_to_15_decimals(&part)?.to_string(), "999999999999999");
    /// # Ok::<(), pg_numeric::NumericError>(())
    /// ```
    pub fn exact_floor_to_15_decimals(&self, part: &Numeric) -> Result<Numeric, NumericError> {
        match self.clear_units(part) {
            Some(units) => Ok(units),
            None => (part * &Numeric::from(UNITS)).floor_div(&self.whole),
        }
    }

    fn clear_units(&self, part: &Numeric) -> Option<Numeric> {
        let missing_decimals = self.whole.dscale.checked_sub(part.dscale)?;
        self.reciprocal?.clear_units(&part.coefficient, missing_decimals).map(Numeric::from)
    }
}

impl Reciprocal {
    /// Of a positive coefficient below 2^256.
    fn of(whole: &Coefficient) -> Option<Reciprocal> {
        let (false, magnitude) = whole.fixed()? else { return None };
        let bits = i32::try_from(magnitude.bit_len()).ok().filter(|bits| *bits > 0)?;
        let lowest = bits - 64;
        let top = bits_from(whole, lowest)?;
        let factor = u64::try_from((u128::from(UNITS) << SHIFT) / u128::from(top)).ok()?;
        Some(Reciprocal { lowest, top, factor })
    }

    /// The units of a coefficient that has so many decimals less than the whole, if they are clear.
    fn clear_units(self, part: &Coefficient, missing_decimals: u16) -> Option<u64> {
        let aligned;
        let part = if missing_decimals == 0 {
            part
        } else {
            aligned = part.mul_pow10(u32::from(missing_decimals));
            &aligned
        };
        // What is cut off may make a part above the whole look like it; then its fraction is not clear.
        let top = bits_from(part, self.lowest).filter(|top| *top <= self.top)?;
        let units = u128::from(top) * u128::from(self.factor);
        let fraction = units & FRACTION;
        if (CLEAR..=FRACTION - CLEAR).contains(&fraction) { u64::try_from(units >> SHIFT).ok() } else { None }
    }
}

/// The 64 bits of a coefficient from bit `lowest` on, zeros below bit 0; `None` if it is negative or there are more bits.
fn bits_from(coefficient: &Coefficient, lowest: i32) -> Option<u64> {
    match coefficient {
        Coefficient::Small(value) => {
            let value = u128::try_from(value.get()).ok()?;
            if lowest >= 0 {
                u64::try_from(value.checked_shr(lowest.unsigned_abs()).unwrap_or(0)).ok()
            } else {
                let value = u64::try_from(value).ok()?;
                let shift = lowest.unsigned_abs();
                (value.leading_zeros() >= shift).then(|| value.checked_shl(shift).unwrap_or(0))
            }
        }
        Coefficient::Wide { negative: false, magnitude } => {
            let lowest = usize::try_from(lowest).ok()?;
            let limbs = magnitude.as_limbs();
            let (limb, bit) = (lowest / 64, lowest % 64);
            let at = |index: usize| limbs.get(index).copied().unwrap_or(0);
            if limbs.iter().skip(limb + 2).any(|limb| *limb != 0) || (at(limb + 1) >> bit) != 0 {
                return None;
            }
            Some(if bit == 0 { at(limb) } else { (at(limb) >> bit) | (at(limb + 1) << (64 - bit)) })
        }
        Coefficient::Wide { negative: true, .. } | Coefficient::Big(_) => None,
    }
}
