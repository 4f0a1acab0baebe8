//! Fuzzing the NUMERIC decoder: no input panics, and what is read is written canonically.
//!
//! Runs as a plain test on stable; `cargo bolero test it::wire_fuzz::…` explores further.

use pg_numeric::Numeric;

/// Decodes, and checks that encoding is a fixed point.
fn check(bytes: &[u8]) {
    let Ok(x) = Numeric::read_wire(bytes) else { return };
    let mut first = Vec::new();
    x.write_wire(&mut first);
    let again = Numeric::read_wire(&first).unwrap();
    assert_eq!((&again, again.dscale()), (&x, x.dscale()));
    let mut second = Vec::new();
    again.write_wire(&mut second);
    assert_eq!(first, second);
    // canonical: neither end is a zero digit, and nothing is longer than the input
    let (digits, _) = first[8..].as_chunks::<2>();
    assert!(digits.first() != Some(&[0, 0]) && digits.last() != Some(&[0, 0]));
    assert!(first.len() <= bytes.len());
}

#[test]
fn decoder_survives_any_bytes() {
    bolero::check!().with_iterations(20_000).for_each(check);
}

/// Bytes that usually pass the header checks, so that the fuzzer reaches the digits.
#[test]
fn decoder_survives_plausible_numerics() {
    bolero::check!().with_iterations(5_000).with_type::<(i8, bool, u8, Vec<u16>)>().for_each(
        |(weight, negative, dscale, digits)| {
            let mut bytes = Vec::new();
            bytes.extend((digits.len() as u16).to_be_bytes());
            bytes.extend(i16::from(*weight).to_be_bytes());
            bytes.extend(if *negative { 0x4000_u16 } else { 0 }.to_be_bytes());
            bytes.extend(u16::from(*dscale).to_be_bytes());
            digits.iter().for_each(|digit| bytes.extend((digit % 10_000).to_be_bytes()));
            check(&bytes);
        },
    );
}
