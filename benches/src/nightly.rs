//! What one more day costs after a short and after a long history.
//!
//! 1. Every history gets a server of its own: its blocks, then a first run, then statistics.
//! 2. Night by night, on each server in turn, so that other work on the machine hits all alike: the indexer's new rows are
//!    added, then `paydirt run` is measured.
//! 3. The figure is the median night after the longest history by that after the shortest.

use std::path::Path;

use anyhow::bail;
use chrono::Days;

use crate::args::RunOptions;
use crate::dataset;
use crate::feed;
use crate::figures;
use crate::paydirt::Paydirt;
use crate::presets::Nightly;
use crate::report::{Measurement, Report};
use crate::server::Server;
use crate::statements::{SETTINGS, StatementCost, Statements};

/// One history on its server.
struct History {
    days: u32,
    server: Server,
    nights: Vec<Measurement>,
    statements: Statements,
}

/// Measures.
pub(crate) async fn run(
    preset: &Nightly,
    options: &RunOptions,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut histories = Vec::new();
    for (days, parameters) in &preset.histories {
        if options.wants(&days.to_string()) {
            let folder = dataset::ready(&options.data, parameters, paydirt).await?;
            histories.push(build(*days, &folder, preset, options, paydirt, report).await?);
        }
    }
    for night in 1..=preset.nights {
        let cutoff = preset.history_ends + Days::new(u64::from(night));
        for history in &mut histories {
            feed::advance(&history.server.client, cutoff).await?;
            history.server.checkpoint().await?;
            if options.statements {
                Statements::reset(&history.server.client).await?;
            }
            let name = format!("{} days, night {night}", history.days);
            let measured = paydirt.run(name, &history.server, cutoff).await?;
            if options.statements {
                history.statements.collect(&history.server.client).await?;
            }
            report.add(measured.clone());
            history.nights.push(measured);
        }
    }
    conclude(&histories, report)?;
    if options.statements {
        let collected: Vec<Statements> = histories.into_iter().map(|history| history.statements).collect();
        report.statements = StatementCost::join(&collected, preset.nights);
    }
    Ok(())
}

/// A server with a history that has been run.
async fn build(
    days: u32,
    dataset: &Path,
    preset: &Nightly,
    options: &RunOptions,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<History> {
    let settings: &[_] = if options.statements { &SETTINGS } else { &[] };
    let server = Server::start(settings, paydirt).await?;
    if options.statements {
        Statements::prepare(&server.client).await?;
    }
    feed::load(&server.client, dataset).await?;
    feed::advance(&server.client, preset.history_ends).await?;
    server.settle().await?;
    report.add(paydirt.run(format!("{days} days, first run"), &server, preset.history_ends).await?);
    server.settle().await?;
    Ok(History { days, server, nights: Vec::new(), statements: Statements::default() })
}

fn conclude(histories: &[History], report: &mut Report) -> anyhow::Result<()> {
    let median = |history: &History, value: fn(&Measurement) -> f64| figures::median(history.nights.iter().map(value));
    for history in histories {
        let wall = median(history, |night| night.wall_seconds);
        report.figure(format!("median night after {} days", history.days), wall, "s");
    }
    for history in histories {
        let all = median(history, Measurement::all_seconds);
        report.figure(format!("the same, processor time of paydirt and server ({} days)", history.days), all, "s");
    }
    let (Some(first), Some(last)) = (histories.first(), histories.last()) else { bail!("no history was asked for") };
    if first.days == last.days {
        return Ok(());
    }
    // Otherwise more than history differs.
    for (a, b) in first.nights.iter().zip(&last.nights) {
        if a.rows != b.rows {
            bail!("{} has {} rows and {} has {}: the nights are not the same", a.name, a.rows, b.name, b.rows);
        }
    }
    let name = format!("night after {} days / after {} days", last.days, first.days);
    let ratio = |value: fn(&Measurement) -> f64| figures::ratio_of(median(last, value), median(first, value));
    report.figure(name.clone(), ratio(|night| night.wall_seconds), "at most 1.20");
    report.figure(format!("{name}, processor time"), ratio(Measurement::all_seconds), "for comparison");
    Ok(())
}
