//! The fast path against the plain model, on proptest's cases and on the adversarial operands.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use num_bigint::BigInt;
use pg_numeric::{Numeric, NumericError, Parts, float8};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::n;
use crate::operands;
use crate::oracle::{self, Plain};

fn fast(plain: &Plain) -> Numeric {
    n(&plain.text())
}

fn hash(x: &Numeric) -> u64 {
    let mut state = DefaultHasher::new();
    x.hash(&mut state);
    state.finish()
}

/// Every operation on one pair, fast against plain.
fn check_pair(a: &Plain, b: &Plain) {
    let (x, y) = (fast(a), fast(b));
    let case = || format!("a = {}, b = {}", a.text(), b.text());
    assert_eq!(x.to_string(), a.text(), "text");
    assert_eq!(u32::from(x.dscale()), a.dscale, "dscale of {}", a.text());
    assert_eq!((&x + &y).to_string(), a.add(b).text(), "+ {}", case());
    assert_eq!((&x - &y).to_string(), a.sub(b).text(), "- {}", case());
    assert_eq!((&x * &y).to_string(), a.mul(b).text(), "* {}", case());
    assert_eq!([&x, &y].into_iter().sum::<Numeric>().to_string(), a.add(b).text(), "sum {}", case());
    assert_eq!((-&x).to_string(), Plain::integer(0).sub(a).text(), "neg {}", case());
    assert_eq!(x.cmp(&y), a.cmp(b), "cmp {}", case());
    assert_eq!(x == y, a.cmp(b).is_eq(), "eq {}", case());
    if x == y {
        assert_eq!(hash(&x), hash(&y), "hash {}", case());
    }
    assert_eq!(x.floor().to_string(), a.floor().text(), "floor {}", a.text());
    assert_eq!(x.round_half_away().to_string(), a.round().text(), "round {}", a.text());
    if y.is_zero() {
        assert_eq!(x.pgdiv(&y), Err(NumericError::DivisionByZero));
        assert_eq!(Parts::of(y.clone()).floor_to_15_decimals(&x), Err(NumericError::DivisionByZero));
        assert_eq!(Parts::of(y.clone()).exact_floor_to_15_decimals(&x), Err(NumericError::DivisionByZero));
        assert_eq!(x.floor_div(&y), Err(NumericError::DivisionByZero));
    } else {
        assert_eq!(x.pgdiv(&y).unwrap().to_string(), a.pgdiv(b).text(), "/ {}", case());
        check_part(a, b);
        assert_eq!(x.floor_div(&y).unwrap().to_string(), floor_of_quotient(a, b), "floor of / {}", case());
    }
    let whole = a.unscaled.magnitude() / oracle::ten(a.dscale).magnitude();
    let digits = if whole == 0_u32.into() { 0 } else { whole.to_string().len() };
    assert_eq!(x.digits() as usize, digits, "digits {}", a.text());
    assert_eq!(x.to_f64().to_bits(), nearest_double(a).to_bits(), "float8 {}", a.text());
    let integral = (a.floor().cmp(a).is_eq()).then(|| i128::try_from(a.floor().unscaled).ok()).flatten();
    assert_eq!(x.to_i128(), integral, "i128 {}", a.text());
    let mut wire = Vec::new();
    x.write_wire(&mut wire);
    let back = Numeric::read_wire(&wire).unwrap();
    assert_eq!((back.to_string(), back.dscale()), (a.text(), x.dscale()), "wire {}", a.text());
}

/// A part of a whole by its reciprocal, against the division.
fn check_part(part: &Plain, whole: &Plain) {
    let parts = Parts::of(fast(whole));
    assert_eq!(
        parts.floor_to_15_decimals(&fast(part)).unwrap().to_string(),
        part.pgdiv(whole).mul(&Plain::integer(oracle::ten(15))).floor().text(),
        "{} of {}",
        part.text(),
        whole.text()
    );
    let units = part.mul(&Plain::integer(oracle::ten(15)));
    assert_eq!(
        parts.exact_floor_to_15_decimals(&fast(part)).unwrap().to_string(),
        floor_of_quotient(&units, whole),
        "{} of {}, exactly",
        part.text(),
        whole.text()
    );
}

/// The largest integer not above a / b, by division of integers.
fn floor_of_quotient(a: &Plain, b: &Plain) -> String {
    let (numerator, denominator) = (&a.unscaled * oracle::ten(b.dscale), &b.unscaled * oracle::ten(a.dscale));
    num_integer::Integer::div_floor(&numerator, &denominator).to_string()
}

/// The double nearest to a decimal by comparing it with the midpoints; ties to even.
fn nearest_double(a: &Plain) -> f64 {
    let guess: f64 = a.text().parse().unwrap();
    let exact = |v: f64| {
        // v · 2^1100 as an integer
        let bits = v.abs().to_bits();
        let (biased, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
        let mantissa = if biased == 0 { fraction } else { fraction | 1 << 52 };
        BigInt::from(mantissa) << (biased.max(1) + 25)
    };
    let magnitude = BigInt::from(a.unscaled.magnitude().clone()) << 1101;
    let unit = oracle::ten(a.dscale);
    let up = f64::from_bits(guess.abs().to_bits() + 1);
    let high = (exact(guess) + exact(up)) * &unit;
    assert!(
        magnitude < high || magnitude == high && guess.to_bits().is_multiple_of(2),
        "{} is above {guess:e}",
        a.text()
    );
    if guess != 0.0 {
        let down = f64::from_bits(guess.abs().to_bits() - 1);
        let low = (exact(guess) + exact(down)) * &unit;
        assert!(
            magnitude > low || magnitude == low && guess.to_bits().is_multiple_of(2),
            "{} is below {guess:e}",
            a.text()
        );
    }
    guess
}

/// Both casts and the text of one double.
fn check_double(v: f64) {
    let shortest = float8::to_numeric_shortest(v).unwrap();
    let fifteen = float8::to_numeric_15(v).unwrap();
    if v == 0.0 {
        assert_eq!((shortest.to_string(), fifteen.to_string()), ("0".into(), "0".into()));
        return;
    }
    let (digits, exponent) = oracle::shortest(v.abs());
    assert_eq!(
        shortest.to_string(),
        oracle::decimal(digits, exponent, v < 0.0).text(),
        "shortest {v:e} {:x}",
        v.to_bits()
    );
    let (digits, exponent) = oracle::fifteen(v.abs());
    assert_eq!(fifteen.to_string(), oracle::decimal(digits, exponent, v < 0.0).text(), "15 digits {v:e}");
    let text = float8::text(v);
    assert_eq!(text.parse::<f64>().unwrap().to_bits(), v.to_bits(), "text {text} reads back");
    assert_eq!(text.parse::<f64>().unwrap(), shortest.to_f64(), "text {text} is the shortest decimal");
}

#[test]
fn adversarial_pairs_agree_with_the_plain_model() {
    let (seed, pairs) = operands::settings();
    println!("PAYDIRT_SEED={seed} PAYDIRT_PAIRS={pairs}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..pairs {
        let (a, b) = operands::pair(&mut rng);
        check_pair(&a, &b);
    }
}

#[test]
fn adversarial_doubles_agree_with_the_plain_model() {
    let (seed, pairs) = operands::settings();
    println!("PAYDIRT_SEED={seed} PAYDIRT_PAIRS={pairs}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..pairs {
        check_double(operands::double(&mut rng));
    }
}

#[test]
fn every_power_of_two_and_its_neighbours() {
    for biased in 0..2047_u64 {
        for delta in [-1, 0, 1] {
            if let Some(bits) = (biased << 52).checked_add_signed(delta) {
                check_double(f64::from_bits(bits));
            }
        }
    }
}

#[test]
fn pgdiv_at_every_digit_alignment() {
    // Lengths 1 … 12 by 1 … 12 digits, dscales 0 … 8, and heads below, equal to and above each other.
    for (a_head, b_head) in [("1", "1"), ("7", "7"), ("7", "3"), ("3", "7"), ("9999", "9999"), ("12", "1299")] {
        for (a_zeros, b_zeros) in (0..=8).flat_map(|a| (0..=8).map(move |b| (a, b))) {
            for (a_dscale, b_dscale) in (0..=8).flat_map(|a| (0..=8).map(move |b| (a, b))) {
                let operand = |head: &str, zeros: u32, dscale| Plain {
                    unscaled: head.parse::<BigInt>().unwrap() * oracle::ten(zeros),
                    dscale,
                };
                let (a, b) = (operand(a_head, a_zeros, a_dscale), operand(b_head, b_zeros, b_dscale));
                assert_eq!(
                    fast(&a).pgdiv(&fast(&b)).unwrap().to_string(),
                    a.pgdiv(&b).text(),
                    "{} / {}",
                    a.text(),
                    b.text()
                );
            }
        }
    }
}

#[test]
fn parts_next_to_a_unit_are_rounded_as_the_division_rounds() {
    let (seed, pairs) = operands::settings();
    println!("PAYDIRT_SEED={seed} PAYDIRT_PAIRS={pairs}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let digits = |rng: &mut ChaCha8Rng, most: u32| -> BigInt {
        let digits = rng.random_range(1..=most);
        (0..digits).fold(BigInt::from(0), |value, _| value * 10 + rng.random_range(0..10_u32)) + 1_u32
    };
    for _ in 0..pairs {
        let whole = Plain { unscaled: digits(&mut rng, 78), dscale: rng.random_range(0..=20) };
        // So many units, and a little more or less: about half of the 20th to 24th decimal, or some of the last digit.
        let units = digits(&mut rng, 15);
        let exact = &units * &whole.unscaled / oracle::ten(15);
        let off = match rng.random_range(0..3) {
            0 => BigInt::from(rng.random_range(-3..=3)),
            1 => {
                BigInt::from(rng.random_range(-1..=1)) - &whole.unscaled / (oracle::ten(rng.random_range(20..=24)) * 2)
            }
            _ => &whole.unscaled / oracle::ten(rng.random_range(15..=20)) * rng.random_range(-3..=3),
        };
        check_part(&Plain { unscaled: exact + off, dscale: whole.dscale }, &whole);
        // The same with fewer decimals than the whole.
        let part = Plain { unscaled: digits(&mut rng, 60), dscale: whole.dscale / 2 };
        check_part(&part, &whole);
    }
}

#[test]
fn results_move_between_the_three_forms_and_back() {
    let edges: Vec<BigInt> = [127, 128, 255, 256]
        .into_iter()
        .flat_map(|bits| (-2..=2).map(move |nudge| (BigInt::from(1) << bits) + nudge))
        .flat_map(|edge: BigInt| [-edge.clone(), edge])
        .chain((-2..=2).map(BigInt::from))
        .collect();
    for a in &edges {
        for b in &edges {
            check_pair(&Plain::integer(a.clone()), &Plain::integer(b.clone()));
        }
    }
}

#[test]
fn numeric_is_small() {
    assert_eq!(size_of::<Numeric>(), 48);
}

#[test]
fn scales_beyond_postgresql_are_rounded_to_its_largest() {
    let tiny = Numeric::from_parts(15, 16_383);
    let product = &tiny * &n("0.1");
    assert_eq!((product.dscale(), product == Numeric::from_parts(2, 16_383)), (16_383, true));
    assert_eq!(Numeric::from_parts(-5, 16_384), Numeric::from_parts(-1, 16_383));
    assert!(Numeric::from_parts(i128::MAX, u16::MAX).is_zero());
}

#[test]
fn text_that_is_no_decimal_is_refused() {
    for text in
        ["", "-", "+", ".", "-.", "1e5", "NaN", "Infinity", " 1", "1 ", "1.2.3", "--1", "1-", "1_000", "٣", "1.-5"]
    {
        assert_eq!(text.parse::<Numeric>(), Err(NumericError::InvalidText { text: text.into() }), "{text:?}");
    }
    for (text, printed) in [("+1", "1"), (".5", "0.5"), ("5.", "5"), ("-0", "0"), ("-0.00", "0.00"), ("007.10", "7.10")]
    {
        assert_eq!(n(text).to_string(), printed, "{text:?}");
    }
}

#[test]
fn casts_check_the_precision_after_rounding() {
    assert_eq!(n("99999999999999999999999999999999999999.4").cast_integer(38).unwrap().digits(), 38);
    assert_eq!(
        n("-99999999999999999999999999999999999999.5").cast_integer(38),
        Err(NumericError::Overflow { precision: 38, digits: 39 })
    );
}

#[test]
fn doubles_that_are_no_numbers_are_refused() {
    for (v, text) in [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity"), (f64::NEG_INFINITY, "-Infinity")] {
        assert_eq!(float8::to_numeric_15(v), Err(NumericError::NotFinite { text }));
        assert_eq!(float8::to_numeric_shortest(v), Err(NumericError::NotFinite { text }));
        assert_eq!(float8::text(v), text);
    }
}

proptest! {
    #[test]
    fn native_pairs_agree(a in any::<i128>(), b in any::<i128>(), a_dscale in 0_u32..40, b_dscale in 0_u32..40) {
        check_pair(&Plain { unscaled: a.into(), dscale: a_dscale }, &Plain { unscaled: b.into(), dscale: b_dscale });
    }

    #[test]
    fn any_double_agrees(bits in any::<u64>()) {
        let v = f64::from_bits(bits);
        if v.is_finite() {
            check_double(v);
        }
    }

    #[test]
    fn from_parts_and_text_round_trip(coefficient in any::<i128>(), dscale in 0_u16..50) {
        let x = Numeric::from_parts(coefficient, dscale);
        let back = n(&x.to_string());
        prop_assert_eq!((&back, back.dscale()), (&x, dscale));
    }

    #[test]
    fn integers_convert(a in any::<i32>(), b in any::<i64>(), c in any::<u64>(), d in any::<u128>()) {
        prop_assert_eq!(Numeric::from(a).to_string(), a.to_string());
        prop_assert_eq!(Numeric::from(b).to_string(), b.to_string());
        prop_assert_eq!(Numeric::from(c).to_string(), c.to_string());
        prop_assert_eq!(Numeric::from(d).to_string(), d.to_string());
    }
}
