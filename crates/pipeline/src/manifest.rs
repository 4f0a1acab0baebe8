//! What a run was made of and what it made, in few bytes: two databases whose newest manifests are equal have equal gold.
//!
//! 1. While rows are computed their hashes are summed, by snapshot; each unit stores its sums in the transaction of its rows.
//! 2. The transaction that completes a run stores its manifest: rules, chain and fork dates, events by relation, planned rows by table of
//!    submissions, the digest of the plan (submissions, windows, exclusions), rows and digest per day, and the digest of the manifest of the run before.
//! 3. So a manifest's own digest stands for all runs so far, in their order.
//!
//! The sums are good against chance, not against somebody who looks for collisions; for that there is the root ([`crate::root`]).

mod bisect;
mod bisect_inputs;
mod bisect_notes;
mod bisect_side;
mod bisect_steps;
mod check;
mod error;
mod file;
mod planned;
mod root;
mod steps;
mod stored_rows;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use delta_extractor::Source;
use reward_rules::{ActiveDays, Chain, Day, Fork, ForkDates, Mode, RULE_VERSION};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, GenericClient, Row, Transaction};

use crate::gold_digest::GoldDigest;
use crate::ledger;
use crate::migrate::require_current;
use crate::{RunError, Schemas};

pub use bisect::{Bisection, DifferingDay, Parting, bisect};
pub use bisect_steps::GoldParting;
pub use check::{ManifestCheck, check_manifest};
pub use error::ManifestError;
pub use file::FileError;
pub(crate) use planned::plan_digests;
pub use root::{StoreRoot, stored_root};
pub(crate) use root::{store_missing_root, store_root};
pub use steps::{DaySteps, RowsDigest, RunSteps, StepDigest, run_steps};

/// The form of [`Manifest`]; another number is another form. Since 2 the inputs have the tables of submissions and the excluded addresses.
const FORMAT: u32 = 2;

/// Of one complete run. Which engine computed it, how it was cut into units and who did them does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form.
    pub format: u32,
    /// [`RULE_VERSION`].
    pub rules: String,
    /// `compatible`: as the reference computes, quirks included.
    pub mode: String,
    /// The chain.
    pub chain: String,
    /// Its fork dates, as they were used.
    pub forks: BTreeMap<String, String>,
    /// D.
    pub cutoff: String,
    /// `events`, or `snapshots`, whose contents nobody keeps.
    pub source: String,
    /// The events silver was made of, and the rows of submissions that the plan was made of.
    pub inputs: Vec<Input>,
    /// SHA-256 of the plan: submissions, windows, who is excluded.
    pub plan: Option<String>,
    /// Rows of the run.
    pub gold_rows: u64,
    /// The same by snapshot.
    pub days: Vec<DayDigest>,
    /// The digest of the manifest of the run before.
    pub previous: Option<String>,
}

/// The events of one relation of silver before a cutoff; or the rows of a table of submissions that a run planned with, with their windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The relation, or a table of submissions, or `excluded_addresses`.
    pub relation: String,
    /// How many events, or rows.
    pub events: u64,
    /// The sum of their hashes.
    pub content: String,
    /// The last day with any event; of tables there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
}

impl Input {
    /// Whether it is a relation of silver.
    fn is_events(&self) -> bool {
        self.last_day.is_some()
    }
}

/// What there is of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayDigest {
    /// The day.
    pub day: String,
    /// Rows, or events.
    pub rows: u64,
    /// The sum of their hashes.
    pub content: String,
}

impl DayDigest {
    fn new(day: Day, digest: GoldDigest) -> Self {
        Self { day: day.to_string(), rows: digest.rows, content: digest.content.to_string() }
    }
}

impl Manifest {
    /// SHA-256 of the manifest as it is written, in hex.
    ///
    /// # Errors
    /// Never, since there is nothing in it that JSON does not have.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        Ok(hex(&Sha256::digest(serde_json::to_vec(self)?)))
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A complete run with its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunManifest {
    /// Its number here.
    pub run: i64,
    /// Which engine computed it.
    pub engine: String,
    /// Which paydirt.
    pub version: String,
    /// D; `None` in files of releases that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<String>,
    /// Of the manifest; `None` if the run is from before manifests were kept.
    pub digest: Option<String>,
    /// See there.
    pub manifest: Option<Manifest>,
    /// The root of the day before the cutoff, over the rows of this run and those before it (spec/05 §1). `None` if it was not
    /// computed yet, nothing was paid, or days up to it were dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// A run's manifest with those of all runs before it, and what they were made of day by day: what [`bisect`] needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestReport {
    /// The events of each relation of silver by day, as they are now: later corrections of earlier days are in it.
    pub input_days: BTreeMap<String, Vec<DayDigest>>,
    /// Oldest first; the last one is the one that was asked for.
    pub runs: Vec<RunManifest>,
    /// What the steps of that run give, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<RunSteps>,
}

/// What a manifest is about.
pub(crate) struct Subject {
    pub(crate) run_id: i64,
    pub(crate) chain: Chain,
    pub(crate) mode: Mode,
    pub(crate) cutoff: Day,
    pub(crate) source: Source,
    /// Rows of all units.
    pub(crate) rows: u64,
}

/// Stores the manifest of a run, in the transaction that completes it.
pub(crate) async fn store(transaction: &Transaction<'_>, subject: &Subject) -> Result<(), RunError> {
    let run_id = subject.run_id;
    let mut days = noted_days(transaction, run_id).await?;
    if days.values().map(|digest| digest.rows).sum::<u64>() != subject.rows {
        // Units of the other engine, or of a release that did not note them.
        transaction
            .execute(include_str!("../../../sql/queries/manifests/forget_days.sql"), &[&run_id])
            .await
            .map_err(RunError::database("manifests/forget_days"))?;
        days = stored_rows::digest(transaction, run_id, None).await?;
        ledger::store_days(transaction, run_id, 0, &days).await?;
    }
    let context = transaction
        .query_one(include_str!("../../../sql/queries/manifests/context.sql"), &[&run_id])
        .await
        .map_err(RunError::database("manifests/context"))?;
    let forks = ForkDates::of(subject.chain);
    let unwritable = |error: serde_json::Error| RunError::Unreadable { what: "a manifest", value: error.to_string() };
    let mut inputs = match subject.source {
        Source::Events => inputs(transaction, subject.cutoff).await?,
        Source::Snapshots => Vec::new(),
    };
    let planned: Option<serde_json::Value> = context.get("inputs");
    let planned = planned.map(serde_json::from_value::<Vec<Input>>).transpose().map_err(unwritable)?;
    inputs.extend(planned.into_iter().flatten());
    let manifest = Manifest {
        format: FORMAT,
        rules: RULE_VERSION.to_string(),
        mode: subject.mode.name().to_owned(),
        chain: subject.chain.name().to_owned(),
        forks: Fork::ALL.iter().map(|&fork| (format!("{fork:?}"), forks.date(fork).to_string())).collect(),
        cutoff: subject.cutoff.to_string(),
        source: subject.source.name().to_owned(),
        inputs,
        plan: context.get("plan"),
        gold_rows: subject.rows,
        days: days.iter().map(|(&day, &digest)| DayDigest::new(day, digest)).collect(),
        previous: context.get("previous"),
    };
    let digest = manifest.digest().map_err(unwritable)?;
    let value = serde_json::to_value(&manifest).map_err(unwritable)?;
    transaction
        .execute(include_str!("../../../sql/queries/manifests/store.sql"), &[&run_id, &value, &digest])
        .await
        .map_err(RunError::database("manifests/store"))?;
    Ok(())
}

async fn noted_days<C: GenericClient>(client: &C, run_id: i64) -> Result<BTreeMap<Day, GoldDigest>, RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/manifests/days.sql"), &[&run_id])
        .await
        .map_err(RunError::database("manifests/days"))?;
    rows.iter()
        .map(|row| {
            let content: &str = row.get("content");
            let content = content
                .parse()
                .map_err(|_| RunError::Unreadable { what: "unit_days.content", value: content.to_owned() })?;
            Ok((day(row, "snapshot"), GoldDigest { rows: count(row, "gold_rows"), content }))
        })
        .collect()
}

async fn inputs<C: GenericClient>(client: &C, cutoff: Day) -> Result<Vec<Input>, RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/manifests/inputs.sql"), &[&cutoff.date()])
        .await
        .map_err(RunError::database("manifests/inputs"))?;
    let input = |row: &Row| Input {
        relation: row.get("relation"),
        events: count(row, "events"),
        content: row.get("content"),
        last_day: Some(day(row, "last_day").to_string()),
    };
    Ok(rows.iter().map(input).collect())
}

fn day(row: &Row, column: &str) -> Day {
    Day::from(row.get::<_, NaiveDate>(column))
}

fn count(row: &Row, column: &str) -> u64 {
    u64::try_from(row.get::<_, i64>(column)).unwrap_or_default()
}

/// The manifests of the runs up to one, or to the newest that is complete.
///
/// # Errors
/// If there is no such run, or it is not complete, or reading fails.
pub async fn manifests(client: &Client, schemas: &Schemas, run: Option<i64>) -> Result<ManifestReport, ManifestError> {
    let (earlier, last) = run_manifests(client, schemas, run).await?;
    let mut input_days: BTreeMap<String, Vec<DayDigest>> = BTreeMap::new();
    if let Some(cutoff) = last.cutoff().and_then(|cutoff| cutoff.parse::<Day>().ok()) {
        let rows = client
            .query(include_str!("../../../sql/queries/manifests/input_days.sql"), &[&cutoff.date()])
            .await
            .map_err(RunError::database("manifests/input_days"))?;
        for row in &rows {
            let digest =
                DayDigest { day: day(row, "day").to_string(), rows: count(row, "events"), content: row.get("content") };
            input_days.entry(row.get("relation")).or_default().push(digest);
        }
    }
    let runs = earlier.into_iter().chain([last]).collect();
    Ok(ManifestReport { input_days, runs, steps: None })
}

/// The manifests of the complete runs before one, oldest first, and its own.
async fn run_manifests(
    client: &Client,
    schemas: &Schemas,
    run: Option<i64>,
) -> Result<(Vec<RunManifest>, RunManifest), ManifestError> {
    require_current(client, schemas).await.map_err(RunError::from)?;
    let run = match run {
        Some(run) => run,
        None => {
            let row = client
                .query_one(include_str!("../../../sql/queries/manifests/newest.sql"), &[])
                .await
                .map_err(RunError::database("manifests/newest"))?;
            row.get::<_, Option<i64>>("id").ok_or(ManifestError::NoRuns)?
        }
    };
    let rows = client
        .query(include_str!("../../../sql/queries/manifests/list.sql"), &[&run])
        .await
        .map_err(RunError::database("manifests/list"))?;
    let mut runs = rows
        .iter()
        .map(|row| {
            let manifest: Option<serde_json::Value> = row.get("manifest");
            let unreadable = |error: serde_json::Error| RunError::Unreadable {
                what: "manifests.manifest",
                value: error.to_string(),
            };
            Ok(RunManifest {
                run: row.get("id"),
                engine: row.get("engine"),
                version: row.get("version"),
                cutoff: Some(day(row, "cutoff").to_string()),
                digest: row.get("digest"),
                root: row.get("root"),
                manifest: manifest.map(serde_json::from_value).transpose().map_err(unreadable)?,
            })
        })
        .collect::<Result<Vec<RunManifest>, RunError>>()?;
    match runs.pop_if(|last| last.run == run) {
        Some(last) => Ok((runs, last)),
        None => Err(ManifestError::NotComplete(run)),
    }
}

/// The days whose rows were dropped on purpose.
async fn dropped_days<C: GenericClient>(client: &C) -> Result<Vec<ActiveDays>, RunError> {
    let rows = client
        .query(include_str!("../../../sql/queries/verify/dropped_days.sql"), &[])
        .await
        .map_err(RunError::database("dropped_days"))?;
    let days = |row: &Row| ActiveDays { first: day(row, "first_snapshot"), last: day(row, "last_snapshot") };
    Ok(rows.iter().map(days).collect())
}
