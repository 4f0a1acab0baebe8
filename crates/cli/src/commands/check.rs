//! `paydirt check`.

use pipeline::check_invariants;

use crate::args::{CheckOptions, Global};
use crate::output;
use crate::progress::RunBar;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &CheckOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let bar = RunBar::new();
    let reports = check_invariants(&mut client, &schemas(global), &bar).await;
    bar.clear();
    let reports = reports?;
    let violated = reports.iter().filter(|report| report.violations > 0).count();
    if options.json {
        output::json(&reports)?;
    } else {
        let row = |report: &pipeline::InvariantReport| {
            let result = if report.violations == 0 { "holds".to_owned() } else { "VIOLATED".to_owned() };
            vec![report.invariant.to_owned(), output::count(report.violations as u64), result]
        };
        output::table(&["invariant", "rows>", "result"], &reports.iter().map(row).collect::<Vec<_>>())?;
        for report in reports.iter().filter(|report| report.violations > 0) {
            output::line(&format!("\n{} (sql/checks/{0}.sql), the first rows:", report.invariant))?;
            for violation in &report.first {
                output::line(&format!("  - {}: {}", violation.key, violation.detail))?;
            }
        }
        output::line(&match violated {
            0 => format!("{} invariants hold", reports.len()),
            violated => format!("{violated} of {} invariants are VIOLATED", reports.len()),
        })?;
    }
    Ok(if violated == 0 { crate::exit::DONE } else { crate::exit::CHECK_FAILED })
}
