//! Seeded operands that look for trouble: digit boundaries, equal leading digits, midpoints of doubles, powers.

use num_bigint::BigInt;
use num_traits::{Pow, Signed};
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use crate::oracle::{Plain, ten};

/// The seed and the number of pairs, from `PAYDIRT_SEED` and `PAYDIRT_PAIRS`.
pub fn settings() -> (u64, usize) {
    let variable = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    (variable("PAYDIRT_SEED").unwrap_or(20_261_121), variable("PAYDIRT_PAIRS").unwrap_or(10_000) as usize)
}

fn random_digits(rng: &mut ChaCha8Rng, digits: u32) -> BigInt {
    (0..digits).fold(BigInt::from(0), |value, _| value * 10 + rng.random_range(0..10))
}

fn signed(rng: &mut ChaCha8Rng, value: BigInt) -> BigInt {
    if rng.random_ratio(1, 4) { -value } else { value }
}

/// An exact midpoint between two doubles, `(2m + 1) · 2^e`, and sometimes a hair beside it.
fn midpoint(rng: &mut ChaCha8Rng) -> Plain {
    let odd = BigInt::from(rng.random_range(1_u64 << 52..1 << 53) * 2 + 1);
    let exponent = rng.random_range(-60..60);
    let exact = if exponent >= 0 {
        Plain { unscaled: odd << exponent, dscale: 0 }
    } else {
        let decimals = -exponent as u32;
        Plain { unscaled: odd * BigInt::from(5).pow(decimals), dscale: decimals }
    };
    match rng.random_range(0..3) {
        0 => Plain { unscaled: exact.unscaled * 10 + rng.random_range(-1..=1), dscale: exact.dscale + 1 },
        _ => exact,
    }
}

/// One operand.
pub fn numeric(rng: &mut ChaCha8Rng) -> Plain {
    let dscale = if rng.random_bool(0.5) { 0 } else { rng.random_range(0..=30) };
    let nudge = BigInt::from(rng.random_range(-1..=1));
    let plain = match rng.random_range(0..14) {
        0 | 1 => {
            let digits = rng.random_range(1..=45);
            Plain { unscaled: random_digits(rng, digits), dscale }
        }
        2 => Plain { unscaled: ten(rng.random_range(0..=80)) + nudge, dscale },
        3 => Plain { unscaled: BigInt::from(2).pow(rng.random_range(0..=270_u32)) + nudge, dscale },
        // a leading digit at a boundary, then nothing, noise, or nines
        4 | 5 => {
            let head = *[1, 2, 3, 7, 9, 10, 99, 100, 999, 1000, 4999, 5000, 9998, 9999].choose(rng).unwrap();
            let tail = rng.random_range(0..40);
            let rest = match rng.random_range(0..3) {
                0 => BigInt::from(0),
                1 => ten(tail) - 1,
                _ => random_digits(rng, tail),
            };
            Plain { unscaled: BigInt::from(head) * ten(tail) + rest, dscale }
        }
        6 => Plain { unscaled: BigInt::from(rng.random_range(0..100_000)), dscale: rng.random_range(0..=60) },
        7 => {
            let digits = rng.random_range(70..=160);
            Plain { unscaled: random_digits(rng, digits), dscale }
        }
        // around halves
        8 => {
            let (digits, decimals) = (rng.random_range(1..=36), rng.random_range(1..=30));
            let half = BigInt::from(5) * ten(decimals - 1) + nudge;
            Plain { unscaled: random_digits(rng, digits) * ten(decimals) + half, dscale: decimals }
        }
        9 => midpoint(rng),
        10 => Plain { unscaled: BigInt::from(0), dscale },
        11 => Plain::integer(rng.random_range(1..=10_000)),
        // token amounts and weights
        _ => {
            let digits = rng.random_range(15..=30);
            Plain::integer(random_digits(rng, digits))
        }
    };
    Plain { unscaled: signed(rng, plain.unscaled), ..plain }
}

/// Two operands, often related.
pub fn pair(rng: &mut ChaCha8Rng) -> (Plain, Plain) {
    let a = numeric(rng);
    let b = match rng.random_range(0..10) {
        0 => Plain { unscaled: &a.unscaled + rng.random_range(-2..=2), dscale: a.dscale },
        // the same leading digits at another place, so possibly another alignment
        1 => Plain { unscaled: &a.unscaled * ten(rng.random_range(0..=12)), dscale: rng.random_range(0..=30) },
        2 => {
            let keep = a.unscaled.abs().to_string();
            let keep = &keep[..rng.random_range(1..=keep.len().min(9))];
            let tail = rng.random_range(0..=20);
            Plain { unscaled: keep.parse::<BigInt>().unwrap() * ten(tail) + random_digits(rng, tail), dscale: a.dscale }
        }
        3 => Plain::integer(ten(rng.random_range(0..=40))),
        // a quotient that ends exactly on, or next to, half a unit of some place
        4 => Plain { unscaled: &a.unscaled * 2 + rng.random_range(-1..=1), dscale: rng.random_range(0..=20) },
        5 => Plain::integer(BigInt::from(2).pow(rng.random_range(0..=60_u32))),
        6 => Plain::integer(10_000),
        _ => numeric(rng),
    };
    if rng.random_ratio(1, 8) { (b, a) } else { (a, b) }
}

/// A finite double, often one whose text is hard.
pub fn double(rng: &mut ChaCha8Rng) -> f64 {
    let powers = |rng: &mut ChaCha8Rng| -> f64 { format!("1e{}", rng.random_range(-30..40)).parse().unwrap() };
    let magnitude = match rng.random_range(0..12) {
        0 => f64::from_bits(rng.random_range(0..0x7FF0_0000_0000_0000)),
        // where the pipeline works
        1 | 2 => {
            let value = 10_f64.powf(rng.random_range(-9.0..38.0));
            f64::from_bits(value.to_bits() + rng.random_range(0..1_000_000))
        }
        // powers of two and of ten, and their neighbours
        3 => f64::from_bits((rng.random_range(1..2046_u64) << 52) + rng.random_range(0..3) - 1),
        4 => f64::from_bits(powers(rng).to_bits() + rng.random_range(0..7) - 3),
        // subnormals
        5 => {
            let bits = rng.random_range(1..53);
            f64::from_bits(rng.random_range(0..1 << bits))
        }
        // quarters and eighths that tie at the 16th digit
        6 => rng.random_range(1_u64 << 49..1 << 53) as f64 / f64::from(1 << rng.random_range(0..7)),
        // ties of the 15-digit cast
        7 => {
            let head = rng.random_range(100_000_000_000_000_u64..1_000_000_000_000_000);
            (head as f64 + 0.5) * *[1.0, 10.0, 20.0, 40.0, 0.5, 100.0].choose(rng).unwrap()
        }
        // short decimals and integers
        8 => f64::from(rng.random_range(0..100_000)) / powers(rng),
        9 => rng.random_range(0..u64::MAX) as f64,
        // even mantissas with small factors of five: midpoints that are short decimals
        10 => {
            rng.random_range(1..1000) as f64
                * 5_f64.powi(rng.random_range(0..23))
                * 2_f64.powi(rng.random_range(-20..70))
        }
        _ => rng.random_range(0..10_u64.pow(18)) as f64 * powers(rng),
    };
    if rng.random_ratio(1, 8) { -magnitude } else { magnitude }
}
