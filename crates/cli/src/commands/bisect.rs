//! `paydirt bisect`.

use std::path::Path;

use anyhow::{Context, bail};
use pipeline::{Bisection, ManifestReport};

use crate::args::BisectOptions;
use crate::output;

pub(crate) fn execute(options: &BisectOptions) -> anyhow::Result<u8> {
    let (a, b) = (read(&options.a)?, read(&options.b)?);
    let bisection = pipeline::bisect(&a, &b);
    let Bisection { parting, compared, notes } = &bisection;
    if parting.is_none() && *compared == 0 {
        bail!("nothing was compared: {}", notes.join("; "));
    }
    if options.json {
        output::json(&bisection)?;
    } else {
        match parting {
            Some(parting) => output::line(&parting.to_string())?,
            None => output::line(&format!("equal: {}", output::counted(*compared as u64, "run")))?,
        }
        for note in notes {
            output::line(note)?;
        }
    }
    Ok(if parting.is_some() { crate::exit::CHECK_FAILED } else { crate::exit::DONE })
}

fn read(file: &Path) -> anyhow::Result<ManifestReport> {
    let text = std::fs::read(file).with_context(|| file.display().to_string())?;
    let report: ManifestReport = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what paydirt manifest --json prints", file.display()))?;
    report.validate().with_context(|| file.display().to_string())?;
    Ok(report)
}
