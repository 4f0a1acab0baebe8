//! Hand-made binary numerics at every alignment of four, and everything a decoder must refuse.

use pg_numeric::{Numeric, WireError};

use crate::n;

/// `[digit count, weight, sign, dscale, digits …]` as big-endian words.
fn words(words: &[i32]) -> Vec<u8> {
    words.iter().flat_map(|word| ((word & 0xFFFF) as u16).to_be_bytes()).collect()
}

fn written(x: &Numeric) -> Vec<u8> {
    let mut out = Vec::new();
    x.write_wire(&mut out);
    out
}

/// Text and its canonical words.
const VECTORS: &[(&str, &[i32])] = &[
    // zero has no digits but keeps its scale
    ("0", &[0, 0, 0, 0]),
    ("0.00", &[0, 0, 0, 2]),
    ("0.000000000000000000000000000000", &[0, 0, 0, 30]),
    // integers of 1 … 9 digits
    ("1", &[1, 0, 0, 0, 1]),
    ("12", &[1, 0, 0, 0, 12]),
    ("123", &[1, 0, 0, 0, 123]),
    ("1234", &[1, 0, 0, 0, 1234]),
    ("12345", &[2, 1, 0, 0, 1, 2345]),
    ("123456", &[2, 1, 0, 0, 12, 3456]),
    ("1234567", &[2, 1, 0, 0, 123, 4567]),
    ("12345678", &[2, 1, 0, 0, 1234, 5678]),
    ("123456789", &[3, 2, 0, 0, 1, 2345, 6789]),
    // trailing zero digits are dropped: fewer digits than weight + 1
    ("10000", &[1, 1, 0, 0, 1]),
    ("100000000", &[1, 2, 0, 0, 1]),
    ("50000000", &[1, 1, 0, 0, 5000]),
    ("10000.0000", &[1, 1, 0, 4, 1]),
    ("1000000000000000000", &[1, 4, 0, 0, 100]),
    // a zero digit inside stays
    ("100000001", &[3, 2, 0, 0, 1, 0, 1]),
    ("10000.0001", &[3, 1, 0, 4, 1, 0, 1]),
    // decimals of 1 … 5 places, with and without a whole part
    ("0.1", &[1, -1, 0, 1, 1000]),
    ("0.12", &[1, -1, 0, 2, 1200]),
    ("0.123", &[1, -1, 0, 3, 1230]),
    ("0.1234", &[1, -1, 0, 4, 1234]),
    ("0.12345", &[2, -1, 0, 5, 1234, 5000]),
    ("7.5", &[2, 0, 0, 1, 7, 5000]),
    ("7.05", &[2, 0, 0, 2, 7, 500]),
    ("7.005", &[2, 0, 0, 3, 7, 50]),
    ("7.0005", &[2, 0, 0, 4, 7, 5]),
    ("7.00005", &[3, 0, 0, 5, 7, 0, 5000]),
    ("1.10", &[2, 0, 0, 2, 1, 1000]),
    ("1.1", &[2, 0, 0, 1, 1, 1000]),
    ("12.3400", &[2, 0, 0, 4, 12, 3400]),
    // negative weight: leading zero digits are dropped
    ("0.0001", &[1, -1, 0, 4, 1]),
    ("0.00001", &[1, -2, 0, 5, 1000]),
    ("0.00000001", &[1, -2, 0, 8, 1]),
    ("0.000100000000000000000000", &[1, -1, 0, 24, 1]),
    // signs
    ("-1", &[1, 0, 0x4000, 0, 1]),
    ("-12345.678", &[3, 1, 0x4000, 3, 1, 2345, 6780]),
    ("-0.5", &[1, -1, 0x4000, 1, 5000]),
    // the edges of the three forms
    (
        "170141183460469231731687303715884105727",
        &[10, 9, 0, 0, 170, 1411, 8346, 469, 2317, 3168, 7303, 7158, 8410, 5727],
    ),
    (
        "-170141183460469231731687303715884105728",
        &[10, 9, 0x4000, 0, 170, 1411, 8346, 469, 2317, 3168, 7303, 7158, 8410, 5728],
    ),
    (
        "170141183460469231731687303715884105728",
        &[10, 9, 0, 0, 170, 1411, 8346, 469, 2317, 3168, 7303, 7158, 8410, 5728],
    ),
    (
        "115792089237316195423570985008687907853269984665640564039457584007913129639935",
        &[
            20, 19, 0, 0, 11, 5792, 892, 3731, 6195, 4235, 7098, 5008, 6879, 785, 3269, 9846, 6564, 564, 394, 5758,
            4007, 9131, 2963, 9935,
        ],
    ),
    (
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        &[
            20, 19, 0, 0, 11, 5792, 892, 3731, 6195, 4235, 7098, 5008, 6879, 785, 3269, 9846, 6564, 564, 394, 5758,
            4007, 9131, 2963, 9936,
        ],
    ),
];

#[test]
fn vectors_are_written() {
    for (text, expected) in VECTORS {
        assert_eq!(written(&n(text)), words(expected), "{text}");
    }
}

#[test]
fn vectors_are_read() {
    for (text, given) in VECTORS {
        assert_eq!(Numeric::read_wire(&words(given)).unwrap().to_string(), *text);
    }
}

#[test]
fn every_length_and_alignment_survives() {
    for length in 1..=90 {
        for dscale in 0..=41_usize {
            for pattern in ["1", "9", "10", "12345678907", "10000", "99990000"] {
                let digits: String = pattern.chars().cycle().take(length).collect();
                let padded = format!("{digits:0>width$}", width = dscale + 1);
                let (whole, decimals) = padded.split_at(padded.len() - dscale);
                let text = if dscale == 0 { digits } else { format!("{whole}.{decimals}") };
                assert_eq!(Numeric::read_wire(&written(&n(&text))).unwrap().to_string(), text);
            }
        }
    }
}

#[test]
fn writing_appends() {
    let mut out = vec![1, 2, 3];
    Numeric::from(7).write_wire(&mut out);
    assert_eq!(out, [[1, 2, 3].as_slice(), &words(&[1, 0, 0, 0, 7])].concat());
}

#[test]
fn forms_no_server_sends_are_read_and_become_canonical() {
    for (given, canonical) in [
        (words(&[2, 1, 0, 0, 0, 5]), "5"),        // leading zero digit
        (words(&[3, 1, 0, 0, 5, 0, 0]), "50000"), // trailing zero digits
        (words(&[0, 0, 0x4000, 1]), "0.0"),       // negative zero
        (words(&[2, 7, 0x4000, 0, 0, 0]), "0"),   // zero digits
        (words(&[0, 99, 0, 0]), "0"),             // a weight without digits
        (words(&[2, 0, 0, 0, 5, 0]), "5"),        // zeros beyond the scale hide nothing
    ] {
        let x = Numeric::read_wire(&given).unwrap();
        assert_eq!(x.to_string(), canonical);
        assert_eq!(written(&x), written(&n(canonical)));
    }
}

#[test]
fn malformed_input_is_refused() {
    for (given, error) in [
        (vec![], WireError::Truncated { expected: 8, actual: 0 }),
        (vec![0; 7], WireError::Truncated { expected: 8, actual: 7 }),
        (words(&[1, 0, 0, 0]), WireError::Truncated { expected: 10, actual: 8 }),
        (words(&[0xFFFF, 0, 0, 0, 1]), WireError::Truncated { expected: 131_078, actual: 10 }),
        (words(&[1, 0, 0, 0, 1])[..9].to_vec(), WireError::Truncated { expected: 10, actual: 9 }),
        (words(&[0, 0, 0, 0, 1]), WireError::TrailingBytes { expected: 8, actual: 10 }),
        (words(&[0, 0, 0xC000, 0]), WireError::NotANumber),
        (words(&[0, 0, 0xD000, 0x20]), WireError::Infinite { negative: false }),
        (words(&[0, 0, 0xF000, 0x20]), WireError::Infinite { negative: true }),
        (words(&[0, 0, 0x0001, 0]), WireError::InvalidSign(1)),
        (words(&[0, 0, 0x8000, 0]), WireError::InvalidSign(0x8000)),
        (words(&[0, 0, 0, 0x4000]), WireError::InvalidScale(0x4000)),
        (words(&[2, 0, 0, 4, 1, 10_000]), WireError::InvalidDigit { index: 1, digit: 10_000 }),
        (words(&[2, 0, 0, 0, 1, 5000]), WireError::DigitsBeyondScale { dscale: 0 }),
        (words(&[2, 0, 0, 2, 1, 1230]), WireError::DigitsBeyondScale { dscale: 2 }),
        (words(&[1, -30_000, 0, 2, 1]), WireError::DigitsBeyondScale { dscale: 2 }),
    ] {
        assert_eq!(Numeric::read_wire(&given), Err(error), "{given:?}");
    }
}

#[test]
#[should_panic(expected = "value overflows numeric format")]
fn values_no_server_can_hold_are_not_written() {
    let huge = Numeric::read_wire(&words(&[1, 32_767, 0, 0, 1])).unwrap();
    written(&(&huge * &n("10000")));
}
