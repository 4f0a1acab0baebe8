//! Rows of a table as text, day by day, in bounded memory.

use std::collections::VecDeque;

use chrono::NaiveDate;
use reward_rules::{Day, Step, step_columns};
use tokio_postgres::{Portal, Transaction};

use crate::RunError;

/// Rows fetched at once.
const FETCHED_ROWS: i32 = 4096;

/// Reads a table in the order of its snapshots.
pub(crate) struct StepCursor {
    what: &'static str,
    portal: Portal,
    /// Fetched rows of this and the next days.
    rows: VecDeque<(Day, Vec<String>)>,
    exhausted: bool,
}

impl StepCursor {
    /// The rows of a step as the oracle computed them.
    pub(crate) async fn of_oracle(transaction: &Transaction<'_>, step: Step) -> Result<Self, RunError> {
        // Both names are constants of ours. Steps 16 to 21 have a timestamp where the others have a date.
        let cells: Vec<String> = step_columns(step)
            .iter()
            .map(|column| match *column {
                "snapshot" => "snapshot::date::text".to_owned(),
                column => format!("coalesce({column}::text, '')"),
            })
            .collect();
        let statement = format!(
            "SELECT snapshot::date AS day, ARRAY[{}] AS cells FROM oracle_gold_{} ORDER BY snapshot",
            cells.join(", "),
            step.name()
        );
        Self::open(transaction, step.name(), &statement, &[]).await
    }

    /// The rows of `gold_table` that a run wrote; `statement` yields `day` and `cells` ordered by day.
    pub(crate) async fn open(
        transaction: &Transaction<'_>,
        what: &'static str,
        statement: &str,
        parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<Self, RunError> {
        let statement = transaction.prepare(statement).await.map_err(RunError::database(what))?;
        let portal = transaction.bind(&statement, parameters).await.map_err(RunError::database(what))?;
        Ok(Self { what, portal, rows: VecDeque::new(), exhausted: false })
    }

    async fn fetch(&mut self, transaction: &Transaction<'_>) -> Result<(), RunError> {
        let rows = transaction.query_portal(&self.portal, FETCHED_ROWS).await.map_err(RunError::database(self.what))?;
        self.exhausted = rows.len() < FETCHED_ROWS as usize;
        self.rows.extend(rows.iter().map(|row| (Day::from(row.get::<_, NaiveDate>("day")), row.get("cells"))));
        Ok(())
    }

    /// The day of the next row, if there is one.
    pub(crate) async fn peek_day(&mut self, transaction: &Transaction<'_>) -> Result<Option<Day>, RunError> {
        if self.rows.is_empty() && !self.exhausted {
            self.fetch(transaction).await?;
        }
        Ok(self.rows.front().map(|(day, _)| *day))
    }

    /// All rows of the next day.
    pub(crate) async fn next_day(
        &mut self,
        transaction: &Transaction<'_>,
    ) -> Result<Option<(Day, Vec<Vec<String>>)>, RunError> {
        let Some(day) = self.peek_day(transaction).await? else { return Ok(None) };
        let mut cells = Vec::new();
        while self.peek_day(transaction).await? == Some(day) {
            while let Some((_, row)) = self.rows.pop_front_if(|(next, _)| *next == day) {
                cells.push(row);
            }
        }
        Ok(Some((day, cells)))
    }
}
