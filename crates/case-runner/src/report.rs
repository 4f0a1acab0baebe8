//! What a case showed.

use comparison::Check;
use serde::Serialize;

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
