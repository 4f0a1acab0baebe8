//! `paydirt run`.

use std::collections::BTreeMap;

use pipeline::{Engine, RunOutcome, RunRequest, Source, Stop, run};
use serde::Serialize;

use crate::args::{EngineArgument, Global, RunOptions, SourceArgument};
use crate::output;
use crate::progress::RunBar;
use crate::retry::{Outcome, persist};
use crate::session::schemas;

impl From<SourceArgument> for Source {
    fn from(source: SourceArgument) -> Self {
        match source {
            SourceArgument::Events => Self::Events,
            SourceArgument::Snapshots => Self::Snapshots,
        }
    }
}

impl From<EngineArgument> for Engine {
    fn from(engine: EngineArgument) -> Self {
        match engine {
            EngineArgument::Native => Self::Native,
            EngineArgument::Sql => Self::Sql,
        }
    }
}

#[derive(Serialize)]
struct Result {
    chain: String,
    cutoff: String,
    /// `complete`, or `already_complete` when nothing was done.
    outcome: &'static str,
    run_id: Option<i64>,
    done_by: Option<String>,
    gold_rows: u64,
    rewards: usize,
    /// The root of the day before the cutoff, if it was stored.
    root: Option<String>,
    units: u64,
    seconds: f64,
    /// What they went into, by `pipeline::Stage`; connections and the lock are left over.
    stages: BTreeMap<&'static str, f64>,
    paid: Vec<PaidToken>,
}

/// What was paid in one token; the amount is a decimal text.
#[derive(Serialize)]
struct PaidToken {
    token: String,
    rows: u64,
    amount: String,
}

pub(crate) async fn execute(global: &Global, options: &RunOptions) -> anyhow::Result<u8> {
    let chain = options.which.chain;
    let stop = Stop::default();
    let request = options.how.request(chain, options.which.cutoff, &stop);
    let bar = RunBar::new();
    let schemas = schemas(global);
    let outcome = persist(global, &stop, &bar, async |client, sessions| {
        let request = RunRequest { sessions: Some(sessions), ..request.clone() };
        run(client, &schemas, &request, &bar).await
    })
    .await?;
    let outcome = match outcome {
        Outcome::Done(outcome) => outcome,
        Outcome::Stopped(code) => return Ok(code),
    };
    let result = match outcome {
        RunOutcome::AlreadyComplete { cutoff, done_by } => Result {
            chain: chain.to_string(),
            cutoff: cutoff.to_string(),
            outcome: "already_complete",
            run_id: None,
            done_by: Some(done_by.to_string()),
            gold_rows: 0,
            rewards: 0,
            root: None,
            units: 0,
            seconds: 0.0,
            stages: BTreeMap::new(),
            paid: Vec::new(),
        },
        RunOutcome::Completed(summary) => Result {
            chain: chain.to_string(),
            cutoff: summary.cutoff.to_string(),
            outcome: "complete",
            run_id: Some(summary.run_id),
            done_by: None,
            gold_rows: summary.gold_rows,
            rewards: summary.rewards,
            root: summary.root,
            units: summary.plan.units,
            seconds: summary.seconds,
            stages: request.stages.seconds(),
            paid: summary
                .paid
                .into_iter()
                .map(|(token, paid)| PaidToken { token, rows: paid.rows, amount: paid.amount.to_string() })
                .collect(),
        },
    };
    if options.how.json {
        output::json(&result)?;
    } else {
        output::line(&describe(&result))?;
        let row = |paid: &PaidToken| vec![paid.token.clone(), output::count(paid.rows), paid.amount.clone()];
        if !result.paid.is_empty() {
            output::table(&["token", "rows>", "amount>"], &result.paid.iter().map(row).collect::<Vec<_>>())?;
        }
    }
    Ok(crate::exit::DONE)
}

fn describe(result: &Result) -> String {
    let Result { chain, cutoff, .. } = result;
    match &result.done_by {
        Some(done_by) if done_by == cutoff => format!("{chain} {cutoff}: already complete, nothing to do"),
        Some(done_by) => format!("{chain} {cutoff}: already covered by the complete run {done_by}, nothing to do"),
        None => format!(
            "{chain} {cutoff}: {} for {} in {:.2} s (run {})",
            output::counted(result.gold_rows, "gold row"),
            output::counted(result.rewards as u64, "submission"),
            result.seconds,
            result.run_id.unwrap_or_default(),
        ),
    }
}
