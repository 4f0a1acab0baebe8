//! A case folder.

use std::path::{Path, PathBuf};

use reward_rules::{Chain, Day};
use serde::Deserialize;

use crate::CaseError;

/// What `case.toml` expects of the final gold table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ExpectedGold {
    /// Rows.
    pub rows: u64,
    /// Sum of the amounts, decimal.
    pub amount_sum: String,
    /// SHA-256 of the lines `earner,snapshot,reward_hash,token,amount` in byte order, newline-terminated.
    pub sha256: Option<String>,
}

/// A conformance case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of the folder.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// The chain.
    pub chain: Chain,
    /// The cutoffs, in the order they are run.
    pub cutoffs: Vec<Day>,
    /// The final gold table, if the case says.
    pub gold_table: Option<ExpectedGold>,
}

#[derive(Deserialize)]
struct CaseFile {
    chain: String,
    cutoffs: Vec<String>,
    expected: Option<ExpectedTable>,
}

#[derive(Deserialize)]
struct ExpectedTable {
    gold_table: Option<ExpectedGold>,
}

impl Case {
    /// Reads the `case.toml` of a folder.
    ///
    /// # Errors
    /// If it is missing, malformed, or names an unknown chain.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let file = path.join("case.toml");
        let text = std::fs::read_to_string(&file).map_err(|source| CaseError::File { path: file.clone(), source })?;
        let malformed = |reason: String| CaseError::Malformed { path: file.clone(), reason };
        let parsed: CaseFile = toml::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        let cutoffs = parsed
            .cutoffs
            .iter()
            .map(|text| text.parse().map_err(|_| malformed(format!("cutoff '{text}' is not a date"))))
            .collect::<Result<_, _>>()?;
        let chain = parsed.chain.parse().map_err(|source| CaseError::Chain { path: file.clone(), source })?;
        let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = name.file_name().map_or_else(|| "case".to_owned(), |name| name.to_string_lossy().into_owned());
        let gold_table = parsed.expected.and_then(|expected| expected.gold_table);
        Ok(Self { name, path: path.to_owned(), chain, cutoffs, gold_table })
    }

    /// The file of an expected relation: `expected/<folder>/<name>.csv`.
    #[must_use]
    pub fn expected(&self, folder: &str, name: &str) -> PathBuf {
        self.path.join("expected").join(folder).join(format!("{name}.csv"))
    }
}
