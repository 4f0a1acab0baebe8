//! One dataset through both engines.

use std::fmt;

use bronze::ImportProgress;
use comparison::Check;
use database::{connect, create_database, drop_database, with_database};
use dataset_generator::Dataset;
use pipeline::{
    Budget, CutoffArgument, Root, RootError, RunOutcome, RunRequest, Schemas, Silent, SnapshotArgument,
    check_invariants, compare_engines, gold_fingerprint, migrate_up, root, root_from_rows, run,
};
use reward_rules::{Chain, Day, Step};
use tokio_postgres::{Client, Config};

use crate::DifferentialError;

/// Some runs are included in the balances, some are left to whoever reads them.
const BALANCE_ROWS: u64 = 100;

/// What differs, and after which cutoff.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How many cutoffs were run, this one included.
    pub cutoffs: usize,
    /// The cutoff.
    pub cutoff: Day,
    /// Relations that differ, day by day.
    pub checks: Vec<Check>,
    /// What else went wrong: an engine that failed, an invariant that does not hold.
    pub failure: Option<String>,
}

impl Finding {
    /// Whether another finding may be the same mistake: a relation or step in common, or the same kind of failure.
    #[must_use]
    pub fn resembles(&self, other: &Self) -> bool {
        let kind = |failure: &Option<String>| failure.as_ref().map(|text| text.split(':').next().map(str::to_owned));
        match (&self.failure, &other.failure) {
            (None, None) => self.checks.iter().any(|check| other.checks.iter().any(|same| same.what == check.what)),
            (ours, theirs) => kind(ours) == kind(theirs),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "after cutoff {} ({} run):", self.cutoff, self.cutoffs)?;
        if let Some(failure) = &self.failure {
            writeln!(f, "  {failure}")?;
        }
        for check in self.checks.iter().take(6) {
            let day = check.snapshot.as_deref().unwrap_or_default();
            let Check { what, expected_rows, computed_rows, differing, .. } = check;
            writeln!(f, "  {what} {day}: {expected_rows} rows sql, {computed_rows} native, {differing} differ")?;
            for difference in check.differences.iter().take(2) {
                writeln!(f, "    - {}", difference.describe("sql", "native"))?;
            }
        }
        if self.checks.len() > 6 {
            writeln!(f, "  and {} more", self.checks.len() - 6)?;
        }
        Ok(())
    }
}

/// What examining a dataset showed.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// Rows of silver and steps that both engines gave.
    pub rows: usize,
    /// Gold rows among them.
    pub gold_rows: usize,
    /// The first difference.
    pub finding: Option<Finding>,
}

struct Quiet;

impl ImportProgress for Quiet {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn done(&self, _: &str, _: u64) {}
}

/// Runs every cutoff of a dataset in a fresh database of the server: compares the engines, then runs the native one,
/// whose gold has to be what was compared, and checks the invariants.
///
/// # Errors
/// If the database cannot be made or filled; differences and failing engines are in the result.
pub async fn examine(server: &Config, dataset: &Dataset) -> Result<Examined, DifferentialError> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let seed = dataset.params.seed;
    let name = format!("paydirt_diff_{seed}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    create_database(server, &name).await?;
    let examined = examine_in(&with_database(server, &name), dataset).await;
    drop_database(server, &name, true).await?;
    examined
}

async fn examine_in(config: &Config, dataset: &Dataset) -> Result<Examined, DifferentialError> {
    let chain: Chain = dataset.params.chain.parse()?;
    let schemas = Schemas::default();
    let set_up = |reason: String| DifferentialError::SetUp { seed: dataset.params.seed, reason };
    let folder = tempfile::tempdir()?;
    dataset.write(folder.path())?;
    let mut client = connect(config, "paydirt diff-test").await?;
    migrate_up(&mut client, &schemas).await.map_err(|error| set_up(error.to_string()))?;
    bronze::import(&mut client, &schemas.source, folder.path(), &Quiet)
        .await
        .map_err(|error| set_up(describe(&error)))?;

    let mut examined = Examined::default();
    for (index, cutoff) in dataset.params.cutoffs.iter().enumerate() {
        let cutoff = Day::from(*cutoff);
        let (checks, failure) = match at_cutoff(&mut client, &schemas, chain, cutoff, &mut examined).await {
            Ok(checks) => (checks, None),
            Err(failure) => (Vec::new(), Some(failure)),
        };
        if failure.is_some() || !checks.is_empty() {
            examined.finding = Some(Finding { cutoffs: index + 1, cutoff, checks, failure });
            break;
        }
    }
    Ok(examined)
}

/// The relations that differ; a failure of an engine or an invariant as text.
async fn at_cutoff(
    client: &mut Client,
    schemas: &Schemas,
    chain: Chain,
    cutoff: Day,
    examined: &mut Examined,
) -> Result<Vec<Check>, String> {
    schemas.own_first(client).await.map_err(|error| describe(&error))?;
    let transaction = client.transaction().await.map_err(|error| describe(&error))?;
    let checks = compare_engines(&transaction, schemas, chain, cutoff, &Silent)
        .await
        .map_err(|error| format!("comparing failed: {}", describe(&error)))?;
    transaction.rollback().await.map_err(|error| describe(&error))?;
    let differing: Vec<Check> = checks.differing().cloned().collect();
    if !differing.is_empty() {
        return Ok(differing);
    }
    let gold_rows: usize =
        checks.steps.iter().filter(|check| check.what == Step::Staging.name()).map(|check| check.expected_rows).sum();
    examined.rows += checks.silver.iter().chain(&checks.steps).map(|check| check.expected_rows).sum::<usize>();
    examined.gold_rows += gold_rows;

    let run_of = RunRequest::new(chain, CutoffArgument::Date(cutoff));
    let request = RunRequest { past_newest_block: true, balance_rows: Some(BALANCE_ROWS), ..run_of };
    let outcome = run(client, schemas, &request, &Silent)
        .await
        .map_err(|error| format!("the native run failed: {}", describe(&error)))?;
    let RunOutcome::Completed(summary) = outcome else { return Err(format!("the run had been done: {outcome:?}")) };
    let written = gold_fingerprint(client, summary.run_id).await.map_err(|error| describe(&error))?;
    if written != checks.fingerprint {
        return Err(format!("the run wrote other rows than were compared: {written}, not {}", checks.fingerprint));
    }
    let reports = check_invariants(client, schemas, &Silent).await.map_err(|error| describe(&error))?;
    match reports.iter().find(|report| report.violations > 0) {
        Some(report) => Err(format!("invariant {} is violated: {:?}", report.invariant, report.first)),
        None => same_root(client, schemas).await.map(|()| Vec::new()),
    }
}

/// The newest root from the balances is that of all rows.
async fn same_root(client: &mut Client, schemas: &Schemas) -> Result<(), String> {
    let of_balances = root(client, schemas, SnapshotArgument::Latest, &Budget::default()).await;
    let of_rows = root_from_rows(client, schemas, SnapshotArgument::Latest, &Budget::default()).await;
    let text = |root: Result<Root, RootError>| match root {
        Ok(root) => Ok(format!("{}, {} in all", root.root(), root.total)),
        Err(error @ RootError::NoAmounts { .. }) => Ok(error.to_string()),
        Err(error) => Err(format!("the root failed: {}", describe(&error))),
    };
    let (of_balances, of_rows) = (text(of_balances)?, text(of_rows)?);
    if of_balances == of_rows {
        Ok(())
    } else {
        Err(format!("the root of balances is {of_balances}; of rows {of_rows}"))
    }
}

/// An error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
