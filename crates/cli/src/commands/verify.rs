//! `paydirt verify`.

use std::collections::BTreeMap;

use pipeline::{Against, Comparison, VerifyReport, VerifyRequest, verify};

use crate::args::{AgainstArgument, Global, VerifyOptions};
use crate::output;
use crate::progress::RunBar;
use crate::session::{client, schemas};

/// Days whose differing rows are printed in full, per relation.
const SHOWN_DAYS: usize = 3;

impl From<AgainstArgument> for Against {
    fn from(against: AgainstArgument) -> Self {
        match against {
            AgainstArgument::Sql => Self::Sql,
            AgainstArgument::Snapshots => Self::Snapshots,
            AgainstArgument::Gold => Self::Gold,
        }
    }
}

pub(crate) async fn execute(global: &Global, options: &VerifyOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let request = VerifyRequest {
        chain: options.which.chain,
        cutoff: options.which.cutoff,
        from: options.from,
        against: options.against.into(),
    };
    let bar = RunBar::new();
    let report = verify(&mut client, &schemas(global), &request, &bar).await;
    bar.clear();
    let report = report?;
    if options.json {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(if report.equal { crate::exit::DONE } else { crate::exit::CHECK_FAILED })
}

fn print(report: &VerifyReport) -> anyhow::Result<()> {
    for comparison in &report.comparisons {
        let Comparison { cutoff, part, expected, computed, .. } = comparison;
        let run = match comparison.run_id {
            Some(run_id) => format!(" (run {run_id})"),
            None if report.against == "sql" => " (not run yet)".to_owned(),
            None => String::new(),
        };
        let differing: usize = comparison.checks.iter().map(|check| check.differing).sum();
        let verdict = match differing {
            0 => "equal".to_owned(),
            differing => format!("{} DIFFER", output::counted(differing as u64, "row")),
        };
        output::line(&format!("{} {cutoff}{run}: {part}, {expected} against {computed}: {verdict}", report.chain))?;
        let rows = if comparison.part == "silver" { by_relation(comparison) } else { by_day(comparison) };
        if rows.is_empty() {
            output::line("no rows on either side\n")?;
            continue;
        }
        let (expected, computed) = (format!("{expected} rows>"), format!("{computed} rows>"));
        output::table(&["relation", "day", &expected, &computed, "differ>"], &rows)?;
        output::line("")?;
        print_differences(comparison)?;
    }
    let checks = || report.comparisons.iter().flat_map(|comparison| &comparison.checks);
    let differing: usize = checks().map(|check| check.differing).sum();
    let rows: usize = checks().map(|check| check.expected_rows).sum();
    output::line(&if report.equal {
        format!("equal: {}", output::counted(rows as u64, "row"))
    } else {
        let one_sided = output::counted(differing as u64, "row");
        format!("NOT equal: {one_sided} on one side only; {} compared", output::counted(rows as u64, "row"))
    })
}

/// A line per relation and day.
fn by_day(comparison: &Comparison) -> Vec<Vec<String>> {
    let count = |count: usize| output::count(count as u64);
    comparison
        .checks
        .iter()
        .map(|check| {
            let day = check.snapshot.clone().unwrap_or_else(|| "-".to_owned());
            vec![
                check.what.clone(),
                day,
                count(check.expected_rows),
                count(check.computed_rows),
                count(check.differing),
            ]
        })
        .collect()
}

/// A line per relation, for relations that hold all of history; days that differ have a line of their own.
fn by_relation(comparison: &Comparison) -> Vec<Vec<String>> {
    let mut relations: Vec<&str> = comparison.checks.iter().map(|check| check.what.as_str()).collect();
    relations.dedup();
    let days = by_day(comparison);
    let mut rows = Vec::new();
    for relation in relations {
        let (mut expected, mut computed, mut differing) = (0, 0, 0);
        let mut span = None;
        for check in comparison.checks.iter().filter(|check| check.what == relation) {
            expected += check.expected_rows as u64;
            computed += check.computed_rows as u64;
            differing += check.differing as u64;
            if let Some(day) = &check.snapshot {
                span = Some((span.map_or(day, |(first, _)| first), day));
            }
        }
        let span = span.map_or_else(|| "-".to_owned(), |(first, last)| format!("{first} .. {last}"));
        let count = output::count;
        rows.push(vec![relation.to_owned(), span, count(expected), count(computed), count(differing)]);
        rows.extend(days.iter().filter(|day| day[0] == relation && day[1] != "-" && day[4] != "0").cloned());
    }
    rows
}

fn print_differences(comparison: &Comparison) -> anyhow::Result<()> {
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for check in comparison.checks.iter().filter(|check| check.differing > 0) {
        let days = shown.entry(&check.what).or_default();
        *days += 1;
        if *days > SHOWN_DAYS {
            continue;
        }
        let day = check.snapshot.as_deref().unwrap_or_default();
        let differing = output::counted(check.differing as u64, "row");
        output::line(&format!("{} {day}: {differing} on one side only, the first:", check.what))?;
        for difference in &check.differences {
            output::line(&format!("  - {}", difference.describe(comparison.expected, comparison.computed)))?;
        }
    }
    for (relation, days) in shown.into_iter().filter(|(_, days)| *days > SHOWN_DAYS) {
        output::line(&format!("{relation}: {} more days differ (--json has all)", days - SHOWN_DAYS))?;
    }
    Ok(())
}
