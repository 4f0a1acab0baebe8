//! `paydirt diff`: what the other mode pays, beside what is stored, per submission and earner (docs/strict-mode.md).
//!
//! 1. The other side is another schema at the same cutoff or, by default, made now in a scratch schema: one strict run (its gold does
//!    not depend on cutoffs), or one compatible run for each cutoff of the runs so far (Q1–Q3).
//! 2. The rows of both are added up in the server, per submission and day, and per submission and earner.
//!
//! Everything happens in a transaction that is rolled back. In memory: a line per submission; earners are handed on one by one.

use std::collections::{HashMap, HashSet};
use std::pin::pin;

use bronze::Finding;
use chrono::{NaiveDate, NaiveDateTime};
use delta_extractor::Source;
use futures_util::TryStreamExt;
use memory_budget::Budget;
use pg_numeric::Numeric;
use reward_rules::{Chain, Day, Mode, SubmissionKind};
use serde::Serialize;
use tokio_postgres::{Client, types::ToSql};
use tokio_postgres::{Row, Transaction};

use crate::audit::{funded, runs, text};
use crate::job::Job;
use crate::lifecycle::require_same_chain;
use crate::migrate::require_current;
use crate::run::{begin, check_source, record};
use crate::verify::empty_scratch;
use crate::{CutoffArgument, Observer, RunError, RunRequest, Schemas};

/// What to compare.
#[derive(Clone, Debug)]
pub struct DiffRequest {
    /// Whose fork dates hold.
    pub chain: Chain,
    /// The mode to compare with what is stored; that of the schema is refused.
    pub mode: Mode,
    /// A schema with runs of that mode up to the same cutoff; without one they are made for the comparison.
    pub with: Option<String>,
    /// Only this submission.
    pub reward_hash: Option<String>,
    /// Only this earner.
    pub earner: Option<String>,
    /// For the runs that are made.
    pub memory: Budget,
}

/// What the other mode changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffReport {
    /// The chain.
    pub chain: String,
    /// The newest complete cutoff.
    pub cutoff: String,
    /// The mode of what is stored.
    pub stored: &'static str,
    /// The mode it is compared with.
    pub other: &'static str,
    /// Whether no earner gets another amount of any submission.
    pub equal: bool,
    /// Rows of gold that are stored.
    pub stored_rows: u64,
    /// Rows of gold of the other side.
    pub other_rows: u64,
    /// (submission, earner, token) with another amount.
    pub differing_earners: u64,
    /// Submissions of which an earner gets another amount or a day another sum, by hash.
    pub submissions: Vec<SubmissionDiff>,
}

/// A submission that pays something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmissionDiff {
    /// The submission.
    pub reward_hash: String,
    /// Its kind; nothing if the source does not have it.
    pub kind: Option<String>,
    /// What is paid.
    pub token: String,
    /// What was put in.
    #[serde(serialize_with = "text")]
    pub funded: Numeric,
    /// What is stored.
    #[serde(serialize_with = "text")]
    pub paid: Numeric,
    /// What the other mode pays.
    #[serde(serialize_with = "text")]
    pub paid_by_other: Numeric,
    /// The second less the first.
    #[serde(serialize_with = "text")]
    pub difference: Numeric,
    /// How many of its days differ in sum.
    pub differing_days: u64,
    /// The first of them.
    pub first_day: Option<String>,
    /// The last of them.
    pub last_day: Option<String>,
    /// A day that has to be over before strict mode pays anything, if it is not.
    pub paid_when_over: Option<String>,
}

impl SubmissionDiff {
    /// By how much what is stored is more than was put in, if it is.
    #[must_use]
    pub fn overpaid(&self) -> Option<Numeric> {
        let beyond = &self.paid - &self.funded;
        (beyond.is_positive() && self.kind.is_some()).then_some(beyond)
    }
}

/// An earner that gets another amount of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EarnerDiff {
    /// The submission.
    pub reward_hash: String,
    /// What is paid.
    pub token: String,
    /// Who.
    pub earner: String,
    /// What is stored.
    pub paid: String,
    /// What the other mode pays.
    pub paid_by_other: String,
    /// The second less the first.
    pub difference: String,
}

/// Compares what is stored with what the other mode pays; hands on every earner with another amount, those with the largest
/// differences first. Writes nothing.
///
/// # Errors
/// If there is nothing to compare, the other schema is not what it has to be, a run fails, or `each` does.
pub async fn diff<E: From<RunError>>(
    client: &mut Client,
    schemas: &Schemas,
    request: &DiffRequest,
    observer: &dyn Observer,
    each: impl FnMut(EarnerDiff) -> Result<(), E>,
) -> Result<DiffReport, E> {
    require_current(client, schemas).await.map_err(RunError::from)?;
    let known = require_same_chain(client, schemas, request.chain).await?;
    let Some(stored) = known else { return Err(RunError::NothingToCompare { schema: schemas.own.clone() }.into()) };
    if stored == request.mode {
        return Err(RunError::SameMode { schema: schemas.own.clone(), mode: stored }.into());
    }
    let mut set_aside = Vec::new();
    if let (None, Some(newest)) = (&request.with, runs(client).await?.0.last()) {
        set_aside = check_source(client, None, true, request.mode, newest.cutoff, None, observer).await?;
    }
    let transaction = begin(client).await?;
    let report = Diff { schemas, request, stored, set_aside, observer }.report(&transaction, each).await;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    report
}

struct Diff<'a> {
    schemas: &'a Schemas,
    request: &'a DiffRequest,
    stored: Mode,
    /// What a run of the other mode sets aside.
    set_aside: Vec<Finding>,
    observer: &'a dyn Observer,
}

impl Diff<'_> {
    async fn report<E: From<RunError>>(
        &self,
        transaction: &Transaction<'_>,
        mut each: impl FnMut(EarnerDiff) -> Result<(), E>,
    ) -> Result<DiffReport, E> {
        let database = RunError::database;
        self.schemas.own_first(transaction).await.map_err(database("set_search_path"))?;
        let (runs, source) = runs(transaction).await?;
        let cutoffs: Vec<Day> = runs.iter().map(|run| run.cutoff).collect();
        let Some(&cutoff) = cutoffs.last() else {
            return Err(RunError::NothingToCompare { schema: self.schemas.own.clone() }.into());
        };
        let funded = funded(transaction).await?;
        for (what, statement) in [
            ("diff/dropped", include_str!("../../../sql/queries/diff/dropped.sql")),
            ("diff/stored_rows", include_str!("../../../sql/queries/diff/stored_rows.sql")),
        ] {
            transaction.batch_execute(statement).await.map_err(database(what))?;
        }
        match &self.request.with {
            Some(other) => self.use_schema(transaction, other, cutoff).await?,
            None => self.make(transaction, &cutoffs, source).await?,
        }
        for (what, statement) in [
            ("diff/other_dropped", include_str!("../../../sql/queries/diff/other_dropped.sql")),
            ("diff/other_rows", include_str!("../../../sql/queries/diff/other_rows.sql")),
        ] {
            transaction.batch_execute(statement).await.map_err(database(what))?;
        }

        let parameters: [&(dyn ToSql + Sync); 2] = [&self.request.reward_hash, &self.request.earner];
        let ends = self.ends(transaction).await?;
        let submissions = transaction
            .query(include_str!("../../../sql/queries/diff/submissions.sql"), &parameters)
            .await
            .map_err(database("diff/submissions"))?;
        if let Some(hash) = self.request.reward_hash.as_ref().filter(|hash| !funded.contains_key(*hash))
            && submissions.is_empty()
        {
            return Err(RunError::NotAudited { reward_hash: hash.clone() }.into());
        }
        let mut report = DiffReport {
            chain: self.request.chain.to_string(),
            cutoff: cutoff.to_string(),
            stored: self.stored.name(),
            other: self.request.mode.name(),
            equal: true,
            stored_rows: 0,
            other_rows: 0,
            differing_earners: 0,
            submissions: Vec::new(),
        };
        let statement = include_str!("../../../sql/queries/diff/earners.sql");
        let rows = transaction.query_raw(statement, parameters).await.map_err(database("diff/earners"))?;
        let mut rows = pin!(rows);
        let mut differing: HashSet<(String, String)> = HashSet::new();
        while let Some(row) = rows.try_next().await.map_err(database("diff/earners"))? {
            report.differing_earners += 1;
            differing.insert((row.get("reward_hash"), row.get("token")));
            each(EarnerDiff {
                reward_hash: row.get("reward_hash"),
                token: row.get("token"),
                earner: row.get("earner"),
                paid: row.get("stored"),
                paid_by_other: row.get("other"),
                difference: row.get("difference"),
            })?;
        }
        report.equal = report.differing_earners == 0;

        for row in &submissions {
            report.stored_rows += count(row, "stored_rows");
            report.other_rows += count(row, "other_rows");
            let hash: &str = row.get("reward_hash");
            if count(row, "differing_days") > 0 || differing.contains(&(hash.to_owned(), row.get("token"))) {
                let funded = funded.get(hash).map_or(Numeric::ZERO, |funded| funded.amount.clone());
                report.submissions.push(submission(row, funded, ends.get(hash), cutoff)?);
            }
        }
        Ok(report)
    }

    /// Lets names mean a schema that has the other runs already.
    async fn use_schema(&self, transaction: &Transaction<'_>, other: &str, cutoff: Day) -> Result<(), RunError> {
        let Self { schemas, request, .. } = self;
        let other = Schemas { own: other.to_owned(), source: schemas.source.clone() };
        require_current(transaction, &other).await?;
        let known = require_same_chain(transaction, &other, request.chain).await?;
        if let Some(known) = known.filter(|known| *known != request.mode) {
            return Err(RunError::OtherMode { schema: other.own, known, given: request.mode });
        }
        let (runs, _) = runs(transaction).await?;
        match runs.last() {
            Some(newest) if newest.cutoff == cutoff => Ok(()),
            newest => Err(RunError::OtherCutoff { schema: other.own, cutoff, newest: newest.map(|run| run.cutoff) }),
        }
    }

    /// Makes the other runs in a scratch schema; names mean it first.
    async fn make(&self, transaction: &Transaction<'_>, cutoffs: &[Day], source: Source) -> Result<(), RunError> {
        let Self { schemas, request, observer, .. } = self;
        let Some((&last, earlier)) = cutoffs.split_last() else { return Ok(()) };
        let scratch = empty_scratch(transaction, schemas, None).await?;
        let earlier = match request.mode {
            Mode::Strict => &[],
            Mode::Compatible => earlier,
        };
        for &cutoff in earlier.iter().chain([&last]) {
            let run = RunRequest {
                mode: request.mode,
                source,
                past_newest_block: true,
                memory: request.memory.clone(),
                ..RunRequest::new(request.chain, CutoffArgument::Date(cutoff))
            };
            let run_id = record(transaction, &run, cutoff).await?;
            let job = Job {
                schemas: &scratch,
                request: &run,
                observer: *observer,
                monitor: None,
                cutoff,
                run_id,
                attempt: 1,
                cumulative: None,
            };
            job.set_aside(transaction, &self.set_aside).await?;
            job.all(transaction).await?;
        }
        Ok(())
    }

    /// Kind and end of every submission.
    async fn ends(&self, transaction: &Transaction<'_>) -> Result<HashMap<String, (String, NaiveDateTime)>, RunError> {
        let rows = transaction
            .query(include_str!("../../../sql/queries/diff/ends.sql"), &[])
            .await
            .map_err(RunError::database("diff/ends"))?;
        Ok(rows.iter().map(|row| (row.get("reward_hash"), (row.get("kind"), row.get("end_timestamp")))).collect())
    }
}

fn count(row: &Row, column: &str) -> u64 {
    u64::try_from(row.get::<_, i64>(column)).unwrap_or_default()
}

fn submission(
    row: &Row,
    funded: Numeric,
    known: Option<&(String, NaiveDateTime)>,
    cutoff: Day,
) -> Result<SubmissionDiff, RunError> {
    let amount = |column| {
        let text: &str = row.get(column);
        text.parse::<Numeric>().map_err(|_| RunError::Unreadable { what: "amount", value: text.to_owned() })
    };
    let day = |column| row.get::<_, Option<NaiveDate>>(column).map(|day| day.to_string());
    let (paid, paid_by_other) = (amount("stored")?, amount("other")?);
    let directed = known.filter(|(kind, _)| SubmissionKind::of(kind) == SubmissionKind::Directed);
    let last = directed.map(|(_, end)| Day::from(end.date())).filter(|last| *last >= cutoff);
    Ok(SubmissionDiff {
        reward_hash: row.get("reward_hash"),
        kind: known.map(|(kind, _)| kind.clone()),
        token: row.get("token"),
        difference: &paid_by_other - &paid,
        funded,
        paid,
        paid_by_other,
        differing_days: count(row, "differing_days"),
        first_day: day("first_day"),
        last_day: day("last_day"),
        paid_when_over: last.map(|last| last.to_string()),
    })
}
