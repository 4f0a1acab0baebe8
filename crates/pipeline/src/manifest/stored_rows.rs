//! The digest of rows that are stored already.

use std::collections::BTreeMap;
use std::pin::pin;

use chrono::NaiveDate;
use delta_extractor::TextHashes;
use futures_util::TryStreamExt;
use pg_numeric::Numeric;
use reward_rules::{Day, Dictionary, GoldRow};
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

use crate::RunError;
use crate::gold_digest::GoldDigest;
use crate::numeric_wire::NumericWire;

/// Rows that are hashed at a time.
const AT_ONCE: usize = 16_384;

/// Reads the rows of a run, whether it is complete or not, or those of one day. In memory are the texts of its earners and submissions.
pub(super) async fn digest(
    transaction: &Transaction<'_>,
    run_id: i64,
    day: Option<Day>,
) -> Result<BTreeMap<Day, GoldDigest>, RunError> {
    let error = || RunError::database("manifests/stored_rows");
    let in_gold = i32::try_from(run_id).map_err(|_| RunError::TooManyRuns(run_id))?;
    let day = day.map(Day::date);
    let parameters: [&(dyn ToSql + Sync); 3] = [&run_id, &in_gold, &day];
    let statement = include_str!("../../../../sql/queries/manifests/stored_rows.sql");
    let mut stream = pin!(transaction.query_raw(statement, parameters).await.map_err(error())?);
    let (mut dictionary, mut hashes) = (Dictionary::new(), TextHashes::default());
    let mut days = BTreeMap::new();
    let mut rows = Vec::with_capacity(AT_ONCE);
    while let Some(row) = stream.try_next().await.map_err(error())? {
        let mut text = |column| {
            // A number without its text is a violation of sql/checks/gold_dictionary.sql.
            let text: Option<&str> = row.try_get(column).map_err(error())?;
            Ok::<_, RunError>(dictionary.intern(text.unwrap_or_default()))
        };
        let (earner, reward_hash, token) = (text("earner")?, text("reward_hash")?, text("token")?);
        let NumericWire(amount) = row.try_get("amount").map_err(error())?;
        let unreadable = |_| RunError::Unreadable { what: "gold_rows.amount", value: format!("{amount:?}") };
        let amount = Numeric::read_wire(amount).map_err(unreadable)?;
        let snapshot = Day::from(row.try_get::<_, NaiveDate>("snapshot").map_err(error())?);
        rows.push(GoldRow { earner, snapshot, reward_hash, token, amount });
        if rows.len() == AT_ONCE {
            add(&mut days, &mut rows, &mut hashes, &dictionary);
        }
    }
    add(&mut days, &mut rows, &mut hashes, &dictionary);
    Ok(days)
}

fn add(
    days: &mut BTreeMap<Day, GoldDigest>,
    rows: &mut Vec<GoldRow>,
    hashes: &mut TextHashes,
    dictionary: &Dictionary,
) {
    hashes.update(dictionary);
    for of_day in rows.chunk_by(|one, next| one.snapshot == next.snapshot) {
        days.entry(of_day[0].snapshot).or_default().add(GoldDigest::of(of_day, hashes));
    }
    rows.clear();
}
