//! What a plan is made of, by table.

use std::collections::BTreeMap;

use delta_extractor::Hash;
use planner::{Plan, SUBMISSION_TABLES};
use reward_rules::Dictionary;
use sha2::{Digest, Sha256};

use super::{Input, hex};

/// Who is left out.
const EXCLUDED: &str = "excluded_addresses";

/// SHA-256 of all that a plan depends on; and of each table of submissions the rows that it planned with, with their windows, and of the
/// addresses that it leaves out.
pub(crate) fn plan_digests(plan: &Plan, dictionary: &Dictionary, excluded: &[&str]) -> (String, Vec<Input>) {
    let mut whole = Sha256::new();
    let mut tables: BTreeMap<&str, (u64, u128)> = BTreeMap::new();
    let mut add = |table: &'static str, text: &str| {
        let (rows, content) = tables.entry(table).or_default();
        *rows += 1;
        *content += u128::from(Hash::START.bytes(text.as_bytes()).0);
    };
    plan.canonical_lines(dictionary, |table, line| {
        whole.update(line);
        if let Some(table) = table {
            add(table, line);
        }
    });
    whole.update(format!("{excluded:?}"));
    excluded.iter().for_each(|address| add(EXCLUDED, address));
    let input = |table: &str| {
        let (rows, content) = tables.get(table).copied().unwrap_or_default();
        Input { relation: table.to_owned(), events: rows, content: content.to_string(), last_day: None }
    };
    (hex(&whole.finalize()), SUBMISSION_TABLES.into_iter().chain([EXCLUDED]).map(input).collect())
}
