//! Values of a claim's JSON: hex texts, amounts, and lists whose errors name the entry.

use std::fmt;
use std::marker::PhantomData;

use alloy_primitives::{B256, U256, hex};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde_json::value::RawValue;

/// `0x` and lower-case hex digits; alloy's reading also takes upper case, and goes without the prefix.
fn is_canonical(text: &str) -> bool {
    text.starts_with("0x") && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// So many bytes.
pub(super) struct Hex<const N: usize>(pub(super) [u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<const N: usize>;

        impl<const N: usize> Visitor<'_> for Text<N> {
            type Value = Hex<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x and {} lower-case hex digits", 2 * N)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Hex<N>, E> {
                let bytes = is_canonical(text).then(|| hex::decode_to_array(text).ok()).flatten();
                bytes.map(Hex).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// The hashes of a proof, one after another.
pub(super) struct Proof(pub(super) Vec<B256>);

impl<'de> Deserialize<'de> for Proof {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Proof;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0x and lower-case hex digits, 64 for each hash")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Proof, E> {
                let bytes = is_canonical(text).then(|| hex::decode(text).ok()).flatten();
                let bytes = bytes.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))?;
                let (hashes, rest) = bytes.as_chunks::<32>();
                if !rest.is_empty() {
                    return Err(E::custom(format_args!("{} bytes are not a multiple of 32", bytes.len())));
                }
                Ok(Proof(hashes.iter().map(B256::from).collect()))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// An amount, as decimal text or as a number of any size. It is read from the digits in the JSON text.
pub(super) struct Amount(pub(super) U256);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let text = json.get();
        let digits = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let amount = amount(digits).ok_or_else(|| {
            let what = "expected a decimal integer below 2^256, without sign or leading zeros";
            D::Error::custom(format_args!("invalid value: {text}, {what}"))
        })?;
        Ok(Self(amount))
    }
}

fn amount(digits: &str) -> Option<U256> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits == "0" || !(digits.is_empty() || digits.starts_with('0'));
    (plain && canonical).then(|| U256::from_str_radix(digits, 10).ok()).flatten()
}

/// A list.
pub(super) struct List<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                let mut entries = Vec::new();
                loop {
                    let entry = list.next_element();
                    let entry =
                        entry.map_err(|error| A::Error::custom(format_args!("entry {}: {error}", entries.len())));
                    match entry? {
                        Some(entry) => entries.push(entry),
                        None => return Ok(List(entries)),
                    }
                }
            }
        }

        deserializer.deserialize_seq(Entries(PhantomData))
    }
}
