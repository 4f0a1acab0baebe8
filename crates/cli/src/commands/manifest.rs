//! `paydirt manifest`.

use pipeline::{DayDigest, Manifest, RunManifest, SnapshotArgument, check_manifest, manifests, root};
use reward_rules::Day;

use crate::args::{Global, ManifestOptions};
use crate::output;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &ManifestOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let schemas = schemas(global);
    if options.check {
        let differing = check_manifest(&mut client, &schemas, options.run).await?;
        for (noted, stored) in &differing {
            let text = |digest: &Option<DayDigest>| {
                digest.as_ref().map_or_else(|| "nothing".to_owned(), |d| format!("{} rows, {}", d.rows, d.content))
            };
            let day = noted.as_ref().or(stored.as_ref()).map_or("", |digest| digest.day.as_str());
            output::line(&format!("{day}: the manifest has {}, gold has {}", text(noted), text(stored)))?;
        }
        if differing.is_empty() {
            output::line("gold has the rows of the manifest")?;
            return Ok(crate::exit::DONE);
        }
        return Ok(crate::exit::CHECK_FAILED);
    }
    let mut report = manifests(&client, &schemas, options.run).await?;
    if options.root {
        let manifest = report.runs.last().and_then(|last| last.manifest.as_ref());
        let cutoff = manifest.map(|manifest| manifest.cutoff.parse::<Day>()).transpose().map_err(anyhow::Error::msg)?;
        if let Some(cutoff) = cutoff {
            let snapshot = SnapshotArgument::Date(cutoff.previous());
            report.root = Some(root(&mut client, &schemas, snapshot).await?.root().to_string());
        }
    }
    if options.json {
        output::json(&report)?;
        return Ok(crate::exit::DONE);
    }
    match report.runs.last() {
        Some(RunManifest { run, digest: Some(digest), manifest: Some(manifest), engine, version }) => {
            output::line(&format!("run {run}, by paydirt {version}, engine {engine}"))?;
            if let Some(root) = &report.root {
                output::line(&format!("root      {root}"))?;
            }
            print(manifest, digest)?;
            Ok(crate::exit::DONE)
        }
        last => Err(pipeline::ManifestError::None(last.map_or(0, |last| last.run)).into()),
    }
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
            vec![input.relation.clone(), output::count(input.events), input.last_day.clone(), input.content.clone()]
        })
        .collect();
    if !inputs.is_empty() {
        output::table(&["events of", "events>", "last day", "digest>"], &inputs)?;
    }
    let days: Vec<Vec<String>> =
        manifest.days.iter().map(|day| vec![day.day.clone(), output::count(day.rows), day.content.clone()]).collect();
    output::table(&["snapshot", "gold rows>", "digest>"], &days)
}
