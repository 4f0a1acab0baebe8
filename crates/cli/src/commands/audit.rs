//! `paydirt audit`.

use pipeline::{AuditReport, AuditRequest, AuditedSubmission, Columns, OpenDay, OverpaidDay, Overpayment, audit};

use crate::args::{AuditOptions, Global};
use crate::output;
use crate::progress::RunBar;
use crate::session::{client, schemas};

/// Findings and days that do not close that are printed in full.
const SHOWN: usize = 20;

pub(crate) async fn execute(global: &Global, options: &AuditOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let request = AuditRequest {
        from: options.from,
        to: options.to,
        reward_hash: options.reward_hash.clone(),
        memory: options.memory.budget(),
        ..AuditRequest::new(options.chain)
    };
    let bar = RunBar::new();
    let report = audit(&mut client, &schemas(global), &request, &bar).await;
    bar.clear();
    let report = report?;
    if options.json {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(if report.closes { crate::exit::DONE } else { crate::exit::CHECK_FAILED })
}

fn print(report: &AuditReport) -> anyhow::Result<()> {
    let Some(cutoff) = &report.cutoff else {
        output::line("no complete run yet: there is nothing to audit")?;
        return print_set_aside(report);
    };
    output::line(&format!("{}, runs up to cutoff {cutoff}", report.chain))?;
    // What should be zero has a column only if it is not.
    let spoilt = report.submissions.iter().any(|of| is_spoilt(&of.columns));
    for totals in &report.tokens {
        let of_token = || report.submissions.iter().filter(|submission| submission.token == totals.token);
        let mut rows: Vec<Vec<String>> = of_token().map(|submission| row(submission, spoilt)).collect();
        let closes = of_token().all(|submission| submission.closes);
        rows.push(cells(
            "total",
            &output::counted(totals.submissions, "submission"),
            &totals.columns,
            totals.remaining_days,
            closes,
            spoilt,
        ));
        output::line(&format!("\ntoken {}", totals.token))?;
        output::table(&header(spoilt), &rows)?;
    }
    print_findings(report)?;
    print_notes(report)?;
    print_set_aside(report)?;
    let open = report.submissions.iter().filter(|submission| !submission.closes).count();
    let submissions = output::counted(report.submissions.len() as u64, "submission");
    output::line(&match open {
        0 => format!("\nclosed: {submissions}"),
        open => format!("\nNOT closed: {open} of {submissions}"),
    })
}

fn is_spoilt(columns: &Columns) -> bool {
    !(columns.unattributed.is_zero() && columns.difference.is_zero())
}

fn header(spoilt: bool) -> Vec<&'static str> {
    let mut header = vec![
        "submission",
        "kind",
        "funded>",
        "stakers>",
        "operators>",
        "refunded>",
        "dust>",
        "undistributed>",
        "remaining>",
        "days left>",
        "overpaid>",
    ];
    if spoilt {
        header.extend(["unattributed>", "difference>"]);
    }
    header.push("closes");
    header
}

fn row(submission: &AuditedSubmission, spoilt: bool) -> Vec<String> {
    let AuditedSubmission { reward_hash, kind, columns, remaining_days, closes, .. } = submission;
    cells(reward_hash, kind, columns, u64::from(*remaining_days), *closes, spoilt)
}

fn cells(what: &str, kind: &str, columns: &Columns, days: u64, closes: bool, spoilt: bool) -> Vec<String> {
    let mut cells = vec![
        what.to_owned(),
        kind.to_owned(),
        columns.funded.to_string(),
        columns.stakers.to_string(),
        columns.operators.to_string(),
        columns.refunded.to_string(),
        columns.dust.to_string(),
        columns.undistributed.to_string(),
        columns.remaining.to_string(),
        output::count(days),
        columns.overpaid.to_string(),
    ];
    if spoilt {
        cells.extend([columns.unattributed.to_string(), columns.difference.to_string()]);
    }
    cells.push(if closes { "yes" } else { "NO" }.to_owned());
    cells
}

fn print_findings(report: &AuditReport) -> anyhow::Result<()> {
    if !report.overpaid.is_empty() {
        output::line("\noverpaid by the rules:")?;
    }
    for Overpayment { reward_hash, kind, quirk, meaning, amount, days, .. } in report.overpaid.iter().take(SHOWN) {
        output::line(&format!("  {reward_hash} ({kind}): {amount}, {quirk}: {meaning}"))?;
        for line in spans(days) {
            output::line(&format!("    {line}"))?;
        }
    }
    more(report.overpaid.len(), "overpayment")?;
    if !report.open.is_empty() {
        output::line("\nNOT closed:")?;
    }
    for open in report.open.iter().take(SHOWN) {
        output::line(&format!("  {}", describe(open)))?;
    }
    more(report.open.len(), "day")
}

fn more(all: usize, what: &str) -> anyhow::Result<()> {
    match all.saturating_sub(SHOWN) {
        0 => Ok(()),
        more => output::line(&format!("  {} more (--json has all)", output::counted(more as u64, what))),
    }
}

fn describe(open: &OpenDay) -> String {
    let OpenDay { reward_hash, snapshot, run_id, reason, stored_rows, stored, recomputed_rows, recomputed } = open;
    let day = snapshot.as_ref().map(|day| format!(" {day}")).unwrap_or_default();
    let run = run_id.map(|run| format!(" (run {run})")).unwrap_or_default();
    let rows = output::counted;
    format!(
        "{reward_hash}{day}{run}: {reason}: {stored} stored in {}, {recomputed} recomputed in {}",
        rows(*stored_rows, "row"),
        rows(*recomputed_rows, "row")
    )
}

/// Days one after another with the same amount on one line.
fn spans(days: &[OverpaidDay]) -> Vec<String> {
    let date = |day: &OverpaidDay| day.snapshot.parse::<reward_rules::Day>().ok();
    let follows = |one: &OverpaidDay, next: &OverpaidDay| {
        one.amount == next.amount && date(one).map(reward_rules::Day::next) == date(next)
    };
    days.chunk_by(follows)
        .map(|span| match span {
            [day] => format!("{}: {}", day.snapshot, day.amount),
            span => {
                let (first, last) = (&span[0].snapshot, &span[span.len() - 1].snapshot);
                format!("{first} .. {last}: {} on each of {} days", span[0].amount, span.len())
            }
        })
        .collect()
}

fn print_notes(report: &AuditReport) -> anyhow::Result<()> {
    let mut notes = Vec::new();
    let dropped: u64 = report.submissions.iter().map(|submission| u64::from(submission.dropped_days)).sum();
    if dropped > 0 {
        let submissions = report.submissions.iter().filter(|submission| submission.dropped_days > 0).count();
        notes.push(format!(
            "the rows of {} of {} were dropped on purpose; the columns have what the rules pay for them",
            output::counted(dropped, "day"),
            output::counted(submissions as u64, "submission")
        ));
    }
    for submission in report.submissions.iter().filter(|submission| submission.rows_disagree) {
        notes.push(format!("the rows of {} do not say one thing: what was put in is a guess", submission.reward_hash));
    }
    for submission in report.submissions.iter().filter(|submission| !submission.columns.unattributed.is_zero()) {
        let Columns { unattributed, .. } = &submission.columns;
        notes.push(format!("{}: {unattributed} are stored for earners the rules do not pay", submission.reward_hash));
    }
    if !notes.is_empty() {
        output::line("")?;
    }
    notes.iter().try_for_each(|note| output::line(&format!("note: {note}")))
}

fn print_set_aside(report: &AuditReport) -> anyhow::Result<()> {
    for set_aside in &report.set_aside {
        let pipeline::SetAside { reward_hash, source_table, reason } = set_aside;
        output::line(&format!("note: {reward_hash} of {source_table} is set aside and not audited: {reason}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_a_row_with_one_amount_are_one_line() {
        let day = |snapshot: &str, amount: i64| OverpaidDay { snapshot: snapshot.to_owned(), amount: amount.into() };
        let days = [
            day("2025-02-27", 5),
            day("2025-02-28", 5),
            day("2025-03-01", 5),
            day("2025-03-02", 6),
            day("2025-03-04", 6),
        ];
        assert_eq!(spans(&days), ["2025-02-27 .. 2025-03-01: 5 on each of 3 days", "2025-03-02: 6", "2025-03-04: 6"]);
    }
}
