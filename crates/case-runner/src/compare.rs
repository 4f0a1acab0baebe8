//! Comparing two tables as multisets of rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use pipeline::StepTable;
use reward_rules::Step;

use crate::report::{Check, Difference};
use crate::table::Table;

/// Differing rows that are kept for the report.
const SHOWN: usize = 5;

/// Compares the expected with the computed rows, whatever their order.
pub(crate) fn compare(what: String, expected: &Table, computed: &Table) -> Check {
    let (expected_rows, computed_rows) = (expected.rows.len(), computed.rows.len());
    let Some(computed) = computed.select(&expected.columns) else {
        let difference = Difference {
            columns: vec!["columns".to_owned()],
            expected: Some(vec![expected.columns.join(",")]),
            computed: Some(vec![computed.columns.join(",")]),
        };
        return Check { what, expected_rows, computed_rows, differing: 1, differences: vec![difference] };
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
    let differences = pair(&expected.columns, &missing, extra);
    Check { what, expected_rows, computed_rows, differing, differences }
}

/// The first missing rows, each with the extra row that agrees with it in most columns.
fn pair(columns: &[String], missing: &[&[String]], mut extra: Vec<&[String]>) -> Vec<Difference> {
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
        differences.push(Difference { columns: columns.to_vec(), expected: Some(owned(row)), computed });
    }
    for row in extra.iter().take(SHOWN.saturating_sub(differences.len())) {
        differences.push(Difference { columns: columns.to_vec(), expected: None, computed: Some(owned(row)) });
    }
    differences
}

/// The steps whose rows say which submission lines are active; from them the undefined choices of U2 are found.
const LINE_STEPS: [Step; 4] = [
    Step::ActiveRewards,
    Step::ActiveOdRewards,
    Step::ActiveOdOperatorSetRewards,
    Step::ActiveUniqueAndTotalStakeRewards,
];

/// (reward_hash, strategy) pairs that are listed with more than one multiplier: which of them a first row shows is
/// undefined (spec/00 §7 U2); the amounts are not.
pub(crate) fn undefined_multipliers(steps: &BTreeMap<Step, StepTable>) -> HashSet<(String, String)> {
    let mut multipliers: HashMap<(String, String), HashSet<String>> = HashMap::new();
    for step in LINE_STEPS {
        let Some(table) = steps.get(&step) else { continue };
        let position = |name: &str| table.columns.iter().position(|column| *column == name);
        let (Some(hash), Some(strategy), Some(multiplier)) =
            (position("reward_hash"), position("strategy"), position("multiplier"))
        else {
            continue;
        };
        for row in &table.rows {
            let key = (row[hash].clone(), row[strategy].clone());
            multipliers.entry(key).or_default().insert(row[multiplier].clone());
        }
    }
    multipliers.into_iter().filter(|(_, values)| values.len() > 1).map(|(key, _)| key).collect()
}

/// Blanks the multiplier of rows where it is undefined. Steps that list lines keep theirs.
pub(crate) fn blank_undefined(step: Step, table: &mut Table, undefined: &HashSet<(String, String)>) {
    if LINE_STEPS.contains(&step) || undefined.is_empty() {
        return;
    }
    let (Some(hash), Some(strategy), Some(multiplier)) =
        (table.position("reward_hash"), table.position("strategy"), table.position("multiplier"))
    else {
        return;
    };
    for row in &mut table.rows {
        if undefined.contains(&(row[hash].clone(), row[strategy].clone())) {
            "(undefined)".clone_into(&mut row[multiplier]);
        }
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
        assert_eq!(check.differences[0].describe(), "value: expected 1, computed 2\n      at key=a");
    }
}
