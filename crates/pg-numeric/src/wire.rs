//! The binary NUMERIC of `COPY … BINARY` and of binary parameters (without the length word before it).
//!
//! | bytes | meaning |
//! |---|---|
//! | u16 | number of base-10000 digits |
//! | i16 | weight: exponent (base 10000) of the first digit; may be negative |
//! | u16 | sign: 0000 plus, 4000 minus, C000 NaN, D000 Infinity, F000 -Infinity |
//! | u16 | dscale |
//! | u16 … | the digits 0…9999, most significant first, aligned at the decimal point |
//!
//! All big-endian. The canonical form has neither leading nor trailing zero digits, so `10000` is one digit of weight 1 and
//! zero has no digit at all (but keeps its dscale).

use num_bigint::{BigInt, BigUint, Sign};
use ruint::aliases::U256;

use crate::coefficient::{Coefficient, Remainder};
use crate::numeric::MAX_DSCALE;
use crate::{Numeric, WireError};

const HEADER: usize = 8;
const PLUS: u16 = 0x0000;
const MINUS: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const MINUS_INFINITY: u16 = 0xF000;

/// Digits an `i128` can always collect: 10^36 < 2^127.
const NATIVE_DIGITS: usize = 9;
/// Digits 256 bits can always collect: 10^76 < 2^256.
const WIDE_DIGITS: usize = 19;
/// Room for 256 bits: 78 decimals, a partial digit, and the last group of four not full.
const STACK_DIGITS: usize = 28;
/// Four base-10000 digits.
const FOUR_DIGITS: u64 = 10_000_000_000_000_000;

impl Numeric {
    /// Reads a binary NUMERIC, the whole of `bytes` (without the i32 length before it).
    ///
    /// Leading and trailing zero digits and a negative zero are accepted, although no server sends them.
    ///
    /// # Errors
    ///
    /// NaN, the infinities, and malformed input: see [`WireError`].
    ///
    /// ```
    /// # use pg_numeric::Numeric;
    /// // one digit (1), weight 1, plus, dscale 0
    /// assert_eq!(Numeric::read_wire(&[0, 1, 0, 1, 0, 0, 0, 0, 0, 1])?.to_string(), "10000");
    /// # Ok::<(), pg_numeric::WireError>(())
    /// ```
    pub fn read_wire(bytes: &[u8]) -> Result<Numeric, WireError> {
        let Some((&[n0, n1, w0, w1, s0, s1, d0, d1], body)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(WireError::Truncated { expected: HEADER, actual: bytes.len() });
        };
        let expected = HEADER + 2 * usize::from(u16::from_be_bytes([n0, n1]));
        let weight = i16::from_be_bytes([w0, w1]);
        let negative = match u16::from_be_bytes([s0, s1]) {
            PLUS => false,
            MINUS => true,
            NAN => return Err(WireError::NotANumber),
            INFINITY => return Err(WireError::Infinite { negative: false }),
            MINUS_INFINITY => return Err(WireError::Infinite { negative: true }),
            other => return Err(WireError::InvalidSign(other)),
        };
        let dscale = u16::from_be_bytes([d0, d1]);
        if dscale > MAX_DSCALE {
            return Err(WireError::InvalidScale(dscale));
        }
        if bytes.len() < expected {
            return Err(WireError::Truncated { expected, actual: bytes.len() });
        }
        if bytes.len() > expected {
            return Err(WireError::TrailingBytes { expected, actual: bytes.len() });
        }

        let (words, _) = body.as_chunks::<2>();
        if let Some(index) = words.iter().position(|word| u16::from_be_bytes(*word) > 9999) {
            return Err(WireError::InvalidDigit { index, digit: u16::from_be_bytes(words[index]) });
        }
        let digits = collect(negative, words);
        if digits.is_zero() {
            return Ok(Numeric { coefficient: Coefficient::ZERO, dscale });
        }
        // The last digit stands for 10000^(weight + 1 - length); the coefficient counts 10^-dscale.
        let length = i64::try_from(words.len()).unwrap_or(i64::MAX);
        let shift = 4 * (i64::from(weight) + 1 - length) + i64::from(dscale);
        let power = u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX);
        if shift >= 0 {
            return Ok(Numeric { coefficient: digits.mul_pow10(power), dscale });
        }
        match digits.div_pow10(power) {
            (coefficient, Remainder::Zero) => Ok(Numeric { coefficient, dscale }),
            (_, Remainder::BelowHalf | Remainder::HalfOrMore) => Err(WireError::DigitsBeyondScale { dscale }),
        }
    }

    /// Appends the canonical binary NUMERIC to `out` (without the i32 length before it).
    ///
    /// The bytes are those the server itself would send for the value.
    ///
    /// # Panics
    ///
    /// If the value has more than 131072 digits before the decimal point; PostgreSQL has no such numeric.
    ///
    /// ```
    /// # use pg_numeric::Numeric;
    /// let mut out = Vec::new();
    /// Numeric::from_parts(-1_5, 1).write_wire(&mut out);
    /// assert_eq!(out, [0, 2, 0, 0, 0x40, 0, 0, 1, 0, 1, 0x13, 0x88]); // digits 1 and 5000
    /// ```
    pub fn write_wire(&self, out: &mut Vec<u8>) {
        if let Coefficient::Small(value) = &self.coefficient
            && self.dscale.is_multiple_of(4)
        {
            let mut digits = [0; STACK_DIGITS];
            let length = split_native(value.get().unsigned_abs(), &mut digits);
            return emit(value.get() < 0, self.dscale, &digits[..length], out);
        }
        match self.coefficient.fixed() {
            Some((negative, magnitude)) => {
                let mut digits = [0; STACK_DIGITS];
                let length = split(magnitude.into_limbs(), self.dscale, &mut digits);
                emit(negative, self.dscale, &digits[..length], out);
            }
            None => {
                emit(self.is_negative(), self.dscale, &split_text(&self.coefficient.magnitude_text(), self.dscale), out)
            }
        }
    }
}

/// The integer of some base-10000 digits, most significant first; four at a time while they fit a native integer.
fn collect(negative: bool, words: &[[u8; 2]]) -> Coefficient {
    let start = words.iter().position(|word| *word != [0, 0]).unwrap_or(words.len());
    let words = &words[start..];
    let digit = |word: &[u8; 2]| u64::from(u16::from_be_bytes(*word));
    let four = |words: &[[u8; 2]; 4]| words.iter().fold(0, |sum, word| sum * 10_000 + digit(word));
    // The odd ones first, so that the rest are groups of four.
    let (odd, rest) = words.split_at(words.len() % 4);
    let (groups, _) = rest.as_chunks::<4>();
    let odd = odd.iter().fold(0, |sum, word| sum * 10_000 + digit(word));
    if words.len() <= NATIVE_DIGITS {
        let add = |sum: u128, group| sum * u128::from(FOUR_DIGITS) + u128::from(four(group));
        Coefficient::from_u128(negative, groups.iter().fold(u128::from(odd), add))
    } else if words.len() <= WIDE_DIGITS {
        let base = U256::from(FOUR_DIGITS);
        let add = |sum: U256, group| sum * base + U256::from(four(group));
        Coefficient::from_u256(negative, groups.iter().fold(U256::from(odd), add))
    } else {
        // num-bigint takes byte digits, so base 100; its conversion beats multiplying digit by digit.
        let halves = words.iter().flat_map(|word| {
            let digit = u16::from_be_bytes(*word);
            [digit / 100, digit % 100]
        });
        let halves: Vec<u8> = halves.flat_map(u8::try_from).collect();
        let magnitude = BigUint::from_radix_be(&halves, 100).unwrap_or_default();
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        Coefficient::from_bigint(BigInt::from_biguint(sign, magnitude))
    }
}

/// Splits 256 bits into base-10000 digits aligned at the decimal point, least significant first; returns how many.
fn split(mut limbs: [u64; 4], dscale: u16, digits: &mut [u16; STACK_DIGITS]) -> usize {
    let mut length = 0;
    let mut push = |value: u64| {
        digits[length] = u16::try_from(value).unwrap_or(u16::MAX);
        length += 1;
    };
    // The last digit may hold fewer than four decimals: 0.5 is the digit 5000.
    let partial = u32::from(dscale % 4);
    if partial > 0 {
        push(divide(&mut limbs, 10_u64.pow(partial)) * 10_u64.pow(4 - partial));
    }
    while limbs != [0; 4] {
        let mut four = divide(&mut limbs, FOUR_DIGITS);
        for _ in 0..4 {
            push(four % 10_000);
            four /= 10_000;
        }
    }
    length
}

/// As [`split`], of 128 bits whose last digit is whole: four digits at a time while 64 bits do not hold the rest.
fn split_native(mut value: u128, digits: &mut [u16; STACK_DIGITS]) -> usize {
    let mut length = 0;
    let mut push = |digit: u64| {
        digits[length] = u16::try_from(digit).unwrap_or(u16::MAX);
        length += 1;
    };
    let mut rest = loop {
        match u64::try_from(value) {
            Ok(rest) => break rest,
            Err(_) => {
                let quotient = value / u128::from(FOUR_DIGITS);
                let mut four = u64::try_from(value - quotient * u128::from(FOUR_DIGITS)).unwrap_or(u64::MAX);
                for _ in 0..4 {
                    push(four % 10_000);
                    four /= 10_000;
                }
                value = quotient;
            }
        }
    };
    while rest > 0 {
        push(rest % 10_000);
        rest /= 10_000;
    }
    length
}

/// Divides little-endian limbs in place, returns the remainder.
fn divide(limbs: &mut [u64; 4], divisor: u64) -> u64 {
    let mut rest = 0;
    for limb in limbs.iter_mut().rev() {
        if rest == 0 {
            (*limb, rest) = (*limb / divisor, *limb % divisor);
        } else {
            let dividend = (u128::from(rest) << 64) | u128::from(*limb);
            // rest < divisor, so the quotient fits a limb
            *limb = u64::try_from(dividend / u128::from(divisor)).unwrap_or(u64::MAX);
            rest = u64::try_from(dividend % u128::from(divisor)).unwrap_or(u64::MAX);
        }
    }
    rest
}

/// As [`split`], from the decimal text of any integer.
fn split_text(text: &str, dscale: u16) -> Vec<u16> {
    let missing = usize::from(dscale).wrapping_neg() % 4;
    let digits: Vec<u8> = text.bytes().chain(std::iter::repeat_n(b'0', missing)).collect();
    let value = |chunk: &[u8]| chunk.iter().fold(0, |sum, byte| sum * 10 + u16::from(byte - b'0'));
    digits.rchunks(4).map(value).collect()
}

/// Writes header and digits; drops zero digits at both ends.
fn emit(negative: bool, dscale: u16, low_first: &[u16], out: &mut Vec<u8>) {
    let fraction = usize::from(dscale).div_ceil(4);
    let end = low_first.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
    let start = low_first.iter().position(|digit| *digit != 0).unwrap_or(0);
    let digits = &low_first[start..end];
    let offset = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let weight = if digits.is_empty() { 0 } else { offset(end) - offset(fraction) - 1 };
    let (Ok(count), Ok(weight)) = (u16::try_from(digits.len()), i16::try_from(weight)) else {
        panic!("value overflows numeric format: {} base-10000 digits before the decimal point", weight + 1);
    };
    let start = out.len();
    out.resize(start + HEADER + 2 * digits.len(), 0);
    let sign = if negative { MINUS } else { PLUS };
    let header = [count.to_be_bytes(), weight.to_be_bytes(), sign.to_be_bytes(), dscale.to_be_bytes()];
    let (words, _) = out[start..].as_chunks_mut::<2>();
    words.iter_mut().zip(header).for_each(|(word, of_header)| *word = of_header);
    words.iter_mut().skip(header.len()).zip(digits.iter().rev()).for_each(|(word, digit)| *word = digit.to_be_bytes());
}
