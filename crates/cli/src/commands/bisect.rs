//! `paydirt bisect`.

use std::path::Path;

use anyhow::Context;
use pipeline::ManifestReport;

use crate::args::BisectOptions;
use crate::output;

pub(crate) fn execute(options: &BisectOptions) -> anyhow::Result<u8> {
    let (a, b) = (read(&options.a)?, read(&options.b)?);
    let parting = pipeline::bisect(&a, &b);
    if options.json {
        output::json(&parting)?;
    } else {
        match &parting {
            Some(parting) => output::line(&parting.to_string())?,
            None => output::line(&format!("equal: {}", output::counted(a.runs.len() as u64, "run")))?,
        }
    }
    Ok(if parting.is_some() { crate::exit::CHECK_FAILED } else { crate::exit::DONE })
}

fn read(file: &Path) -> anyhow::Result<ManifestReport> {
    let text = std::fs::read(file).with_context(|| file.display().to_string())?;
    let report: ManifestReport = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what paydirt manifest --json prints", file.display()))?;
    for run in &report.runs {
        if let Some(manifest) = &run.manifest {
            let digest = manifest.digest()?;
            anyhow::ensure!(
                run.digest.as_ref() == Some(&digest),
                "{}: the manifest of run {} has the digest {digest}, not the one that is named: the file was changed",
                file.display(),
                run.run
            );
        }
    }
    Ok(report)
}
