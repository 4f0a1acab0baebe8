//! `paydirt verify`: recomputes and compares. Everything happens in transactions that are rolled back, in a scratch schema
//! that exists in them alone: live tables are not written, and a killed verification leaves nothing.

mod engines;
mod gold;
mod relations;

use chrono::NaiveDate;
use comparison::Check;
use delta_extractor::Source;
use reward_rules::{ActiveDays, Chain, Day, Mode};
use serde::Serialize;
use tokio_postgres::{Client, Transaction};

use engines::StoredGold;
pub use engines::{EngineChecks, compare_engines, gold_fingerprint};

use crate::lifecycle::{done_by, require_same_chain, resolve_cutoff};
use crate::migrate::{create_scratch, require_current};
use crate::replan::watermarks_before;
use crate::run::{begin, check_source, require_daily_tables};
use crate::step_rows::StepCursor;
use crate::sweep::Question;
use crate::{CutoffArgument, Observer, RunError, Schemas};

/// What stored results are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// Both engines with each other, and with the stored silver and gold.
    Sql,
    /// The daily `*_snapshots` tables an indexer keeps, with paydirt's silver.
    Snapshots,
    /// A `gold_table` in the source schema, with all of paydirt's runs repeated.
    Gold,
}

impl Against {
    /// The name in the CLI and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Snapshots => "snapshots",
            Self::Gold => "gold",
        }
    }
}

/// What to verify.
#[derive(Clone, Copy, Debug)]
pub struct VerifyRequest {
    /// Whose fork dates hold.
    pub chain: Chain,
    /// D.
    pub cutoff: CutoffArgument,
    /// Against the engines: the first cutoff to verify; otherwise the first day. By default D alone, and all days.
    pub from: Option<Day>,
    /// With what.
    pub against: Against,
}

/// What was compared for one cutoff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// D, `YYYY-MM-DD`.
    pub cutoff: String,
    /// The stored run with that cutoff.
    pub run_id: Option<i64>,
    /// `silver`, `steps` or `gold`.
    pub part: &'static str,
    /// Whose rows are the expected ones: `sql`, `recomputed`, `indexer` or `source`.
    pub expected: &'static str,
    /// Whose rows are compared with them: `native`, `stored` or `paydirt`.
    pub computed: &'static str,
    /// Every relation, and every day of it.
    pub checks: Vec<Check>,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// The chain.
    pub chain: String,
    /// `sql`, `snapshots` or `gold`.
    pub against: &'static str,
    /// Whether nothing differs.
    pub equal: bool,
    /// In the order of the cutoffs.
    pub comparisons: Vec<Comparison>,
}

/// Recomputes what is stored and compares.
///
/// # Errors
/// If a cutoff cannot be run, tables to compare with are missing, or the server refuses; differences are in the report.
pub async fn verify(
    client: &mut Client,
    schemas: &Schemas,
    request: &VerifyRequest,
    observer: &dyn Observer,
) -> Result<VerifyReport, RunError> {
    require_current(client, schemas).await?;
    let mode = require_same_chain(client, schemas, request.chain).await?;
    if mode == Some(Mode::Strict) && request.against != Against::Snapshots {
        return Err(RunError::StrictVerify { schema: schemas.own.clone() });
    }
    let cutoff = resolve_cutoff(client, schemas, request.chain, request.cutoff, false).await?;
    if let Some(from) = request.from.filter(|from| *from > cutoff) {
        return Err(RunError::FromAfterCutoff { from, cutoff });
    }
    check_source(client, None, false, Mode::Compatible, cutoff, None, observer).await?;
    let verification = Verification { schemas, chain: request.chain, cutoff, from: request.from, observer };
    let comparisons = match request.against {
        Against::Sql => verification.engines(client).await?,
        Against::Snapshots => vec![verification.snapshots(client).await?],
        Against::Gold => vec![verification.gold(client).await?],
    };
    let equal = comparisons.iter().flat_map(|comparison| &comparison.checks).all(|check| check.differing == 0);
    Ok(VerifyReport { chain: request.chain.to_string(), against: request.against.name(), equal, comparisons })
}

/// The rows a run wrote.
async fn gold_of_run(transaction: &Transaction<'_>, run_id: i64) -> Result<StoredGold, RunError> {
    let days = transaction
        .query_one(include_str!("../../../sql/queries/verify/days_of_run.sql"), &[&run_id])
        .await
        .map_err(RunError::database("days_of_run"))?;
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) = (days.get("first_snapshot"), days.get("last_snapshot"));
    let statement = include_str!("../../../sql/queries/verify/gold_of_run.sql");
    let run_id = i32::try_from(run_id).map_err(|_| RunError::TooManyRuns(run_id))?;
    let dropped = transaction
        .query(include_str!("../../../sql/queries/verify/dropped_days.sql"), &[])
        .await
        .map_err(RunError::database("dropped_days"))?;
    let day = |row: &tokio_postgres::Row, column| Day::from(row.get::<_, NaiveDate>(column));
    Ok(StoredGold {
        cursor: StepCursor::open(transaction, "gold_of_run", statement, &[&run_id, &first, &last]).await?,
        dropped: dropped
            .iter()
            .map(|row| ActiveDays { first: day(row, "first_snapshot"), last: day(row, "last_snapshot") })
            .collect(),
    })
}

/// A run in the ledger, or a cutoff that has none yet.
struct Stored {
    run_id: Option<i64>,
    cutoff: Day,
    source: Source,
}

pub(crate) struct Verification<'a> {
    schemas: &'a Schemas,
    chain: Chain,
    cutoff: Day,
    from: Option<Day>,
    observer: &'a dyn Observer,
}

impl Verification<'_> {
    /// Both engines for every stored run of the span, with what that run left in gold.
    async fn engines(&self, client: &mut Client) -> Result<Vec<Comparison>, RunError> {
        let mut comparisons = Vec::new();
        for stored in self.stored_runs(client).await? {
            let transaction = begin(client).await?;
            let found = self.engines_at(&transaction, &stored).await;
            // Dropping the transaction would roll back too; this way an error of the rollback is seen.
            transaction.rollback().await.map_err(RunError::database("rollback"))?;
            comparisons.extend(found?);
        }
        Ok(comparisons)
    }

    async fn engines_at(&self, transaction: &Transaction<'_>, stored: &Stored) -> Result<Vec<Comparison>, RunError> {
        let (cutoff, run_id) = (stored.cutoff, stored.run_id);
        let gold = match run_id {
            Some(run_id) => Some(gold_of_run(transaction, run_id).await?),
            None => None,
        };
        let silver_is_stored =
            stored.source == Source::Events && relations::silver_cutoff(transaction).await? == Some(cutoff);
        let scratch = self.scratch(transaction, cutoff).await?;
        let question = Question { chain: self.chain, mode: Mode::Compatible, cutoff, source: stored.source };
        let silver = if silver_is_stored { self.schemas } else { &scratch };
        let checks = engines::compare(transaction, &scratch, silver, question, gold, self.observer).await?;
        let part = |part, expected, computed, checks| Comparison {
            cutoff: cutoff.to_string(),
            run_id,
            part,
            expected,
            computed,
            checks,
        };
        let mut comparisons = Vec::new();
        if stored.source == Source::Events {
            let computed = if silver_is_stored { "stored" } else { "native" };
            comparisons.push(part("silver", "sql", computed, checks.silver));
        }
        comparisons.push(part("steps", "sql", "native", checks.steps));
        if run_id.is_some() {
            comparisons.push(part("gold", "recomputed", "stored", checks.gold));
        }
        Ok(comparisons)
    }

    /// The complete runs of the span, and the cutoff itself if it is still to come.
    async fn stored_runs(&self, client: &Client) -> Result<Vec<Stored>, RunError> {
        let first = self.from.unwrap_or(self.cutoff);
        let mut stored: Vec<Stored> = client
            .query(include_str!("../../../sql/queries/verify/stored_runs.sql"), &[&first.date(), &self.cutoff.date()])
            .await
            .map_err(RunError::database("stored_runs"))?
            .iter()
            .map(|row| Stored {
                run_id: Some(row.get("id")),
                cutoff: Day::from(row.get::<_, NaiveDate>("cutoff")),
                source: if row.get::<_, &str>("source") == "events" { Source::Events } else { Source::Snapshots },
            })
            .collect();
        match done_by(client, self.cutoff).await? {
            None => stored.push(Stored { run_id: None, cutoff: self.cutoff, source: Source::Events }),
            Some(done_by) if stored.is_empty() => {
                return Err(RunError::NothingToVerify { cutoff: self.cutoff, done_by });
            }
            Some(_) => {}
        }
        Ok(stored)
    }

    /// A scratch schema with the watermarks and the quarantine that the run for a cutoff found; names mean it first.
    async fn scratch(&self, transaction: &Transaction<'_>, cutoff: Day) -> Result<Schemas, RunError> {
        self.schemas.own_first(transaction).await.map_err(RunError::database("set_search_path"))?;
        let (hashes, days) = watermarks_before(transaction, cutoff).await?;
        let scratch = empty_scratch(transaction, self.schemas, Some(cutoff)).await?;
        transaction
            .execute(include_str!("../../../sql/queries/verify/fill_watermarks.sql"), &[&hashes, &days])
            .await
            .map_err(RunError::database("fill_watermarks"))?;
        Ok(scratch)
    }

    /// Paydirt's silver with the indexer's daily tables.
    async fn snapshots(&self, client: &mut Client) -> Result<Comparison, RunError> {
        require_daily_tables(client, self.schemas).await?;
        let transaction = begin(client).await?;
        let checks = relations::against_daily_tables(self, &transaction).await;
        transaction.rollback().await.map_err(RunError::database("rollback"))?;
        let (expected, computed) = ("indexer", "paydirt");
        Ok(Comparison {
            cutoff: self.cutoff.to_string(),
            run_id: None,
            part: "silver",
            expected,
            computed,
            checks: checks?,
        })
    }

    /// A reference's gold with all runs repeated.
    async fn gold(&self, client: &mut Client) -> Result<Comparison, RunError> {
        let transaction = begin(client).await?;
        let checks = gold::against_gold_table(self, &transaction).await;
        transaction.rollback().await.map_err(RunError::database("rollback"))?;
        let (expected, computed) = ("source", "paydirt");
        Ok(Comparison {
            cutoff: self.cutoff.to_string(),
            run_id: None,
            part: "gold",
            expected,
            computed,
            checks: checks?,
        })
    }
}

/// A scratch schema with what had been set aside by a cutoff, or what no run has ever paid, and nothing else; names mean it first.
pub(crate) async fn empty_scratch(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    cutoff: Option<Day>,
) -> Result<Schemas, RunError> {
    let database = RunError::database;
    let own: String = transaction
        .query_one(include_str!("../../../sql/queries/verify/scratch_name.sql"), &[])
        .await
        .map_err(database("scratch_name"))?
        .get("name");
    let set_aside = transaction
        .query(include_str!("../../../sql/queries/verify/quarantine_of.sql"), &[&cutoff.map(Day::date)])
        .await
        .map_err(database("quarantine_of"))?;
    let scratch = Schemas { own, source: schemas.source.clone() };
    create_scratch(transaction, &scratch).await?;
    for row in &set_aside {
        let (hash, table, reason): (&str, &str, &str) =
            (row.get("reward_hash"), row.get("source_table"), row.get("reason"));
        transaction
            .execute(
                include_str!("../../../sql/queries/runs/quarantine.sql"),
                &[&hash, &table, &reason, &row.get::<_, NaiveDate>("cutoff")],
            )
            .await
            .map_err(database("quarantine"))?;
    }
    Ok(scratch)
}
