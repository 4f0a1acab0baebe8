//! What each statement costs in the server (pg_stat_statements).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

use crate::figures;
use crate::table;

/// The server's settings for it.
pub(crate) const SETTINGS: [(&str, &str); 3] = [
    ("shared_preload_libraries", "pg_stat_statements"),
    ("pg_stat_statements.track", "all"),
    ("pg_stat_statements.max", "10000"),
];

/// How many are printed, and how much of their text.
const PRINTED: usize = 30;
const PRINTED_TEXT: usize = 110;

/// What one statement costs a night, by days of history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StatementCost {
    /// Its text, white space collapsed; ours begin with their purpose.
    pub(crate) statement: String,
    /// Whether a client sent it. Others are part of one that is listed too.
    pub(crate) is_top_level: bool,
    /// Milliseconds a night after the histories of the bench, the shortest first.
    pub(crate) ms: Vec<f64>,
}

/// Adds up what statements cost.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    ms: BTreeMap<(String, bool), f64>,
}

impl Statements {
    /// Makes the extension.
    pub(crate) async fn prepare(client: &Client) -> anyhow::Result<()> {
        client.batch_execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").await?;
        Ok(())
    }

    /// Forgets what has been measured so far.
    pub(crate) async fn reset(client: &Client) -> anyhow::Result<()> {
        client.batch_execute("SELECT pg_stat_statements_reset()").await?;
        Ok(())
    }

    /// Adds what was measured since the last reset.
    pub(crate) async fn collect(&mut self, client: &Client) -> anyhow::Result<()> {
        for row in client.query(include_str!("../sql/statements.sql"), &[]).await? {
            let ms = self.ms.entry((row.get("statement"), row.get("is_top_level"))).or_default();
            *ms = figures::sum([*ms, row.get("ms")]);
        }
        Ok(())
    }
}

impl StatementCost {
    /// Joins what was collected per history over some nights.
    pub(crate) fn join(collected: &[Statements], nights: u32) -> Vec<Self> {
        let mut keys: Vec<&(String, bool)> = collected.iter().flat_map(|statements| statements.ms.keys()).collect();
        keys.sort();
        keys.dedup();
        let of = |statements: &Statements, key| {
            figures::ratio_of(statements.ms.get(key).copied().unwrap_or_default(), f64::from(nights))
        };
        keys.into_iter()
            .map(|key| Self {
                statement: key.0.clone(),
                is_top_level: key.1,
                ms: collected.iter().map(|statements| of(statements, key)).collect(),
            })
            .collect()
    }

    /// The text from its purpose on: checks of submissions begin with what they have in common.
    fn purpose(&self) -> &str {
        let checks = self.statement.find("-- Check: ").map(|at| &self.statement[at..]);
        checks.unwrap_or(&self.statement).trim_start_matches("-- Purpose: ").trim_start_matches("-- ")
    }

    fn growth(&self) -> f64 {
        let (first, last) = (self.ms.first().copied(), self.ms.last().copied());
        figures::minus(last.unwrap_or_default(), first.unwrap_or_default())
    }

    /// Prints those that grow most from the first to the last history.
    pub(crate) fn print(statements: &[Self]) {
        let mut statements: Vec<&Self> = statements.iter().collect();
        statements.sort_by(|a, b| b.growth().total_cmp(&a.growth()));
        table::print(
            &["statement", "from", "ms a night, by history>", "growth ms>"],
            statements.iter().take(PRINTED).map(|s| {
                let ms: Vec<String> = s.ms.iter().map(|ms| format!("{ms:.1}")).collect();
                let text: String = s.purpose().chars().take(PRINTED_TEXT).collect();
                let from = if s.is_top_level { "client" } else { "function" };
                vec![text, from.to_owned(), ms.join(" → "), format!("{:.1}", s.growth())]
            }),
        );
    }
}
