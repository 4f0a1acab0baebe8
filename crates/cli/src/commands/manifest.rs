//! `paydirt manifest`.

use pipeline::{
    DayDigest, DaySteps, Manifest, ManifestCheck, ManifestError, RootError, RowsDigest, RunManifest, RunSteps,
    StepDigest, check_manifest, manifests, run_steps, stored_root,
};

use crate::args::{Global, ManifestOptions};
use crate::output;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &ManifestOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let schemas = schemas(global);
    let budget = options.memory.budget();
    if options.check {
        return check(&check_manifest(&mut client, &schemas, options.run, &budget).await?);
    }
    let mut report = manifests(&client, &schemas, options.run).await?;
    let computes = !options.stored && !options.steps;
    let mut no_root = "not computed yet; without --stored it is".to_owned();
    if let Some(last) = report.runs.last_mut().filter(|last| computes && last.manifest.is_some()) {
        match stored_root(&mut client, &schemas, last.run, &budget).await {
            Ok(root) => last.root = Some(root),
            Err(ManifestError::Root(error @ (RootError::NoAmounts { .. } | RootError::Dropped { .. }))) => {
                no_root = format!("none: {error}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    if options.steps {
        report.steps = Some(run_steps(&mut client, &schemas, options.run, options.day, &budget).await?);
    }
    if options.json {
        output::json(&report)?;
        return Ok(crate::exit::DONE);
    }
    if let Some(steps) = &report.steps {
        let manifest = report.runs.last().and_then(|run| run.manifest.as_ref());
        return print_steps(steps, manifest.and_then(|manifest| manifest.plan.as_ref()));
    }
    match report.runs.last() {
        Some(RunManifest { run, digest: Some(digest), manifest: Some(manifest), engine, version, root, .. }) => {
            output::line(&format!("run {run}, by paydirt {version}, engine {engine}"))?;
            output::line(&format!("root      {}", root.as_ref().unwrap_or(&no_root)))?;
            print(manifest, digest)?;
            Ok(crate::exit::DONE)
        }
        last => Err(ManifestError::None(last.map_or(0, |last| last.run)).into()),
    }
}

fn check(check: &ManifestCheck) -> anyhow::Result<u8> {
    for (noted, stored) in &check.days {
        let text = |digest: &Option<DayDigest>| {
            digest.as_ref().map_or_else(|| "nothing".to_owned(), |d| format!("{} rows, {}", d.rows, d.content))
        };
        let day = noted.as_ref().or(stored.as_ref()).map_or("", |digest| digest.day.as_str());
        output::line(&format!("{day}: the manifest has {}, gold has {}", text(noted), text(stored)))?;
    }
    if let Some((noted, now)) = &check.root {
        output::line(&format!("the manifest has the root {noted}; of gold as it is now: {now}"))?;
    }
    if let (Some(first), Some(last)) = (check.dropped.first(), check.dropped.last()) {
        output::line(&format!(
            "{} of the manifest ({first} to {last}) were dropped on purpose and not compared, nor is the root",
            output::counted(check.dropped.len() as u64, "day")
        ))?;
    }
    if !check.days.is_empty() || check.root.is_some() {
        return Ok(crate::exit::CHECK_FAILED);
    }
    output::line(if check.dropped.is_empty() {
        "gold has the rows of the manifest"
    } else {
        "gold has the rows of the manifest's other days"
    })?;
    Ok(crate::exit::DONE)
}

fn print_steps(steps: &RunSteps, planned: Option<&String>) -> anyhow::Result<u8> {
    output::line(&format!("run {}, cutoff {}, computed again from silver as it is now", steps.run, steps.cutoff))?;
    if steps.plan.as_ref() != planned {
        output::line(
            "the run had another plan: submissions, who is excluded or quarantine have been changed since; the steps are those of the \
             plan as it is now",
        )?;
    }
    let mut rows = Vec::new();
    for DaySteps { day, steps, gold, stored } in &steps.days {
        let mut row = |what: &str, digest: &RowsDigest| {
            rows.push(vec![day.clone(), what.to_owned(), output::count(digest.rows), digest.content.clone()]);
        };
        for StepDigest { step, digest, rewards } in steps {
            row(step, digest);
            rewards.iter().for_each(|(reward_hash, digest)| row(&format!("  {reward_hash}"), digest));
        }
        row("gold they come to", gold);
        match stored {
            Some(stored) => row("gold that is stored", stored),
            None => {
                rows.push(vec![day.clone(), "gold that is stored: dropped".to_owned(), String::new(), String::new()])
            }
        }
    }
    output::table(&["snapshot", "step", "rows>", "digest>"], &rows)?;
    Ok(crate::exit::DONE)
}

fn print(manifest: &Manifest, digest: &str) -> anyhow::Result<()> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    for (name, value) in [
        ("digest", digest.to_owned()),
        ("previous", text(&manifest.previous)),
        ("chain", manifest.chain.clone()),
        ("cutoff", manifest.cutoff.clone()),
        ("rules", format!("{}, {}", manifest.rules, manifest.mode)),
        ("source", manifest.source.clone()),
        ("plan", text(&manifest.plan)),
    ] {
        output::line(&format!("{name:<9} {value}"))?;
    }
    let inputs: Vec<Vec<String>> = manifest
        .inputs
        .iter()
        .map(|input| {
            vec![
                input.relation.clone(),
                output::count(input.events),
                input.last_day.clone().unwrap_or_default(),
                input.content.clone(),
            ]
        })
        .collect();
    if !inputs.is_empty() {
        output::table(&["made of", "events or rows>", "last day", "digest>"], &inputs)?;
    }
    let days: Vec<Vec<String>> =
        manifest.days.iter().map(|day| vec![day.day.clone(), output::count(day.rows), day.content.clone()]).collect();
    output::table(&["snapshot", "gold rows>", "digest>"], &days)
}
