//! `paydirt diff`.

use std::io::Write;
use std::path::Path;

use pipeline::{DiffReport, DiffRequest, EarnerDiff, SubmissionDiff, diff};
use serde::Serialize;

use crate::args::{DiffOptions, Global};
use crate::output;
use crate::partial::Partial;
use crate::progress::RunBar;
use crate::session::{client, schemas};

#[derive(Serialize)]
struct Result<'a> {
    #[serde(flatten)]
    report: &'a DiffReport,
    /// Those with the largest differences first, as many as were asked for.
    earners: &'a [EarnerDiff],
}

pub(crate) async fn execute(global: &Global, options: &DiffOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let request = DiffRequest {
        chain: options.chain,
        mode: options.mode,
        with: options.with.clone(),
        reward_hash: options.reward_hash.clone(),
        earner: options.earner.clone(),
        memory: options.memory.budget(),
    };
    let to_stdout = options.out.as_deref() == Some(Path::new("-"));
    let mut file = options.out.as_deref().filter(|_| !to_stdout).map(Partial::create).transpose()?;
    let mut earners = Vec::new();
    let bar = RunBar::new();
    let report = diff(&mut client, &schemas(global), &request, &bar, |earner| {
        if to_stdout {
            output::line(&serde_json::to_string(&earner)?)?;
        } else if let Some(file) = &mut file {
            serde_json::to_writer(&mut file.writer, &earner)?;
            file.writer.write_all(b"\n")?;
        }
        if earners.len() < options.limit {
            earners.push(earner);
        }
        anyhow::Ok(())
    })
    .await;
    bar.clear();
    let report = report?;
    if let Some(file) = file {
        file.complete()?;
    }
    if options.json {
        output::json(&Result { report: &report, earners: &earners })?;
    } else if !to_stdout {
        print(&report, &earners)?;
    }
    Ok(crate::exit::DONE)
}

fn print(report: &DiffReport, earners: &[EarnerDiff]) -> anyhow::Result<()> {
    let DiffReport { chain, cutoff, stored, other, stored_rows, other_rows, differing_earners, submissions, .. } =
        report;
    let rows = |rows: &u64| output::counted(*rows, "row");
    output::line(&format!("{chain}, cutoff {cutoff}: {stored} {}, {other} {}", rows(stored_rows), rows(other_rows)))?;
    if !submissions.is_empty() {
        let (paid, by_other) = (format!("{stored}>"), format!("{other}>"));
        let header = ["submission", "kind", "funded>", &paid, &by_other, "difference>", "days>", "from", "to"];
        output::line("\nper submission")?;
        output::table(&header, &submissions.iter().map(row).collect::<Vec<_>>())?;
    }
    for submission in submissions {
        if let Some(last) = submission.paid_when_over.as_ref().filter(|_| *other == "strict") {
            output::line(&format!("note: {} is paid in whole once {last} is over", submission.reward_hash))?;
        }
        if let Some(beyond) = submission.overpaid() {
            output::line(&format!("note: {} has paid {beyond} more than it holds", submission.reward_hash))?;
        }
    }
    if !earners.is_empty() {
        output::line("\nper earner")?;
        let (paid, by_other) = (format!("{stored}>"), format!("{other}>"));
        let cells = |of: &EarnerDiff| {
            let EarnerDiff { reward_hash, earner, paid, paid_by_other, difference, .. } = of.clone();
            vec![reward_hash, earner, paid, paid_by_other, difference]
        };
        let rows: Vec<_> = earners.iter().map(cells).collect();
        output::table(&["submission", "earner", &paid, &by_other, "difference>"], &rows)?;
    }
    let left = differing_earners.saturating_sub(earners.len() as u64);
    if left > 0 {
        output::line(&format!("{} more (--limit, or --out for all)", output::counted(left, "earner")))?;
    }
    output::line(&match differing_earners {
        0 => "\nequal: every earner gets the same of every submission".to_owned(),
        _ => format!(
            "\n{} of {}: another amount",
            output::counted(*differing_earners, "earner"),
            output::counted(submissions.len() as u64, "submission")
        ),
    })
}

fn row(submission: &SubmissionDiff) -> Vec<String> {
    let SubmissionDiff { reward_hash, kind, funded, paid, paid_by_other, difference, differing_days, .. } = submission;
    let sign = if difference.is_positive() { "+" } else { "" };
    let day = |day: &Option<String>| day.clone().unwrap_or_default();
    vec![
        reward_hash.clone(),
        kind.clone().unwrap_or_else(|| "unknown".to_owned()),
        funded.to_string(),
        paid.to_string(),
        paid_by_other.to_string(),
        format!("{sign}{difference}"),
        output::count(*differing_days),
        day(&submission.first_day),
        day(&submission.last_day),
    ]
}
