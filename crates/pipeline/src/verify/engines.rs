//! The two implementations of the rules, side by side.

use comparison::{Check, Table};
use delta_extractor::Source;
use memory_budget::Budget;
use reward_rules::{ActiveDays, Chain, Day, Mode, Step, step_columns};
use tokio_postgres::{GenericClient, Transaction};

use super::relations::{self, Pair};
use crate::compute::{self, Computed, Work};
use crate::job::refresh;
use crate::ledger;
use crate::sql_engine;
use crate::step_rows::StepCursor;
use crate::sweep::{Numbering, Planned, Question, Sweep};
use crate::{Event, Observer, RunError, Schemas, Silent};

/// What comparing the engines for one cutoff showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineChecks {
    /// The silver relations, day by day where they have days.
    pub silver: Vec<Check>,
    /// Steps 1–22, day by day.
    pub steps: Vec<Check>,
    /// The stored gold rows, day by day.
    pub gold: Vec<Check>,
    /// Count and fingerprint of the rows of step 22 as the SQL engine has them; see [`gold_fingerprint`].
    pub fingerprint: String,
}

/// The fingerprint of the rows a run wrote.
///
/// # Errors
/// If the server refuses.
pub async fn gold_fingerprint<C: GenericClient>(client: &C, run_id: i64) -> Result<String, RunError> {
    let run_id = i32::try_from(run_id).map_err(|_| RunError::TooManyRuns(run_id))?;
    let row = client
        .query_one(include_str!("../../../../sql/queries/verify/gold_fingerprint.sql"), &[&run_id])
        .await
        .map_err(RunError::database("gold_fingerprint"))?;
    Ok(row.get("fingerprint"))
}

impl EngineChecks {
    /// The checks that found a difference.
    pub fn differing(&self) -> impl Iterator<Item = &Check> {
        [&self.silver, &self.steps, &self.gold].into_iter().flatten().filter(|check| check.differing > 0)
    }
}

/// Brings silver in the own schema up to a cutoff, lets both engines compute what its watermarks ask for, and compares
/// silver and steps 1–22. Writes no gold. Expects a transaction whose search path has the own schema first.
///
/// # Errors
/// If either engine fails.
pub async fn compare_engines(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    chain: Chain,
    cutoff: Day,
    observer: &dyn Observer,
) -> Result<EngineChecks, RunError> {
    let question = Question { chain, mode: Mode::Compatible, cutoff, source: Source::Events };
    compare(transaction, schemas, schemas, question, None, observer).await
}

/// The rows that a run left in gold.
pub(super) struct StoredGold {
    pub(super) cursor: StepCursor,
    /// Days whose rows were dropped on purpose: they are not compared.
    pub(super) dropped: Vec<ActiveDays>,
}

/// As [`compare_engines`]; silver is that of another installation, and `gold` are stored rows for the same work.
pub(super) async fn compare(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    silver: &Schemas,
    question: Question,
    gold: Option<StoredGold>,
    observer: &dyn Observer,
) -> Result<EngineChecks, RunError> {
    let Question { chain, cutoff, source, .. } = question;
    let budget = Budget::default();
    if source == Source::Events {
        refresh(transaction, chain, cutoff, None, &budget, &Silent).await?;
    }
    sql_engine::compute(transaction, schemas, question, observer).await?;

    let fingerprint = transaction
        .query_one(include_str!("../../../../sql/queries/oracle/fingerprint.sql"), &[])
        .await
        .map_err(RunError::database("oracle/fingerprint"))?
        .get("fingerprint");
    let mut checks = EngineChecks { fingerprint, ..EngineChecks::default() };
    if source == Source::Events {
        relations::prepare_to_compare(transaction).await?;
        for relation in crate::silver_relations() {
            let pair = Pair {
                what: relation.name,
                expected: (None, &format!("oracle_{}", relation.name)),
                computed: (&silver.own, relation.name),
                columns: relation.columns(),
                days: (None, None),
            };
            checks.silver.extend(relations::compare(transaction, pair).await?);
            observer.event(Event::Compared { what: relation.name });
        }
    }

    let mut sweep = Sweep::read(transaction, question, None, &budget).await?;
    let planned = sweep.plan(transaction, schemas, cutoff, None, observer).await?;
    compare_steps(transaction, schemas, sweep, planned, gold, &mut checks, observer).await?;
    Ok(checks)
}

/// The rows of one side of a step, next to those the native engine is about to compute.
struct Side {
    what: &'static str,
    step: Step,
    /// Whether these rows are the expected ones, or the ones compared with what is computed now.
    expected: bool,
    cursor: StepCursor,
    /// Days that are not compared.
    left_out: Vec<ActiveDays>,
    checks: Vec<Check>,
}

impl Side {
    /// Compares the rows of days before `day` with none, and those of `day` with the native ones.
    async fn meet(
        &mut self,
        transaction: &Transaction<'_>,
        day: Option<Day>,
        native: Vec<Vec<String>>,
    ) -> Result<(), RunError> {
        while let Some(next) = self.cursor.peek_day(transaction).await?
            && day.is_none_or(|day| next < day)
        {
            let rows = self.cursor.next_day(transaction).await?.map(|(_, rows)| rows).unwrap_or_default();
            self.check(next, rows, Vec::new());
        }
        let Some(day) = day else { return Ok(()) };
        let mut rows = Vec::new();
        if self.cursor.peek_day(transaction).await? == Some(day) {
            rows = self.cursor.next_day(transaction).await?.map(|(_, rows)| rows).unwrap_or_default();
        }
        if !(rows.is_empty() && native.is_empty()) {
            self.check(day, rows, native);
        }
        Ok(())
    }

    fn check(&mut self, day: Day, rows: Vec<Vec<String>>, native: Vec<Vec<String>>) {
        if self.left_out.iter().any(|days| (days.first..=days.last).contains(&day)) {
            return;
        }
        let columns: Vec<String> = step_columns(self.step).iter().map(|&column| column.to_owned()).collect();
        let other = Table { columns: columns.clone(), rows };
        let native = Table { columns, rows: native };
        let (expected, computed) = if self.expected { (&other, &native) } else { (&native, &other) };
        let mut check = comparison::compare(self.what.to_owned(), expected, computed);
        check.snapshot = Some(day.to_string());
        self.checks.push(check);
    }
}

async fn compare_steps(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    mut sweep: Sweep,
    planned: Planned,
    gold: Option<StoredGold>,
    checks: &mut EngineChecks,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    let mut sides = Vec::new();
    for step in Step::ALL {
        let cursor = StepCursor::of_oracle(transaction, step).await?;
        sides.push(Side { what: step.name(), step, expected: true, cursor, left_out: Vec::new(), checks: Vec::new() });
    }
    let mut gold = gold.map(|StoredGold { cursor, dropped }| Side {
        what: "gold_table",
        step: Step::Staging,
        expected: false,
        cursor,
        left_out: dropped,
        checks: Vec::new(),
    });
    for unit in ledger::cut(&planned.rewards_per_day(), ledger::PAIRS_PER_UNIT) {
        let mut days = unit.days;
        loop {
            let numbering = Numbering { transaction, sessions: None, schemas };
            let work = Work { collect_steps: true, ..sweep.work(numbering, &planned, days).await? };
            let last = work.days.last;
            let (mut receiver, computing) = compute::start(work);
            while let Some(computed) = receiver.recv().await {
                let Computed::Day(mut computed) = computed? else { continue };
                if let Some(gold) = &mut gold {
                    let rows = computed.steps.get(&Step::Staging).map(|table| table.rows.clone()).unwrap_or_default();
                    gold.meet(transaction, Some(computed.day), rows).await?;
                }
                for side in &mut sides {
                    let rows = computed.steps.remove(&side.step).map(|table| table.rows).unwrap_or_default();
                    side.meet(transaction, Some(computed.day), rows).await?;
                }
                let rows = computed.rows_of.iter().map(|(_, rows)| rows).sum();
                observer.event(Event::DayComputed { day: computed.day, rows, units: computed.units });
            }
            computing.await.map_err(|_| RunError::Stopped)?;
            if last >= days.last {
                break;
            }
            days.first = last.next();
        }
    }
    for side in sides.iter_mut().chain(&mut gold) {
        side.meet(transaction, None, Vec::new()).await?;
    }
    checks.steps = sides.into_iter().flat_map(|side| side.checks).collect();
    checks.gold = gold.map(|side| side.checks).unwrap_or_default();
    Ok(())
}
