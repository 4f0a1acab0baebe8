//! Whether the manifests in a file can be what one database has.

use std::collections::BTreeSet;

use super::{DayDigest, FORMAT, Manifest, ManifestReport};

/// A file of manifests that is not to be compared with anything.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing in it could differ.
    #[error(
        "no run in it has a manifest; paydirt manifest --json prints one once a run is complete (undo runs from before manifests were kept \
         and run them again to have one)"
    )]
    NoManifest,
    /// It is from a later release, or made up.
    #[error(
        "the manifest of run {run} (cutoff {cutoff}) has format {format}, and this paydirt knows formats up to {FORMAT}; use the one \
         that printed it"
    )]
    Format {
        /// The run.
        run: i64,
        /// D.
        cutoff: String,
        /// What it has.
        format: u32,
    },
    /// It is not what was printed.
    #[error(
        "the manifest of run {run} has the digest {is}, not the one that is named: the file was changed; print it again"
    )]
    Digest {
        /// The run.
        run: i64,
        /// The digest of what is there.
        is: String,
    },
    /// A manifest does not follow the one before.
    #[error(
        "the manifest of run {run} (cutoff {cutoff}) follows {}, not that of run {before} before it, {digest}: the file was changed, or \
         runs were taken out of the database by hand; print it again, and undo from there if it stays so",
        .previous.as_deref().unwrap_or("no other")
    )]
    Previous {
        /// The run.
        run: i64,
        /// D.
        cutoff: String,
        /// The run before.
        before: i64,
        /// The digest that the manifest names.
        previous: Option<String>,
        /// That of the run before.
        digest: String,
    },
    /// Days are twice there, or not in order.
    #[error("{of}: day {day} is there twice or out of order: the file was changed; print it again")]
    Days {
        /// The run or relation.
        of: String,
        /// The day.
        day: String,
    },
    /// Two runs have one cutoff.
    #[error("there are two runs of cutoff {0}: the file was changed; print it again")]
    Twice(String),
    /// Never: there is nothing in a manifest that JSON does not have.
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
}

impl ManifestReport {
    /// What has to hold for every file that `paydirt manifest --json` prints.
    ///
    /// # Errors
    /// If it does not, or no run has a manifest.
    pub fn validate(&self) -> Result<(), FileError> {
        let mut before: Option<(i64, String)> = None;
        let mut cutoffs = BTreeSet::new();
        for run in &self.runs {
            if let Some(cutoff) = run.cutoff().filter(|cutoff| !cutoffs.insert(*cutoff)) {
                return Err(FileError::Twice(cutoff.to_owned()));
            }
            let Some(manifest) = &run.manifest else { continue };
            let Manifest { cutoff, format, previous, .. } = manifest;
            if !(1..=FORMAT).contains(format) {
                return Err(FileError::Format { run: run.run, cutoff: cutoff.clone(), format: *format });
            }
            in_order(&manifest.days, || format!("run {} (cutoff {cutoff})", run.run))?;
            let is = manifest.digest()?;
            if run.digest.as_ref() != Some(&is) {
                return Err(FileError::Digest { run: run.run, is });
            }
            if let Some((before, digest)) = before.filter(|(_, digest)| previous.as_ref() != Some(digest)) {
                let (cutoff, previous) = (cutoff.clone(), previous.clone());
                return Err(FileError::Previous { run: run.run, cutoff, before, previous, digest });
            }
            before = Some((run.run, is));
        }
        for (relation, days) in &self.input_days {
            in_order(days, || format!("events of {relation}"))?;
        }
        before.map(drop).ok_or(FileError::NoManifest)
    }
}

fn in_order(days: &[DayDigest], of: impl Fn() -> String) -> Result<(), FileError> {
    let wrong = days.windows(2).find(|pair| pair[0].day >= pair[1].day);
    wrong.map_or(Ok(()), |pair| Err(FileError::Days { of: of(), day: pair[1].day.clone() }))
}
