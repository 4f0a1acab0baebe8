//! The root a case expects (spec/05).

use comparison::{Check, Table, compare};
use pipeline::{Budget, Root, Schemas, SnapshotArgument};
use serde::Deserialize;
use tokio_postgres::Client;

use crate::{Case, CaseError};

/// What `expected/root.json` says.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedRoot {
    /// E.
    snapshot: String,
    /// Pairs of earner and token.
    pairs: u64,
    /// Σ of their amounts, decimal.
    total: String,
    /// The root, `0x` and 64 hex digits.
    root: String,
}

impl ExpectedRoot {
    fn table(self) -> Table {
        let columns = ["snapshot", "pairs", "total", "root"].map(str::to_owned).to_vec();
        Table { columns, rows: vec![vec![self.snapshot, self.pairs.to_string(), self.total, self.root]] }
    }
}

/// Compares the root of what is stored with the one a case expects, if it expects one: from the balances and from all rows.
///
/// # Errors
/// If the file cannot be read, or there is no such root.
pub(crate) async fn check_root(client: &mut Client, case: &Case) -> Result<Vec<Check>, CaseError> {
    let path = case.path.join("expected/root.json");
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path).map_err(|source| CaseError::File { path: path.clone(), source })?;
    let malformed = |reason: String| CaseError::Malformed { path: path.clone(), reason };
    let expected: ExpectedRoot = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    let snapshot =
        expected.snapshot.parse().map_err(|_| malformed(format!("snapshot '{}' is not a date", expected.snapshot)))?;
    let argument = SnapshotArgument::Date(snapshot);
    let failed = |source| CaseError::Root { snapshot: snapshot.to_string(), source: Box::new(source) };
    let schemas = Schemas::default();
    let newest = pipeline::root(client, &schemas, argument, &Budget::default()).await.map_err(failed)?;
    let of_rows = pipeline::root_from_rows(client, &schemas, argument, &Budget::default()).await.map_err(failed)?;
    let expected = expected.table();
    let check = |what: &str, root: &Root| {
        let computed = ExpectedRoot {
            snapshot: root.snapshot.to_string(),
            pairs: root.distribution.pair_count() as u64,
            total: root.total.to_string(),
            root: root.root().to_string(),
        };
        compare(what.to_owned(), &expected, &computed.table())
    };
    Ok(vec![check("root", &newest), check("root of all rows", &of_rows)])
}
