//! What two files of manifests do not tell, and why.

use super::{GoldParting, ManifestReport, RunSteps};

/// Runs that have no manifest, of each side.
pub(super) fn without_manifest(a: &ManifestReport, b: &ManifestReport) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, report) in [("A", a), ("B", b)] {
        let has = match report.runs.iter().filter(|run| run.manifest.is_none()).count() {
            0 => continue,
            1 => format!("1 run of {name} has no manifest and was not compared"),
            n => format!("{n} runs of {name} have no manifest and were not compared"),
        };
        notes.push(format!("{has}: from before they were kept (undo it and run it again to have one)"));
    }
    notes
}

/// Runs whose manifests have different formats, by their cutoffs.
pub(super) fn other_format(cutoffs: &[&str]) -> Option<String> {
    let (first, last) = (cutoffs.first()?, cutoffs.last()?);
    let of = match cutoffs.len() {
        1 => format!("the manifests of cutoff {first} have"),
        n => format!("the manifests of {n} cutoffs from {first} to {last} have"),
    };
    Some(format!(
        "not comparable: {of} one format in A and another in B (undo and run again with one version of paydirt)"
    ))
}

/// What is to be said about steps that are in a file: why they were not compared, and that they are of another plan than the run's.
pub(super) fn steps_notes(
    a: &ManifestReport,
    b: &ManifestReport,
    gold: Option<&GoldParting>,
    compared: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, report) in [("A", a), ("B", b)] {
        let Some(steps) = &report.steps else { continue };
        let manifest = report.runs.iter().find(|run| run.run == steps.run).and_then(|run| run.manifest.as_ref());
        if manifest.is_some_and(|manifest| manifest.plan != steps.plan) {
            notes.push(format!(
                "the steps of {name} are those of another plan than the run of cutoff {} had: submissions, exclusions or quarantine were \
                 changed since",
                steps.cutoff
            ));
        }
    }
    let of = |steps: &RunSteps| {
        let only = steps.only.as_ref().map(|only| format!(", day {only} alone")).unwrap_or_default();
        format!("those of cutoff {}{only}", steps.cutoff)
    };
    let lacking = |has: &str, lacks: &str, steps: &RunSteps| {
        let only = steps.only.as_ref().map(|only| format!(" --day {only}")).unwrap_or_default();
        format!(
            "only {has} has any, {}; at {lacks}: paydirt manifest --run ID --steps{only} --json for the run of that cutoff",
            of(steps)
        )
    };
    let why = match (&a.steps, &b.steps) {
        (None, None) => return notes,
        (Some(steps), None) => lacking("A", "B", steps),
        (None, Some(steps)) => lacking("B", "A", steps),
        (Some(one), Some(other)) if !compared => {
            let same =
                one.cutoff == other.cutoff && (one.only.is_none() || other.only.is_none() || one.only == other.only);
            let why = if same { "; their runs were not compared, or follow a cutoff that only one has" } else { "" };
            format!("A has {}, B has {}{why}", of(one), of(other))
        }
        (Some(one), Some(_)) => match gold {
            Some(gold) if gold.step.is_none() => {
                format!("they are {}, and gold parts before, with cutoff {}, day {}", of(one), gold.cutoff, gold.day)
            }
            _ => return notes,
        },
    };
    notes.push(format!("steps were not compared: {why}"));
    notes
}
