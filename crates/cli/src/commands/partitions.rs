//! `paydirt partitions`.

use std::io::{IsTerminal, Write};

use anyhow::bail;
use pipeline::{Partition, drop_partitions, drop_plan, ensure_partitions, partitions};
use reward_rules::Day;

use crate::args::{Global, PartitionsAction, PartitionsOptions};
use crate::output;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &PartitionsOptions) -> anyhow::Result<u8> {
    match &options.action {
        PartitionsAction::List { json } => list(global, *json).await?,
        PartitionsAction::Ensure { ahead, json } => ensure(global, *ahead, *json).await?,
        PartitionsAction::Drop { before, dry_run, yes, json } => {
            drop(global, *before, How { dry_run: *dry_run, yes: *yes, json: *json }).await?;
        }
    }
    Ok(crate::exit::DONE)
}

async fn list(global: &Global, json: bool) -> anyhow::Result<()> {
    let partitions = partitions(&client(global).await?, &schemas(global)).await?;
    if json {
        output::json(&partitions)
    } else if partitions.is_empty() {
        output::line("no partitions yet")
    } else {
        print(&partitions)
    }
}

async fn ensure(global: &Global, ahead: u32, json: bool) -> anyhow::Result<()> {
    let made = ensure_partitions(&mut client(global).await?, &schemas(global), ahead).await?;
    if json {
        return output::json(&made);
    }
    if made.is_empty() {
        return output::line("nothing to do");
    }
    for name in &made {
        output::line(&format!("made {name}"))?;
    }
    Ok(())
}

/// How to drop.
#[derive(Clone, Copy)]
struct How {
    dry_run: bool,
    yes: bool,
    json: bool,
}

async fn drop(global: &Global, before: Day, how: How) -> anyhow::Result<()> {
    if how.json && !how.yes && !how.dry_run {
        bail!("--json answers no questions: give --yes or --dry-run too");
    }
    let mut client = client(global).await?;
    let schemas = schemas(global);
    let planned = drop_plan(&mut client, &schemas, before).await?;
    if how.json && how.dry_run {
        return output::json(&planned);
    }
    if !how.json {
        if planned.is_empty() {
            return output::line(&format!("no partition is all before {before}, nothing to do"));
        }
        print(&planned)?;
    }
    if how.dry_run {
        return output::line(&format!("{} would be dropped", counted(planned.len())));
    }
    if !how.yes && !confirmed(&planned)? {
        bail!("nothing was dropped; give --yes to drop without being asked");
    }
    let dropped = drop_partitions(&mut client, &schemas, before).await?;
    if how.json {
        return output::json(&dropped);
    }
    let rows: i64 = dropped.iter().map(|partition| partition.gold_rows).sum();
    let rows = output::counted(u64::try_from(rows).unwrap_or_default(), "gold row");
    output::line(&format!("dropped: {} with {rows}", counted(dropped.len())))
}

fn counted(partitions: usize) -> String {
    output::counted(partitions as u64, "partition")
}

fn print(partitions: &[Partition]) -> anyhow::Result<()> {
    let count = |count: i64| output::count(u64::try_from(count).unwrap_or_default());
    let rows: Vec<Vec<String>> = partitions
        .iter()
        .map(|partition| {
            let runs: Vec<String> = partition.runs.iter().map(ToString::to_string).collect();
            vec![
                partition.name.clone(),
                partition.first_day.clone(),
                partition.last_day.clone(),
                partition.estimated_rows.map_or_else(|| "not known".to_owned(), count),
                count(partition.bytes),
                runs.join(" "),
                partition.state.name().to_owned(),
            ]
        })
        .collect();
    output::table(&["partition", "first day", "last day", "rows (estimate)>", "bytes>", "runs", "state"], &rows)
}

/// Asks on a terminal; elsewhere the answer is no.
fn confirmed(planned: &[Partition]) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("drop {} with all their rows, for good? [y/N] ", counted(planned.len()));
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
