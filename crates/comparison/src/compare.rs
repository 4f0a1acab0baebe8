//! Comparing two tables as multisets of rows.

use std::collections::HashMap;

use crate::{Check, Difference, Table};

/// Differing rows that are kept for the report.
const SHOWN: usize = 5;

/// Compares the expected with the computed rows, whatever their order.
///
/// The columns of `expected` count; more columns of `computed` are ignored, a missing one is a difference.
#[must_use]
pub fn compare(what: String, expected: &Table, computed: &Table) -> Check {
    let (expected_rows, computed_rows) = (expected.rows.len(), computed.rows.len());
    let Some(computed) = computed.select(&expected.columns) else {
        let difference = Difference {
            columns: vec!["columns".to_owned()],
            expected: Some(vec![expected.columns.join(",")]),
            computed: Some(vec![computed.columns.join(",")]),
        };
        return Check {
            what,
            snapshot: None,
            expected_rows,
            computed_rows,
            differing: 1,
            differences: vec![difference],
        };
    };
    let mut counts: HashMap<&[String], i64> = HashMap::new();
    for row in &expected.rows {
        *counts.entry(row.as_slice()).or_default() += 1;
    }
    for row in &computed.rows {
        *counts.entry(row.as_slice()).or_default() -= 1;
    }
    let mut missing: Vec<&[String]> = Vec::new();
    let mut extra: Vec<&[String]> = Vec::new();
    for (row, count) in counts {
        let side = if count > 0 { &mut missing } else { &mut extra };
        side.extend((0..count.unsigned_abs()).map(|_| row));
    }
    missing.sort_unstable();
    extra.sort_unstable();
    let differing = missing.len() + extra.len();
    let differences = Difference::pair(&expected.columns, &missing, extra);
    Check { what, snapshot: None, expected_rows, computed_rows, differing, differences }
}

impl Difference {
    /// The first missing and extra rows, each missing one with the extra one that agrees with it in most columns.
    #[must_use]
    pub fn pair(columns: &[String], missing: &[&[String]], mut extra: Vec<&[String]>) -> Vec<Self> {
        let mut differences = Vec::new();
        let owned = |row: &[String]| row.to_vec();
        for row in missing.iter().take(SHOWN) {
            let agreement = |other: &[String]| row.iter().zip(other).filter(|(a, b)| a == b).count();
            let closest = extra
                .iter()
                .enumerate()
                .map(|(index, other)| (agreement(other), index))
                .max_by_key(|&(agreeing, index)| (agreeing, std::cmp::Reverse(index)))
                .filter(|(agreeing, _)| agreeing * 2 >= columns.len());
            let computed = closest.map(|(_, index)| owned(extra.remove(index)));
            differences.push(Self { columns: columns.to_vec(), expected: Some(owned(row)), computed });
        }
        for row in extra.iter().take(SHOWN.saturating_sub(differences.len())) {
            differences.push(Self { columns: columns.to_vec(), expected: None, computed: Some(owned(row)) });
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]]) -> Table {
        Table {
            columns: vec!["key".into(), "value".into()],
            rows: rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect(),
        }
    }

    #[test]
    fn order_does_not_matter_but_multiplicity_does() {
        let expected = table(&[&["a", "1"], &["b", "2"], &["b", "2"]]);
        assert_eq!(compare("t".into(), &expected, &table(&[&["b", "2"], &["a", "1"], &["b", "2"]])).differing, 0);
        assert_eq!(compare("t".into(), &expected, &table(&[&["b", "2"], &["a", "1"]])).differing, 1);
    }

    #[test]
    fn a_changed_value_is_shown_with_its_partner() {
        let check = compare("t".into(), &table(&[&["a", "1"]]), &table(&[&["a", "2"]]));
        assert_eq!(check.differing, 2);
        assert_eq!(check.differences.len(), 1);
        assert_eq!(
            check.differences[0].describe("expected", "computed"),
            "value: expected 1, computed 2\n      at key=a"
        );
    }
}
