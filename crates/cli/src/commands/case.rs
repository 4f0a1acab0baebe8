//! `paydirt case`.

use case_runner::{CaseReport, run_case};

use database::{EmbeddedServer, Target};
use tokio_postgres::Config;

use crate::args::{CaseOptions, Global};
use crate::output;
use crate::session::{start, target};

/// Checks whose differing rows are printed in full, per case.
const SHOWN_CHECKS: usize = 8;

pub(crate) async fn execute(global: &Global, options: &CaseOptions) -> anyhow::Result<u8> {
    let target = target(global)?;
    let started_here = match &target {
        Target::Embedded(server) if server.status().await?.pid.is_none() => Some(server.clone()),
        Target::Embedded(_) | Target::Given(..) => None,
    };
    let server = start(target).await?;
    let code = run_all(&server, options).await;
    stop(started_here).await?;
    code
}

/// Stops a server that was started for the cases alone: they leave no process behind.
async fn stop(server: Option<EmbeddedServer>) -> anyhow::Result<()> {
    if let Some(server) = server {
        server.stop().await?;
    }
    Ok(())
}

async fn run_all(server: &Config, options: &CaseOptions) -> anyhow::Result<u8> {
    let mut reports: Vec<CaseReport> = Vec::new();
    let mut broken = false;
    for dir in &options.dirs {
        match run_case(server, dir, case_runner::CaseOptions { keep: options.keep, engine: options.engine.into() })
            .await
        {
            Ok(report) => reports.push(report),
            Err(error) => {
                broken = true;
                let error = anyhow::Error::new(error).context(format!("case {}", dir.display()));
                if crate::exit::report(&error) == crate::exit::UNREACHABLE {
                    return Ok(crate::exit::UNREACHABLE);
                }
            }
        }
    }
    if options.json {
        output::json(&reports)?;
    } else {
        print(&reports)?;
    }
    let passed = !broken && reports.iter().all(CaseReport::passed);
    Ok(if passed { crate::exit::DONE } else { crate::exit::FAILED })
}

fn print(reports: &[CaseReport]) -> anyhow::Result<()> {
    let rows: Vec<Vec<String>> = reports
        .iter()
        .map(|report| {
            let differing = |prefix: &str| {
                let checks: Vec<_> = report.checks.iter().filter(|check| check.what.starts_with(prefix)).collect();
                let wrong = checks.iter().filter(|check| check.differing > 0).count();
                match (checks.len(), wrong) {
                    (0, _) => "-".to_owned(),
                    (all, 0) => format!("{all} equal"),
                    (all, wrong) => format!("{wrong} of {all} DIFFER"),
                }
            };
            vec![
                report.case.clone(),
                report.chain.clone(),
                report.cutoffs.to_string(),
                output::count(report.gold_rows),
                differing("gold"),
                differing("silver"),
                differing("step"),
                differing("root"),
                differing("audit"),
                format!("{:.1}", report.seconds),
                if report.passed() { "ok".to_owned() } else { "DIFFERS".to_owned() },
            ]
        })
        .collect();
    output::table(
        &["case", "chain", "cutoffs>", "gold rows>", "gold", "silver", "steps", "root", "audit", "seconds>", "result"],
        &rows,
    )?;
    for report in reports {
        if let Some(database) = &report.database {
            output::line(&format!("{}: kept database {database}", report.case))?;
        }
        for check in report.checks.iter().filter(|check| check.differing > 0).take(SHOWN_CHECKS) {
            output::line(&format!(
                "\n{}: {}: {} expected, {} computed, {} differ",
                report.case,
                check.what,
                output::counted(check.expected_rows as u64, "row"),
                output::counted(check.computed_rows as u64, "row"),
                check.differing
            ))?;
            for difference in &check.differences {
                output::line(&format!("  - {}", difference.describe("expected", "computed")))?;
            }
        }
    }
    let passed = reports.iter().filter(|report| report.passed()).count();
    output::line(&format!("{passed} of {} cases without a difference", reports.len()))
}
