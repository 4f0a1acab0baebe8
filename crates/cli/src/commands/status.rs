//! `paydirt status`.

use crate::args::{Global, StatusOptions};
use crate::output;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &StatusOptions) -> anyhow::Result<u8> {
    let client = client(global).await?;
    if let Some(run_id) = options.run {
        let units = pipeline::unit_statuses(&client, &schemas(global), run_id).await?;
        return print_units(&units, options.json);
    }
    let runs = pipeline::run_statuses(&client, &schemas(global)).await?;
    if options.json {
        output::json(&runs)?;
    } else if runs.is_empty() {
        output::line("no runs yet")?;
    } else {
        let rows: Vec<Vec<String>> = runs
            .iter()
            .map(|run| {
                let rows = run.gold_rows.and_then(|rows| u64::try_from(rows).ok());
                vec![
                    run.id.to_string(),
                    run.chain.clone(),
                    run.cutoff.clone(),
                    run.status.clone(),
                    run.engine.clone(),
                    run.source.clone(),
                    run.mode.clone(),
                    rows.map(output::count).unwrap_or_default(),
                    format!("{:.2}", run.seconds),
                    run.started_at.clone(),
                    run.error.clone().unwrap_or_default(),
                ]
            })
            .collect();
        output::table(
            &[
                "run>",
                "chain",
                "cutoff",
                "state",
                "engine",
                "source",
                "mode",
                "gold rows>",
                "seconds>",
                "started (UTC)",
                "error",
            ],
            &rows,
        )?;
    }
    Ok(crate::exit::DONE)
}

fn print_units(units: &[pipeline::UnitStatus], json: bool) -> anyhow::Result<u8> {
    let count = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok()).map(output::count);
    if json {
        output::json(&units)?;
    } else if units.is_empty() {
        output::line("no units")?;
    } else {
        let rows: Vec<Vec<String>> = units
            .iter()
            .map(|unit| {
                vec![
                    unit.unit.to_string(),
                    format!("{} .. {}", unit.first_snapshot, unit.last_snapshot),
                    unit.status.clone(),
                    count(unit.gold_rows).unwrap_or_default(),
                    count(unit.bytes).unwrap_or_default(),
                    unit.seconds.map(|seconds| format!("{seconds:.2}")).unwrap_or_default(),
                    unit.lock_wait_seconds.map(|seconds| format!("{seconds:.1}")).unwrap_or_default(),
                    unit.retries.to_string(),
                    unit.worker.clone().unwrap_or_default(),
                    unit.error.clone().unwrap_or_default(),
                ]
            })
            .collect();
        output::table(
            &[
                "unit>",
                "days",
                "state",
                "gold rows>",
                "bytes>",
                "seconds>",
                "waited for locks>",
                "retries>",
                "worker",
                "error",
            ],
            &rows,
        )?;
    }
    Ok(crate::exit::DONE)
}
