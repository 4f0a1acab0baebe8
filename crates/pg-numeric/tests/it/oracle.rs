//! The plain model: the sentences of spec/04 in big integers, without regard to speed.
//!
//! It shares no code with the crate, and takes different routes where it can: digits are read off decimal text, the shortest
//! text is searched length by length as §6 writes it.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Pow, Signed, Zero};

/// `unscaled / 10^dscale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    pub unscaled: BigInt,
    pub dscale: u32,
}

pub fn ten(n: u32) -> BigInt {
    BigInt::from(10).pow(n)
}

/// `numerator / denominator` rounded half away from zero.
fn half_away(numerator: &BigInt, denominator: &BigInt) -> BigInt {
    let magnitude = (numerator.abs() * 2 + denominator.abs()) / (denominator.abs() * 2);
    if numerator.is_negative() == denominator.is_negative() { magnitude } else { -magnitude }
}

impl Plain {
    pub fn integer(value: impl Into<BigInt>) -> Plain {
        Plain { unscaled: value.into(), dscale: 0 }
    }

    pub fn text(&self) -> String {
        let digits = format!("{:0>1$}", self.unscaled.magnitude().to_string(), self.dscale as usize + 1);
        let (whole, decimals) = digits.split_at(digits.len() - self.dscale as usize);
        let point = if decimals.is_empty() { "" } else { "." };
        format!("{}{whole}{point}{decimals}", if self.unscaled.is_negative() { "-" } else { "" })
    }

    fn at(&self, dscale: u32) -> BigInt {
        &self.unscaled * ten(dscale - self.dscale)
    }

    pub fn add(&self, b: &Plain) -> Plain {
        let dscale = self.dscale.max(b.dscale);
        Plain { unscaled: self.at(dscale) + b.at(dscale), dscale }
    }

    pub fn sub(&self, b: &Plain) -> Plain {
        let dscale = self.dscale.max(b.dscale);
        Plain { unscaled: self.at(dscale) - b.at(dscale), dscale }
    }

    pub fn mul(&self, b: &Plain) -> Plain {
        Plain { unscaled: &self.unscaled * &b.unscaled, dscale: self.dscale + b.dscale }
    }

    pub fn cmp(&self, b: &Plain) -> std::cmp::Ordering {
        let dscale = self.dscale.max(b.dscale);
        self.at(dscale).cmp(&b.at(dscale))
    }

    pub fn floor(&self) -> Plain {
        Plain::integer(self.unscaled.div_floor(&ten(self.dscale)))
    }

    pub fn round(&self) -> Plain {
        Plain::integer(half_away(&self.unscaled, &ten(self.dscale)))
    }

    /// `W(x)` and `F(x)` of §3, read off the text aligned at the decimal point.
    fn leading(&self) -> (i64, i64) {
        let text = self.text();
        let (whole, decimals) =
            text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
        let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
        let decimals = format!("{decimals}{}", "0".repeat((4 - decimals.len() % 4) % 4));
        let groups = [whole.as_bytes(), decimals.as_bytes()].concat();
        let mut weight = whole.len() as i64 / 4;
        for group in groups.chunks(4) {
            weight -= 1;
            let digit: i64 = std::str::from_utf8(group).unwrap().parse().unwrap();
            if digit != 0 {
                return (weight, digit);
            }
        }
        (0, 0)
    }

    pub fn pgdiv(&self, b: &Plain) -> Plain {
        let ((wa, fa), (wb, fb)) = (self.leading(), b.leading());
        let q = wa - wb - i64::from(fa <= fb);
        let dscale = (16 - 4 * q).max(self.dscale.into()).max(b.dscale.into()).clamp(0, 1000) as u32;
        let unscaled = half_away(&(&self.unscaled * ten(dscale + b.dscale)), &(&b.unscaled * ten(self.dscale)));
        Plain { unscaled, dscale }
    }
}

/// `numerator / 2^shift` for a finite, positive double's value and its two midpoints, as `(value, low, high, shift)`.
fn interval(v: f64) -> (BigInt, BigInt, BigInt, u32) {
    let bits = v.to_bits();
    let (biased, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    let below = if fraction == 0 && biased > 1 { 1 } else { 2 };
    let scaled = |quarters: u64| BigInt::from(quarters) << (exponent - 2).max(0);
    let shift = (2 - exponent).max(0) as u32;
    (scaled(4 * mantissa), scaled(4 * mantissa - below), scaled(4 * mantissa + 2), shift)
}

/// §6: the shortest decimal strictly inside the midpoints, as (digits, exponent); `v` finite and positive.
pub fn shortest(v: f64) -> (BigInt, i32) {
    let (value, low, high, shift) = interval(v);
    let magnitude = format!("{v:e}").split_once('e').unwrap().1.parse::<i32>().unwrap();
    for digits in 1..=17 {
        // The decimals of this length just around v; the guess of the magnitude may be one off near powers of ten.
        let mut best: Option<(BigInt, BigInt, i32)> = None;
        for exponent in [magnitude - digits, magnitude - digits + 1, magnitude - digits + 2] {
            // everything times 10^-exponent (if negative) and 2^shift
            let unit = ten(exponent.max(0) as u32) << shift;
            let factor = ten((-exponent).max(0) as u32);
            let (value, low, high) = (&value * &factor, &low * &factor, &high * &factor);
            let floor = value.div_floor(&unit);
            for c in [floor.clone(), floor + 1] {
                let candidate = &c * &unit;
                if c < ten(digits as u32) && !c.is_zero() && candidate > low && candidate < high {
                    // distance comparable across exponents: bring to 10^-400
                    let distance = (candidate - &value).abs() * ten((400 + exponent.min(0)) as u32);
                    let better = best.as_ref().is_none_or(|(best_distance, best_c, _)| {
                        distance < *best_distance || distance == *best_distance && c.is_even() && best_c.is_odd()
                    });
                    if better {
                        best = Some((distance, c, exponent));
                    }
                }
            }
        }
        if let Some((_, c, exponent)) = best {
            return (c, exponent);
        }
    }
    panic!("17 digits always suffice: {v:e}");
}

/// §6: `%.15g` of a finite, positive double, as (digits, exponent).
pub fn fifteen(v: f64) -> (BigInt, i32) {
    let (value, _, _, shift) = interval(v);
    // The largest unit 10^k that leaves 15 digits.
    let mut k = 300;
    loop {
        let unit = ten(k.max(0) as u32) << shift;
        let scaled = &value * ten((-k).max(0) as u32);
        if scaled >= &unit * ten(14) {
            let (floor, rest) = scaled.div_rem(&unit);
            let up = match (rest * 2_u32).cmp(&unit) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal => floor.is_odd(),
                std::cmp::Ordering::Greater => true,
            };
            return (floor + BigInt::from(u8::from(up)), k);
        }
        k -= 1;
    }
}

/// `c · 10^exponent` as the numeric PostgreSQL reads from the text without trailing zeros.
pub fn decimal(mut c: BigInt, mut exponent: i32, negative: bool) -> Plain {
    while exponent < 0 && (&c % 10_u32).is_zero() {
        c /= 10;
        exponent += 1;
    }
    let unscaled = c * ten(exponent.max(0) as u32);
    Plain { unscaled: if negative { -unscaled } else { unscaled }, dscale: exponent.min(0).unsigned_abs() }
}
