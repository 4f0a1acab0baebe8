//! `paydirt backfill`.

use pipeline::{BackfillPlan, BackfillRequest, BackfillSummary, RunRequest, Size, Stop, backfill, backfill_plan};

use crate::args::{BackfillOptions, Global};
use crate::output;
use crate::progress::RunBar;
use crate::retry::{Outcome, persist};
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &BackfillOptions) -> anyhow::Result<u8> {
    let stop = Stop::default();
    let run = options.how.request(options.chain, options.to, &stop);
    let request = BackfillRequest { run, from: options.from, every: options.every };
    let bar = RunBar::new();
    let schemas = schemas(global);
    if options.dry_run {
        let mut client = client(global).await?;
        let plan = backfill_plan(&mut client, &schemas, &request, &bar).await;
        bar.clear();
        print_plan(&plan?, options.how.json)?;
        return Ok(crate::exit::DONE);
    }
    let outcome = persist(global, &stop, &bar, async |client, sessions| {
        let run = RunRequest { sessions: Some(sessions), ..request.run.clone() };
        backfill(client, &schemas, &BackfillRequest { run, ..request.clone() }, &bar).await
    })
    .await?;
    match outcome {
        Outcome::Stopped(code) => Ok(code),
        Outcome::Done(summary) => {
            print_summary(options, &summary)?;
            Ok(crate::exit::DONE)
        }
    }
}

fn print_summary(options: &BackfillOptions, summary: &BackfillSummary) -> anyhow::Result<()> {
    if options.how.json {
        return output::json(summary);
    }
    let chain = options.chain;
    let (Some(first), Some(last)) = (summary.runs.first(), summary.runs.last()) else {
        return output::line(&format!("{chain}: every cutoff is complete already, nothing to do"));
    };
    output::line(&format!(
        "{chain} {} .. {}: {} with {} in {:.2} s{}",
        first.cutoff,
        last.cutoff,
        output::counted(summary.runs.len() as u64, "cutoff"),
        output::counted(summary.gold_rows, "gold row"),
        summary.seconds,
        match summary.already_complete {
            0 => String::new(),
            complete => format!(" ({complete} were complete already)"),
        }
    ))
}

fn print_plan(plan: &BackfillPlan, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(plan);
    }
    match (plan.cutoffs.first(), plan.cutoffs.last()) {
        (Some(first), Some(last)) => output::line(&format!(
            "{}: {} from {first} to {last} would be run; {} complete already",
            plan.chain,
            output::counted(plan.cutoffs.len() as u64, "cutoff"),
            plan.already_complete
        ))?,
        _ => return output::line(&format!("{}: every cutoff is complete already, nothing to do", plan.chain)),
    }
    output::line(&format!("what is to be paid by then:\n{}", plan.plan))?;
    output::line(&format!(
        "about {} and {} to the server, as far as computing {} on trial tells; nothing was written",
        output::counted(plan.expected_rows, "gold row"),
        Size(plan.expected_bytes),
        plan.sampled_days.join(", ")
    ))
}
