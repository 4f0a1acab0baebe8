//! Running a case.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Instant;

use comparison::{Check, Table, compare};
use database::{connect, create_database, drop_database, with_database};
use pipeline::{
    AuditReport, AuditRequest, CutoffArgument, Engine, InvariantReport, RunOutcome, RunRequest, Schemas, Silent,
    StepTable, audit, check_invariants, migrate_up, run, silver_relations,
};
use reward_rules::{Day, Step};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Config};

use crate::CaseError;
use crate::case::{Case, ExpectedGold};
use crate::report::CaseReport;
use crate::root::check_root;
use crate::table::{copy_csv, read_csv};
use crate::undefined::{blank_undefined, undefined_multipliers};

pub(crate) const APPLICATION_NAME: &str = "paydirt case";

const GOLD_OF_RUN: &str = "COPY (SELECT earner, snapshot, reward_hash, token, amount FROM gold_of_runs \
    WHERE run_id = (SELECT max(id) FROM runs)) TO STDOUT (FORMAT csv, HEADER)";

const WHOLE_GOLD: &str = "COPY (SELECT earner, snapshot, reward_hash, token, amount FROM gold_table) \
    TO STDOUT (FORMAT csv, HEADER)";

/// How a case is run.
#[derive(Clone, Copy, Debug)]
pub struct CaseOptions {
    /// Keep the database afterwards.
    pub keep: bool,
    /// Which engine computes the case.
    pub engine: Engine,
}

struct NoProgress;

impl bronze::ImportProgress for NoProgress {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: &str, _: u64) {}
    fn done(&self, _: &str, _: u64) {}
}

/// Runs a case in a fresh database of the given server and compares everything its `expected/` folder has.
///
/// The database is dropped afterwards, also after an error, unless `options.keep` is set.
///
/// # Errors
/// If the case cannot be read or run; differences are in the report.
pub async fn run_case(server: &Config, path: &Path, options: CaseOptions) -> Result<CaseReport, CaseError> {
    let case = Case::read(path)?;
    let name = database_name(&case.name);
    create_database(server, &name).await?;
    let report = run_in(&with_database(server, &name), &case, options.engine).await;
    if !options.keep {
        drop_database(server, &name, true).await?;
    }
    let mut report = report?;
    report.database = options.keep.then_some(name);
    Ok(report)
}

/// A database name that no other process uses.
pub(crate) fn database_name(case: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let plain: String =
        case.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(30).collect();
    format!("paydirt_case_{plain}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What the engine computed for a case.
struct Results {
    /// Gold and steps.
    ran: Ran,
    /// Silver relations after the last cutoff.
    silver: Vec<(&'static str, Table)>,
    /// Where the money of every submission went.
    audit: AuditReport,
    /// (reward_hash, strategy) whose shown multiplier is undefined.
    undefined: HashSet<(String, String)>,
    /// The root, compared.
    root: Vec<Check>,
}

/// What the runs of a case left.
pub(crate) struct Ran {
    /// The rows each cutoff appended.
    pub(crate) gold: Vec<(Day, Table)>,
    /// Steps 1–22 of the last cutoff.
    pub(crate) steps: BTreeMap<Step, StepTable>,
    /// The whole gold table.
    pub(crate) whole: Table,
    /// Invariants that did not hold after some run.
    violated: Vec<Check>,
}

/// Imports the data of a case into a migrated database and runs its cutoffs. `wanted` says which results are read: folder
/// and name as under `expected/`.
pub(crate) async fn run_cutoffs(
    client: &mut Client,
    case: &Case,
    engine: Engine,
    wanted: &impl Fn(&str, &str) -> bool,
) -> Result<Ran, CaseError> {
    let schemas = Schemas::default();
    bronze::import(client, &schemas.source, &case.path, &NoProgress)
        .await
        .map_err(|source| CaseError::Import { path: case.path.clone(), source })?;
    let mut gold = Vec::new();
    let mut violated = Vec::new();
    let mut steps: BTreeMap<Step, StepTable> = BTreeMap::new();
    for (index, &cutoff) in case.cutoffs.iter().enumerate() {
        let request = RunRequest {
            engine,
            past_newest_block: true,
            balance_rows: Some(1),
            collect_steps: index + 1 == case.cutoffs.len(),
            ..RunRequest::new(case.chain, CutoffArgument::Date(cutoff))
        };
        let failed = |source| CaseError::Run { cutoff: cutoff.to_string(), source: Box::new(source) };
        if let RunOutcome::Completed(summary) = run(client, &schemas, &request, &Silent).await.map_err(failed)? {
            steps = summary.steps;
        }
        let invariants = check_invariants(client, &schemas, &Silent).await.map_err(failed)?;
        violated
            .extend(invariants.iter().filter(|report| report.violations > 0).map(|report| violation(cutoff, report)));
        schemas.own_first(client).await.map_err(|source| CaseError::Read { what: "search_path".into(), source })?;
        if wanted("gold", &cutoff.to_string()) {
            gold.push((cutoff, copy_csv(client, &format!("gold {cutoff}"), GOLD_OF_RUN).await?));
        }
    }
    let whole = copy_csv(client, "gold_table", WHOLE_GOLD).await?;
    Ok(Ran { gold, steps, whole, violated })
}

/// A violated invariant as a comparison of its rows with none.
fn violation(cutoff: Day, report: &InvariantReport) -> Check {
    let columns = vec!["key".to_owned(), "detail".to_owned()];
    let rows = report.first.iter().map(|row| vec![row.key.clone(), row.detail.clone()]).collect();
    let none = Table { columns: columns.clone(), rows: Vec::new() };
    compare(format!("invariant {} after {cutoff}", report.invariant), &none, &Table { columns, rows })
}

/// An audit as a comparison: every submission closes.
fn closing(audit: &AuditReport) -> Check {
    let columns = vec!["reward_hash".to_owned(), "closes".to_owned(), "difference".to_owned()];
    let table = |row: &dyn Fn(&pipeline::AuditedSubmission) -> [String; 2]| Table {
        columns: columns.clone(),
        rows: audit
            .submissions
            .iter()
            .map(|submission| [&[submission.reward_hash.clone()][..], &row(submission)].concat())
            .collect(),
    };
    let expected = table(&|_| [true.to_string(), "0".to_owned()]);
    let computed = table(&|submission| [submission.closes.to_string(), submission.columns.difference.to_string()]);
    compare("audit".to_owned(), &expected, &computed)
}

async fn compute(
    client: &mut Client,
    case: &Case,
    engine: Engine,
    wanted: impl Fn(&str, &str) -> bool,
) -> Result<Results, CaseError> {
    migrate_up(client, &Schemas::default()).await?;
    let ran = run_cutoffs(client, case, engine, &wanted).await?;
    let mut silver = Vec::new();
    for relation in silver_relations().iter().filter(|relation| wanted("silver", relation.name)) {
        silver.push((relation.name, copy_csv(client, relation.name, relation.copy).await?));
    }
    let undefined = undefined_multipliers(&ran.steps);
    let root = check_root(client, case).await?;
    let cutoff = case.cutoffs.last().map(ToString::to_string).unwrap_or_default();
    let audit = audit(client, &Schemas::default(), &AuditRequest::new(case.chain), &Silent)
        .await
        .map_err(|source| CaseError::Run { cutoff, source: Box::new(source) })?;
    Ok(Results { ran, silver, audit, undefined, root })
}

async fn run_in(config: &Config, case: &Case, engine: Engine) -> Result<CaseReport, CaseError> {
    let started = Instant::now();
    let mut client = connect(config, APPLICATION_NAME).await?;
    let results = compute(&mut client, case, engine, |folder, name| case.expected(folder, name).exists()).await?;
    let mut checks = checks(case, &results)?;
    checks.extend(results.root);
    if checks.is_empty() {
        return Err(CaseError::NothingExpected(case.path.clone()));
    }
    let checks = checks.into_iter().chain([closing(&results.audit)]).chain(results.ran.violated).collect();
    Ok(CaseReport {
        case: case.name.clone(),
        chain: case.chain.to_string(),
        cutoffs: case.cutoffs.len(),
        gold_rows: results.ran.whole.rows.len() as u64,
        seconds: started.elapsed().as_secs_f64(),
        database: None,
        checks,
    })
}

/// Compares everything `expected/` has.
fn checks(case: &Case, results: &Results) -> Result<Vec<Check>, CaseError> {
    let mut checks = Vec::new();
    for (cutoff, computed) in &results.ran.gold {
        let cutoff = cutoff.to_string();
        let expected = read_csv(&case.expected("gold", &cutoff))?;
        checks.push(compare(format!("gold {cutoff}"), &expected, computed));
    }
    for (name, computed) in &results.silver {
        checks.push(compare(format!("silver {name}"), &read_csv(&case.expected("silver", name))?, computed));
    }
    for step in Step::ALL {
        let path = case.expected("steps", step.name());
        if !path.exists() {
            continue;
        }
        let mut expected = read_csv(&path)?;
        let mut computed = match results.ran.steps.get(&step) {
            Some(table) => Table {
                columns: table.columns.iter().map(|&column| column.to_owned()).collect(),
                rows: table.rows.clone(),
            },
            None => Table { columns: expected.columns.clone(), rows: Vec::new() },
        };
        blank_undefined(step, &mut expected, &results.undefined);
        blank_undefined(step, &mut computed, &results.undefined);
        checks.push(compare(format!("step {step}"), &expected, &computed));
    }
    checks.extend(case.gold_table.as_ref().map(|expected| check_whole(expected, &results.ran.whole)));
    Ok(checks)
}

/// Size, sum and digest of a gold table.
pub(crate) struct Measured {
    pub(crate) rows: usize,
    pub(crate) amount_sum: String,
    pub(crate) sha256: String,
}

/// Measures a gold table as `case.toml` does.
pub(crate) fn measure(gold: &Table) -> Measured {
    let mut lines: Vec<String> = gold.rows.iter().map(|row| row.join(",")).collect();
    lines.sort_unstable();
    let mut digest = Sha256::new();
    for line in &lines {
        digest.update(line.as_bytes());
        digest.update(b"\n");
    }
    Measured {
        rows: gold.rows.len(),
        amount_sum: decimal_sum(gold.rows.iter().filter_map(|row| row.last()).map(String::as_str)),
        sha256: digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Compares size, sum and digest of the gold table with `case.toml`.
fn check_whole(expected: &ExpectedGold, gold: &Table) -> Check {
    let Measured { rows, amount_sum, sha256 } = measure(gold);
    let columns = vec!["rows".to_owned(), "amount_sum".to_owned(), "sha256".to_owned()];
    let expected_digest = expected.sha256.clone().unwrap_or_else(|| sha256.clone());
    let expected_row = vec![expected.rows.to_string(), expected.amount_sum.clone(), expected_digest];
    compare(
        "gold_table".to_owned(),
        &Table { columns: columns.clone(), rows: vec![expected_row] },
        &Table { columns, rows: vec![vec![rows.to_string(), amount_sum, sha256]] },
    )
}

/// The sum of decimal integers; a text that is none makes the sum a text that equals no sum.
fn decimal_sum<'a>(amounts: impl Iterator<Item = &'a str>) -> String {
    let mut sum = pg_numeric::Numeric::ZERO;
    for amount in amounts {
        match amount.parse::<pg_numeric::Numeric>() {
            Ok(amount) => sum += &amount,
            Err(error) => return format!("{amount}: {error}"),
        }
    }
    sum.to_string()
}
