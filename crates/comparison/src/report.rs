//! What a comparison showed.

use serde::Serialize;

/// One compared relation, or one day of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was compared: say, `gold 2025-06-08`, `silver staker_shares` or `step 02_staker_reward_amounts`.
    pub what: String,
    /// The day whose rows these are, `YYYY-MM-DD`; `None` for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// Rows expected.
    pub expected_rows: usize,
    /// Rows computed.
    pub computed_rows: usize,
    /// Rows expected and not computed, plus rows computed and not expected.
    pub differing: usize,
    /// The first differing rows.
    pub differences: Vec<Difference>,
}

/// A row that differs. With both sides they are the closest pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Column names.
    pub columns: Vec<String>,
    /// The expected row.
    pub expected: Option<Vec<String>>,
    /// The computed row.
    pub computed: Option<Vec<String>>,
}

impl Difference {
    /// The columns that differ, as `column: expected …, computed …` with the given names for the sides; for a row
    /// without a partner, the whole row.
    #[must_use]
    pub fn describe(&self, expected_side: &str, computed_side: &str) -> String {
        let row = |row: &[String]| {
            self.columns.iter().zip(row).map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        match (&self.expected, &self.computed) {
            (Some(expected), Some(computed)) => {
                let (mut same, mut different) = (Vec::new(), Vec::new());
                for ((name, expected), computed) in self.columns.iter().zip(expected).zip(computed) {
                    if expected == computed {
                        same.push(format!("{name}={expected}"));
                    } else {
                        different.push(format!("{name}: {expected_side} {expected}, {computed_side} {computed}"));
                    }
                }
                format!("{}\n      at {}", different.join("; "), same.join(" "))
            }
            (Some(expected), None) => format!("only {expected_side}: {}", row(expected)),
            (None, Some(computed)) => format!("only {computed_side}: {}", row(computed)),
            (None, None) => String::new(),
        }
    }
}
