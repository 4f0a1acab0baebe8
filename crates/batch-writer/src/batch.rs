//! Gold rows as they are sent.

use bytes::Bytes;
use reward_rules::{Day, Dictionary, GoldRow};

use crate::{GoldIds, WriteError};

/// Rows of one message between computing and writing; at most one is on its way.
pub const PIECE_ROWS: usize = 16_384;

/// A row before its amount: the number of columns, then the lengths and values of snapshot, earner, reward and run_id, then
/// the length of the amount.
const HEAD: usize = 2 + 4 * (4 + 4) + 4;

/// Where the values are in it.
const SNAPSHOT: usize = 6;
const EARNER: usize = 14;
const REWARD: usize = 22;
const RUN_ID: usize = 30;

/// Room for the amount of most rows.
const AMOUNT: usize = 24;

/// 2000-01-01, where PostgreSQL's days begin, as days since 1970-01-01.
const POSTGRES_EPOCH: Day = Day(10_957);

/// The rows as a binary COPY into `gold_rows` has them, without its header and trailer.
///
/// Every row has the same head but for its numbers, so this needs no Arrow batch in between: it is what a run does most.
///
/// # Errors
/// If an earner or a submission has no number.
pub fn encode_gold(rows: &[GoldRow], run_id: i32, ids: &GoldIds, dictionary: &Dictionary) -> Result<Bytes, WriteError> {
    let no_number = |what, id| WriteError::NoNumber { what, text: dictionary.text(id).to_owned() };
    let mut head = [0; HEAD];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &5_i16.to_be_bytes());
    for value in [SNAPSHOT, EARNER, REWARD, RUN_ID] {
        put(value - 4, &4_i32.to_be_bytes());
    }
    put(RUN_ID, &run_id.to_be_bytes());

    let mut encoded: Vec<u8> = Vec::with_capacity(rows.len() * (HEAD + AMOUNT));
    // Rows come submission by submission.
    let mut last = None;
    for row in rows {
        let of = (row.reward_hash, row.token);
        if last != Some(of) {
            let reward =
                ids.reward(row.reward_hash, row.token).ok_or_else(|| no_number("submission", row.reward_hash))?;
            head[REWARD..REWARD + 4].copy_from_slice(&reward.to_be_bytes());
            last = Some(of);
        }
        let earner = ids.earner(row.earner).ok_or_else(|| no_number("earner", row.earner))?;
        head[EARNER..EARNER + 4].copy_from_slice(&earner.to_be_bytes());
        head[SNAPSHOT..SNAPSHOT + 4].copy_from_slice(&(row.snapshot.0 - POSTGRES_EPOCH.0).to_be_bytes());
        encoded.extend_from_slice(&head);
        let amount = encoded.len();
        row.amount.write_wire(&mut encoded);
        let length = u32::try_from(encoded.len() - amount).unwrap_or(u32::MAX);
        encoded[amount - 4..amount].copy_from_slice(&length.to_be_bytes());
    }
    Ok(encoded.into())
}

#[cfg(test)]
mod tests {
    use reward_rules::Id;

    use super::*;

    #[test]
    fn a_row_is_as_postgresql_expects_it() {
        let mut dictionary = Dictionary::new();
        let [earner, reward_hash, token] = ["0xe", "0xr", "0xt"].map(|text| dictionary.intern(text));
        let row = GoldRow { earner, snapshot: Day(10_958), reward_hash, token, amount: 10_001.into() };
        let error = encode_gold(std::slice::from_ref(&row), 9, &GoldIds::default(), &dictionary).unwrap_err();
        assert_eq!(error.to_string(), "submission 0xr has no number in gold_rows: nothing was written");
        let ids = GoldIds::known([(earner, 7)], [((reward_hash, token), 8)]);
        let expected: &[u8] = &[
            &[0, 5][..], // columns
            &[0, 0, 0, 4, 0, 0, 0, 1],
            &[0, 0, 0, 4, 0, 0, 0, 7],
            &[0, 0, 0, 4, 0, 0, 0, 8],
            &[0, 0, 0, 4, 0, 0, 0, 9],
            &[0, 0, 0, 12, 0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1],
        ]
        .concat();
        assert_eq!(encode_gold(std::slice::from_ref(&row), 9, &ids, &dictionary).unwrap(), expected);
        let unknown = GoldRow { earner: Id(2), ..row };
        assert!(encode_gold(&[unknown], 9, &ids, &dictionary).unwrap_err().to_string().contains("0xt"));
    }
}
