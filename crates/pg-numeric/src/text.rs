//! PostgreSQL's decimal text: exactly `dscale` decimals, no exponent (spec/04 §1).

use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_traits::Num;
use ruint::aliases::U256;

use crate::coefficient::Coefficient;
use crate::numeric::MAX_DSCALE;
use crate::{Numeric, NumericError};

impl Coefficient {
    /// The decimal digits of the magnitude, `0` for zero.
    pub(crate) fn magnitude_text(&self) -> String {
        match self {
            Coefficient::Small(c) => c.get().unsigned_abs().to_string(),
            Coefficient::Wide { magnitude, .. } => magnitude.to_string(),
            Coefficient::Big(c) => c.magnitude().to_string(),
        }
    }

    /// The integer of a text of ASCII digits (the empty text is 0); `None` for anything else.
    fn from_digits(negative: bool, digits: &str) -> Option<Coefficient> {
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if digits.is_empty() {
            Some(Coefficient::ZERO)
        } else if digits.len() <= 38 {
            Some(Coefficient::from_u128(negative, digits.parse().ok()?))
        } else if digits.len() <= 77 {
            Some(Coefficient::from_u256(negative, U256::from_str_radix(digits, 10).ok()?))
        } else {
            let value = BigInt::from_str_radix(digits, 10).ok()?;
            Some(Coefficient::from_bigint(if negative { -value } else { value }))
        }
    }
}

/// Exactly PostgreSQL's text: `dscale` decimals, a zero before the point, `-` only for negative values.
///
/// ```
/// # use pg_numeric::Numeric;
/// assert_eq!(Numeric::from_parts(-5, 3).to_string(), "-0.005");
/// assert_eq!(Numeric::from_parts(0, 2).to_string(), "0.00");
/// ```
impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.coefficient.magnitude_text();
        let decimals = usize::from(self.dscale);
        if decimals > 0 {
            if text.len() <= decimals {
                text.insert_str(0, &"0".repeat(decimals + 1 - text.len()));
            }
            text.insert(text.len() - decimals, '.');
        }
        f.pad_integral(!self.is_negative(), "", &text)
    }
}

/// Reads a plain decimal; the number of decimals written becomes the dscale.
///
/// A sign, digits, and a point with digits on at least one side of it; no exponent, no spaces, no `NaN`.
///
/// ```
/// # use pg_numeric::Numeric;
/// let x: Numeric = "12.3400".parse()?;
/// assert_eq!((x.to_string().as_str(), x.dscale()), ("12.3400", 4));
/// assert!("1e5".parse::<Numeric>().is_err());
/// # Ok::<(), pg_numeric::NumericError>(())
/// ```
impl FromStr for Numeric {
    type Err = NumericError;

    fn from_str(text: &str) -> Result<Numeric, NumericError> {
        parse(text).ok_or_else(|| NumericError::InvalidText { text: text.chars().take(64).collect() })
    }
}

fn parse(text: &str) -> Option<Numeric> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let Some((whole, decimals)) = unsigned.split_once('.') else {
        return if unsigned.is_empty() {
            None
        } else {
            Coefficient::from_digits(negative, unsigned).map(Numeric::integer)
        };
    };
    if whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let dscale = u16::try_from(decimals.len()).ok().filter(|dscale| *dscale <= MAX_DSCALE)?;
    let coefficient = Coefficient::from_digits(negative, &[whole, decimals].concat())?;
    Some(Numeric { coefficient, dscale })
}
