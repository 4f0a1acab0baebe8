//! What spec/00 §7 leaves undefined and a case therefore cannot demand.

use std::collections::{BTreeMap, HashMap, HashSet};

use comparison::Table;
use pipeline::StepTable;
use reward_rules::Step;

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
