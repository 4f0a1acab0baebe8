//! To integers: floor, round half away from zero, and the cast to `numeric(p, 0)` (spec/04 §2).

use crate::coefficient::Remainder;
use crate::{Numeric, NumericError};

impl Numeric {
    /// The largest integer not above the value, dscale 0 (spec/04 §2); SQL's `floor(x)`.
    ///
    /// ```
    /// # use pg_numeric::Numeric;
    /// assert_eq!("2.9".parse::<Numeric>()?.floor().to_string(), "2");
    /// assert_eq!("-2.1".parse::<Numeric>()?.floor().to_string(), "-3");
    /// # Ok::<(), pg_numeric::NumericError>(())
    /// ```
    pub fn floor(&self) -> Numeric {
        self.floor_at(0)
    }

    /// `floor(x / 10^decimals)`, without a division of its own.
    ///
    /// ```
    /// # use pg_numeric::Numeric;
    /// assert_eq!(Numeric::from(12_999).floor_at(3).to_string(), "12");
    /// ```
    pub fn floor_at(&self, decimals: u16) -> Numeric {
        let negative = self.is_negative();
        match self.coefficient.div_pow10(u32::from(self.dscale) + u32::from(decimals)) {
            (quotient, Remainder::BelowHalf | Remainder::HalfOrMore) if negative => {
                Numeric::integer(quotient.step_away(true))
            }
            (quotient, _) => Numeric::integer(quotient),
        }
    }

    /// The nearest integer, halves away from zero, dscale 0 (spec/04 §2); SQL's `round(x)`.
    ///
    /// ```
    /// # use pg_numeric::Numeric;
    /// assert_eq!("2.5".parse::<Numeric>()?.round_half_away().to_string(), "3");
    /// assert_eq!("-2.5".parse::<Numeric>()?.round_half_away().to_string(), "-3");
    /// # Ok::<(), pg_numeric::NumericError>(())
    /// ```
    pub fn round_half_away(&self) -> Numeric {
        match self.coefficient.div_pow10(u32::from(self.dscale)) {
            (quotient, Remainder::HalfOrMore) => Numeric::integer(quotient.step_away(self.is_negative())),
            (quotient, Remainder::Zero | Remainder::BelowHalf) => Numeric::integer(quotient),
        }
    }

    /// SQL's `x::numeric(precision, 0)`: round half away from zero to at most `precision` digits (spec/04 §2).
    ///
    /// # Errors
    ///
    /// [`NumericError::Overflow`] if the rounded value has more digits.
    ///
    /// ```
    /// # use pg_numeric::{Numeric, NumericError};
    /// let x: Numeric = "999.5".parse()?;
    /// assert_eq!(x.cast_integer(4)?.to_string(), "1000");
    /// assert_eq!(x.cast_integer(3), Err(NumericError::Overflow { precision: 3, digits: 4 }));
    /// # Ok::<(), NumericError>(())
    /// ```
    pub fn cast_integer(&self, precision: u32) -> Result<Numeric, NumericError> {
        let rounded = self.round_half_away();
        let digits = rounded.digits();
        if digits > precision { Err(NumericError::Overflow { precision, digits }) } else { Ok(rounded) }
    }
}
