//! What a case showed.

use serde::Serialize;

/// One relation of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `gold 2025-06-08`, `silver staker_shares`, `step 02_staker_reward_amounts` or `gold_table`.
    pub what: String,
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

/// The result of one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseReport {
    /// Name of the folder.
    pub case: String,
    /// The chain.
    pub chain: String,
    /// How many cutoffs were run.
    pub cutoffs: usize,
    /// Rows of the gold table at the end.
    pub gold_rows: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// The database, if it was kept.
    pub database: Option<String>,
    /// Every relation that was compared.
    pub checks: Vec<Check>,
}

impl CaseReport {
    /// Whether nothing differs.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.differing == 0)
    }
}

impl Difference {
    /// The columns that differ, as `column: expected …, computed …`; for a row without a partner, the whole row.
    #[must_use]
    pub fn describe(&self) -> String {
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
                        different.push(format!("{name}: expected {expected}, computed {computed}"));
                    }
                }
                format!("{}\n      at {}", different.join("; "), same.join(" "))
            }
            (Some(expected), None) => format!("missing: {}", row(expected)),
            (None, Some(computed)) => format!("not expected: {}", row(computed)),
            (None, None) => String::new(),
        }
    }
}
