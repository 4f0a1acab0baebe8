//! The unscaled integer of a [`Numeric`](crate::Numeric) in the smallest of three forms.
//!
//! Invariant: a value is always in the first form that can hold it. So equal integers have equal forms, and almost all
//! amounts of the pipeline (at most 38 digits) stay a plain `i128`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Sub;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::Signed;
use ruint::aliases::U256;

use crate::pow10;

/// An `i128` aligned to 8 bytes: with the natural 16 `Numeric` would take 64 bytes, so it takes 48.
#[derive(Clone, Copy)]
#[repr(C, packed(8))]
pub(crate) struct Native(i128);

impl Native {
    pub(crate) const fn get(self) -> i128 {
        self.0
    }
}

/// A signed integer of any size.
#[derive(Clone)]
pub(crate) enum Coefficient {
    /// Everything an `i128` holds.
    Small(Native),
    /// Sign and magnitude, for what no `i128` but 256 bits hold.
    Wide { negative: bool, magnitude: U256 },
    /// Magnitudes of 2^256 and more.
    Big(Box<BigInt>),
}

/// What a division left over, as far as rounding cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remainder {
    Zero,
    BelowHalf,
    HalfOrMore,
}

impl Remainder {
    /// Classifies `remainder / divisor`, `remainder < divisor`, without overflow.
    pub(crate) fn of<T: PartialOrd + Default + Clone + Sub<Output = T>>(remainder: T, divisor: &T) -> Remainder {
        if remainder == T::default() {
            Remainder::Zero
        } else if remainder >= divisor.clone() - remainder.clone() {
            Remainder::HalfOrMore
        } else {
            Remainder::BelowHalf
        }
    }
}

impl Coefficient {
    pub(crate) const ZERO: Coefficient = Coefficient::small(0);

    pub(crate) const fn small(value: i128) -> Coefficient {
        Coefficient::Small(Native(value))
    }

    pub(crate) fn from_u128(negative: bool, magnitude: u128) -> Coefficient {
        let value = if negative { 0_i128.checked_sub_unsigned(magnitude) } else { i128::try_from(magnitude).ok() };
        match value {
            Some(value) => Coefficient::small(value),
            None => Coefficient::Wide { negative, magnitude: U256::from(magnitude) },
        }
    }

    pub(crate) fn from_u256(negative: bool, magnitude: U256) -> Coefficient {
        match magnitude.as_limbs() {
            [low, high, 0, 0] => Coefficient::from_u128(negative, (u128::from(*high) << 64) | u128::from(*low)),
            _ => Coefficient::Wide { negative, magnitude },
        }
    }

    pub(crate) fn from_bigint(value: BigInt) -> Coefficient {
        if value.bits() > 256 {
            return Coefficient::Big(Box::new(value));
        }
        let magnitude = U256::from_limbs_slice(&value.magnitude().to_u64_digits());
        Coefficient::from_u256(value.is_negative(), magnitude)
    }

    /// Sign and magnitude, if 256 bits hold it.
    pub(crate) fn fixed(&self) -> Option<(bool, U256)> {
        match self {
            Coefficient::Small(c) => Some((c.get() < 0, U256::from(c.get().unsigned_abs()))),
            Coefficient::Wide { negative, magnitude } => Some((*negative, *magnitude)),
            Coefficient::Big(_) => None,
        }
    }

    pub(crate) fn to_bigint(&self) -> Cow<'_, BigInt> {
        match self {
            Coefficient::Small(c) => Cow::Owned(BigInt::from(c.get())),
            Coefficient::Wide { negative, magnitude } => {
                let sign = if *negative { Sign::Minus } else { Sign::Plus };
                Cow::Owned(BigInt::from_biguint(sign, BigUint::from_bytes_le(magnitude.as_le_slice())))
            }
            Coefficient::Big(c) => Cow::Borrowed(c),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        matches!(self, Coefficient::Small(c) if c.get() == 0)
    }

    pub(crate) fn is_negative(&self) -> bool {
        match self {
            Coefficient::Small(c) => c.get() < 0,
            Coefficient::Wide { negative, .. } => *negative,
            Coefficient::Big(c) => c.is_negative(),
        }
    }

    /// The number of decimal digits, 0 for zero.
    pub(crate) fn digits(&self) -> u32 {
        match self {
            Coefficient::Small(c) => c.get().unsigned_abs().checked_ilog10().map_or(0, |log| log + 1),
            Coefficient::Wide { magnitude, .. } => {
                // b bits are ⌊b·log₁₀2⌋ or one more decimal digits.
                let estimate = (magnitude.bit_len() * 78_913) >> 18;
                let longer = pow10::WIDE.get(estimate).is_some_and(|power| magnitude >= power);
                u32::try_from(estimate + usize::from(longer)).unwrap_or(u32::MAX)
            }
            Coefficient::Big(c) => {
                let mut digits = u32::try_from((c.bits() * 78_913) >> 18).unwrap_or(u32::MAX);
                while digits > 0 && *c.magnitude() < *pow10::big(digits - 1).magnitude() {
                    digits -= 1;
                }
                while *c.magnitude() >= *pow10::big(digits).magnitude() {
                    digits += 1;
                }
                digits
            }
        }
    }

    pub(crate) fn neg(&self) -> Coefficient {
        match self {
            Coefficient::Small(c) => Coefficient::from_u128(c.get() >= 0, c.get().unsigned_abs()),
            Coefficient::Wide { negative, magnitude } => Coefficient::from_u256(!negative, *magnitude),
            Coefficient::Big(c) => Coefficient::Big(Box::new(-c.as_ref())),
        }
    }

    pub(crate) fn add(&self, rhs: &Coefficient) -> Coefficient {
        if let (Coefficient::Small(a), Coefficient::Small(b)) = (self, rhs)
            && let Some(sum) = a.get().checked_add(b.get())
        {
            return Coefficient::small(sum);
        }
        self.add_wide(rhs)
    }

    #[cold]
    fn add_wide(&self, rhs: &Coefficient) -> Coefficient {
        if let (Some((a_negative, a)), Some((b_negative, b))) = (self.fixed(), rhs.fixed()) {
            if a_negative != b_negative {
                return if a >= b {
                    Coefficient::from_u256(a_negative, a - b)
                } else {
                    Coefficient::from_u256(b_negative, b - a)
                };
            }
            if let Some(sum) = a.checked_add(b) {
                return Coefficient::from_u256(a_negative, sum);
            }
        }
        Coefficient::from_bigint(self.to_bigint().as_ref() + rhs.to_bigint().as_ref())
    }

    /// `self − rhs` of two natives, if that is one.
    pub(crate) fn sub_small(&self, rhs: &Coefficient) -> Option<Coefficient> {
        match (self, rhs) {
            (Coefficient::Small(a), Coefficient::Small(b)) => a.get().checked_sub(b.get()).map(Coefficient::small),
            _ => None,
        }
    }

    pub(crate) fn mul(&self, rhs: &Coefficient) -> Coefficient {
        if let (Coefficient::Small(a), Coefficient::Small(b)) = (self, rhs) {
            let (a, b) = (a.get(), b.get());
            return match a.checked_mul(b) {
                Some(product) => Coefficient::small(product),
                None => Coefficient::from_u256((a < 0) != (b < 0), wide_product(a.unsigned_abs(), b.unsigned_abs())),
            };
        }
        if let (Some((a_negative, a)), Some((b_negative, b))) = (self.fixed(), rhs.fixed())
            && let Some(product) = a.checked_mul(b)
        {
            return Coefficient::from_u256(a_negative != b_negative, product);
        }
        Coefficient::from_bigint(self.to_bigint().as_ref() * rhs.to_bigint().as_ref())
    }

    /// `self × 10^n`.
    pub(crate) fn mul_pow10(&self, n: u32) -> Coefficient {
        if n == 0 || self.is_zero() {
            return self.clone();
        }
        let index = usize::try_from(n).unwrap_or(usize::MAX);
        let power = match (pow10::U128.get(index), pow10::WIDE.get(index)) {
            (Some(power), _) => Coefficient::from_u128(false, *power),
            (None, Some(power)) => Coefficient::from_u256(false, *power),
            (None, None) => Coefficient::from_bigint(pow10::big(n)),
        };
        self.mul(&power)
    }

    /// `self / 10^n` truncated toward zero, and what was cut off.
    pub(crate) fn div_pow10(&self, n: u32) -> (Coefficient, Remainder) {
        if n == 0 {
            return (self.clone(), Remainder::Zero);
        }
        let index = usize::try_from(n).unwrap_or(usize::MAX);
        match self {
            Coefficient::Small(c) => {
                let magnitude = c.get().unsigned_abs();
                match pow10::U128.get(index) {
                    Some(power) => {
                        let quotient = magnitude / power;
                        let rest = magnitude - quotient * power;
                        (Coefficient::from_u128(c.get() < 0, quotient), Remainder::of(rest, power))
                    }
                    // 2^127 < 10^39 / 2
                    None if magnitude == 0 => (Coefficient::ZERO, Remainder::Zero),
                    None => (Coefficient::ZERO, Remainder::BelowHalf),
                }
            }
            Coefficient::Wide { negative, magnitude } => match pow10::WIDE.get(index) {
                Some(power) if let [divisor, 0, 0, 0] = *power.as_limbs() => {
                    let (quotient, rest) = div_by_limb(*magnitude, divisor);
                    (Coefficient::from_u256(*negative, quotient), Remainder::of(rest, &divisor))
                }
                Some(power) => {
                    let (quotient, rest) = magnitude.div_rem(*power);
                    (Coefficient::from_u256(*negative, quotient), Remainder::of(rest, power))
                }
                // 2^256 < 10^78 / 2
                None => (Coefficient::ZERO, Remainder::BelowHalf),
            },
            Coefficient::Big(c) => {
                let power = pow10::big(n);
                let (quotient, rest) = c.div_rem(&power);
                (Coefficient::from_bigint(quotient), Remainder::of(rest.abs(), &power))
            }
        }
    }

    /// One further from zero, in the direction of `negative`.
    pub(crate) fn step_away(&self, negative: bool) -> Coefficient {
        self.add(&Coefficient::small(if negative { -1 } else { 1 }))
    }

    pub(crate) fn cmp(&self, rhs: &Coefficient) -> Ordering {
        if let (Coefficient::Small(a), Coefficient::Small(b)) = (self, rhs) {
            return a.get().cmp(&b.get());
        }
        match (self.fixed(), rhs.fixed()) {
            (Some((false, a)), Some((false, b))) => a.cmp(&b),
            (Some((true, a)), Some((true, b))) => b.cmp(&a),
            (Some((a_negative, _)), Some((b_negative, _))) => b_negative.cmp(&a_negative),
            (None, _) | (_, None) => self.to_bigint().cmp(&rhs.to_bigint()),
        }
    }
}

/// `a × b`, which 256 bits always hold.
fn wide_product(a: u128, b: u128) -> U256 {
    let halves = |x: u128| (x & u128::from(u64::MAX), x >> 64);
    let ((a_low, a_high), (b_low, b_high)) = (halves(a), halves(b));
    let (low, low_high) = halves(a_low * b_low);
    let (cross, cross_high) = halves(a_low * b_high + low_high);
    let (middle, middle_high) = halves(a_high * b_low + cross);
    let high = a_high * b_high + cross_high + middle_high;
    let limb = |x: u128| u64::try_from(x & u128::from(u64::MAX)).unwrap_or(u64::MAX);
    U256::from_limbs([limb(low), limb(middle), limb(high), limb(high >> 64)])
}

/// Quotient and remainder by one limb.
pub(crate) fn div_by_limb(dividend: U256, divisor: u64) -> (U256, u64) {
    let mut limbs = dividend.into_limbs();
    let mut rest = 0;
    for limb in limbs.iter_mut().rev() {
        if rest == 0 {
            (*limb, rest) = (*limb / divisor, *limb % divisor);
        } else {
            let dividend = (u128::from(rest) << 64) | u128::from(*limb);
            let quotient = dividend / u128::from(divisor);
            // rest < divisor, so the quotient fits a limb
            *limb = u64::try_from(quotient).unwrap_or(u64::MAX);
            rest = u64::try_from(dividend - quotient * u128::from(divisor)).unwrap_or(u64::MAX);
        }
    }
    (U256::from_limbs(limbs), rest)
}
