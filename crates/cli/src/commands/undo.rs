//! `paydirt undo`.

use std::io::{IsTerminal, Write};

use anyhow::bail;
use pipeline::{UndoTarget, UndoneRun, undo, undo_plan};

use crate::args::{Global, UndoOptions};
use crate::output;
use crate::progress::RunBar;
use crate::session::{config, open, schemas, sessions};

pub(crate) async fn execute(global: &Global, options: &UndoOptions) -> anyhow::Result<u8> {
    let target = match (options.target.run, options.target.from_cutoff, options.target.from_block) {
        (Some(id), _, _) => UndoTarget::Run(id),
        (_, Some(cutoff), _) => UndoTarget::FromCutoff(cutoff),
        (_, _, Some(number)) => UndoTarget::FromBlock(number),
        (None, None, None) => bail!("name what to undo: --run, --from-cutoff or --from-block"),
    };
    let config = config(global).await?;
    let mut client = open(&config).await?;
    let schemas = schemas(global);
    let planned = undo_plan(&client, &schemas, target).await?;
    if planned.is_empty() {
        output::line("no run is concerned, nothing to do")?;
        return Ok(crate::exit::DONE);
    }
    if !options.json {
        print(&planned)?;
    }
    if !options.yes && !confirmed(&planned)? {
        bail!("nothing was undone; give --yes to undo without being asked");
    }
    let bar = RunBar::new();
    let undone = undo(&mut client, &schemas, Some(&sessions(&config)), target, &bar).await;
    bar.clear();
    let undone = undone?;
    if options.json {
        output::json(&undone)?;
    } else {
        output::line(&format!("undone: {} with {}", runs(&undone), rows(&undone)))?;
    }
    Ok(crate::exit::DONE)
}

fn runs(runs: &[UndoneRun]) -> String {
    output::counted(runs.len() as u64, "run")
}

fn rows(runs: &[UndoneRun]) -> String {
    let rows: i64 = runs.iter().map(|run| run.gold_rows).sum();
    output::counted(u64::try_from(rows).unwrap_or_default(), "gold row")
}

fn print(planned: &[UndoneRun]) -> anyhow::Result<()> {
    let count = |count: i64| output::count(u64::try_from(count).unwrap_or_default());
    let rows: Vec<Vec<String>> = planned
        .iter()
        .map(|run| {
            let days = match (&run.first_snapshot, &run.last_snapshot) {
                (Some(first), Some(last)) => format!("{first} .. {last}"),
                _ => "-".to_owned(),
            };
            vec![
                run.id.to_string(),
                run.cutoff.clone(),
                run.status.clone(),
                count(run.rewards),
                days,
                count(run.gold_rows),
            ]
        })
        .collect();
    output::table(&["run>", "cutoff", "state", "submissions>", "days", "gold rows>"], &rows)
}

/// Asks on a terminal; elsewhere the answer is no.
fn confirmed(planned: &[UndoneRun]) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("undo {} with {}? [y/N] ", runs(planned), rows(planned));
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
