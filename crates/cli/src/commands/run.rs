//! `paydirt run`.

use backon::Retryable;
use pipeline::{Engine, RunError, RunOutcome, RunRequest, Source, run};
use serde::Serialize;

use crate::args::{EngineArgument, Global, RunOptions, SourceArgument};
use crate::output;
use crate::progress::RunBar;
use crate::retry;
use crate::session::{client, schemas};
use crate::signals::{Ended, stoppable};

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
    units: u64,
    seconds: f64,
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
    let request = RunRequest {
        source: options.source.into(),
        engine: options.engine.into(),
        quarantine: options.quarantine,
        ahead_months: options.ahead,
        ..RunRequest::new(chain, options.which.cutoff)
    };
    let bar = RunBar::new();
    let schemas = schemas(global);
    // The first connection is made once: who names an unreachable database wants to know. Later ones are worth waiting for.
    let mut first = Some(client(global).await?);
    let attempt = || {
        let first = first.take();
        let (schemas, request, bar) = (&schemas, &request, &bar);
        async move {
            let mut session = match first {
                Some(session) => session,
                None => client(global).await?,
            };
            anyhow::Ok(run(&mut session, schemas, request, bar).await?)
        }
    };
    let running = attempt
        .retry(retry::policy())
        .when(|error| !request.stop.is_requested() && retry::is_transient(error))
        .notify(|error, pause| bar.say(&format!("note: {error:#}; trying again in {:.1} s", pause.as_secs_f64())));
    let (ended, signalled) = stoppable(&request.stop, running).await?;
    bar.clear();
    let outcome = match ended {
        Ended::Finished(outcome) => outcome,
        Ended::GivenUp => {
            eprintln!("stopped in the middle of a unit, which is rolled back; the same command goes on");
            return Ok(signalled.0.unwrap_or(crate::exit::FAILED));
        }
    };
    if let (Err(error), Some(code)) = (&outcome, signalled.0)
        && matches!(error.downcast_ref(), Some(RunError::Interrupted { .. }))
    {
        crate::exit::report(error);
        return Ok(code);
    }
    let result = match outcome? {
        RunOutcome::AlreadyComplete { cutoff, done_by } => Result {
            chain: chain.to_string(),
            cutoff: cutoff.to_string(),
            outcome: "already_complete",
            run_id: None,
            done_by: Some(done_by.to_string()),
            gold_rows: 0,
            rewards: 0,
            units: 0,
            seconds: 0.0,
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
            units: summary.plan.units,
            seconds: summary.seconds,
            paid: summary
                .paid
                .into_iter()
                .map(|(token, paid)| PaidToken { token, rows: paid.rows, amount: paid.amount.to_string() })
                .collect(),
        },
    };
    if options.json {
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
