//! What gold rows are, in few bytes.

use delta_extractor::{Hash, TextHashes};
use pg_numeric::Numeric;
use reward_rules::GoldRow;

/// Number of rows and the sum of their hashes: the same rows give the same, in whatever order they come, whoever computes
/// them, and whatever numbers stand for their texts. It is stored, so it does not depend on machine or version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GoldDigest {
    pub(crate) rows: u64,
    pub(crate) content: u128,
}

impl GoldDigest {
    /// Of rows whose texts have hashes.
    pub(crate) fn of(rows: &[GoldRow], texts: &TextHashes) -> Self {
        let mut digest = Self::default();
        // Rows come submission by submission.
        for of_one in rows.chunk_by(|one, next| {
            (one.reward_hash, one.token, one.snapshot) == (next.reward_hash, next.token, next.snapshot)
        }) {
            let first = &of_one[0];
            let start = Hash::START
                .word(texts.of(first.reward_hash))
                .word(texts.of(first.token))
                .word(i64::from(first.snapshot.0).cast_unsigned());
            for row in of_one {
                digest.rows += 1;
                digest.content += u128::from(amount(start.word(texts.of(row.earner)), &row.amount).0);
            }
        }
        digest
    }

    /// Adds other rows.
    pub(crate) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.content = self.content.wrapping_add(other.content);
    }
}

/// Equal amounts have equal hashes, however many zeros follow the point.
fn amount(hash: Hash, amount: &Numeric) -> Hash {
    let words = |hash: Hash, value: i128| {
        let bytes = value.to_le_bytes();
        let word = |from: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[from..from + 8]);
            u64::from_le_bytes(word)
        };
        hash.word(word(0)).word(word(8))
    };
    if let Some(value) = amount.to_i128() {
        return words(hash, value);
    }
    let text = amount.to_string();
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    match text.parse::<i128>() {
        Ok(value) => words(hash, value),
        Err(_) => hash.bytes(text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use reward_rules::{Day, Dictionary, Id};

    use super::*;

    fn row(earner: Id, amount: &str) -> GoldRow {
        GoldRow { earner, snapshot: Day(20_000), reward_hash: Id(0), token: Id(1), amount: amount.parse().unwrap() }
    }

    /// Of texts under the ids 0, 1, ….
    fn hashes<const N: usize>(texts: [&str; N]) -> TextHashes {
        let mut dictionary = Dictionary::new();
        for text in texts {
            dictionary.intern(text);
        }
        let mut hashes = TextHashes::default();
        hashes.update(&dictionary);
        hashes
    }

    #[test]
    fn neither_order_nor_ids_nor_zeros_after_the_point_matter() {
        let texts = hashes(["hash", "token", "alice", "bob"]);
        let rows = [row(Id(2), "5"), row(Id(3), "170141183460469231731687303715884105728")];
        let digest = GoldDigest::of(&rows, &texts);
        let [one, other] = rows.clone();
        assert_eq!(GoldDigest::of(&[other.clone(), one], &texts), digest);
        let swapped = hashes(["hash", "token", "bob", "alice"]);
        let rows = [row(Id(3), "5.000"), row(Id(2), "170141183460469231731687303715884105728.0")];
        assert_eq!(GoldDigest::of(&rows, &swapped), digest);
        let mut parts = GoldDigest::of(&rows[..1], &swapped);
        parts.add(GoldDigest::of(&[other], &texts));
        assert_eq!(parts, digest);
    }

    #[test]
    fn every_column_matters() {
        let texts = hashes(["hash", "token", "alice", "bob"]);
        let one = row(Id(2), "5");
        let digest = GoldDigest::of(std::slice::from_ref(&one), &texts);
        for other in [
            row(Id(3), "5"),
            row(Id(2), "6"),
            row(Id(2), "-5"),
            row(Id(2), "0.5"),
            GoldRow { snapshot: Day(20_001), ..one.clone() },
            GoldRow { reward_hash: Id(1), ..one.clone() },
            GoldRow { token: Id(0), ..one },
        ] {
            assert_ne!(GoldDigest::of(std::slice::from_ref(&other), &texts), digest, "{other:?}");
        }
    }

    /// Whoever changes it makes every stored digest useless.
    #[test]
    fn the_digest_is_the_one_that_is_stored() {
        let texts = hashes(["hash", "token", "alice"]);
        assert_eq!(GoldDigest::of(&[row(Id(2), "5")], &texts).content, 15_945_084_668_596_505_372);
    }
}
