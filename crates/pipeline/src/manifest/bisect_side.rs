//! One of two deployments that are compared: what it paid with the runs of a cutoff, and why its gold is not what the steps come to.

use std::collections::BTreeMap;

use super::bisect_inputs::{corrected, sum};
use super::steps::{DaySteps, RowsDigest};
use super::{DayDigest, Manifest, ManifestReport, RunManifest, RunSteps};

/// Why gold differs where all steps are equal, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The rows that are stored are not those that the run made.
    Table,
    /// The run had another plan than it would have now.
    Plan,
    /// The run read other events than there are now.
    Input,
    /// The run made other rows of the same input.
    Run,
}

impl Why {
    pub(super) const ALL: [Self; 4] = [Self::Table, Self::Plan, Self::Input, Self::Run];

    /// What is named instead of a step.
    pub(super) const fn step(self) -> &'static str {
        match self {
            Self::Table => "gold_table itself, not the computation",
            Self::Plan => "the plan of the run, corrected since",
            Self::Input => "what the run read, corrected since",
            Self::Run => "the run itself, not its input",
        }
    }

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Table => "the table was changed after the run (paydirt manifest --check)",
            Self::Plan => {
                "the run was planned otherwise: submissions or who is excluded were corrected since (undo from there and run again)"
            }
            Self::Input => "what it read has been corrected since (undo from there and run again)",
            Self::Run => {
                "the run made other rows than the rules give now: another version, or a fault (paydirt verify, then undo and run again)"
            }
        }
    }
}

/// The run of one cutoff of one deployment.
pub(super) struct Side<'a> {
    pub(super) name: &'static str,
    report: &'a ManifestReport,
    /// Its runs since the last cutoff that both have; the last is that of the cutoff.
    runs: Vec<&'a RunManifest>,
    pub(super) manifest: &'a Manifest,
    /// What these runs paid.
    pub(super) days: Vec<DayDigest>,
}

impl<'a> Side<'a> {
    /// `None` if a run has no manifest.
    pub(super) fn new(name: &'static str, report: &'a ManifestReport, runs: Vec<&'a RunManifest>) -> Option<Self> {
        let manifest = runs.last()?.manifest.as_ref()?;
        let mut days: BTreeMap<&str, Vec<DayDigest>> = BTreeMap::new();
        for run in &runs {
            for day in &run.manifest.as_ref()?.days {
                days.entry(&day.day).or_default().push(day.clone());
            }
        }
        let sum_of = |(day, mut digests): (&str, Vec<DayDigest>)| {
            if digests.len() == 1 {
                return digests.pop();
            }
            let (rows, content) = sum(&digests)?;
            Some(DayDigest { day: day.to_owned(), rows, content: content.to_string() })
        };
        let days = days.into_iter().map(sum_of).collect::<Option<_>>()?;
        Some(Self { name, report, runs, manifest, days })
    }

    fn run(&self) -> Option<i64> {
        Some(self.runs.last()?.run)
    }

    /// Of this run alone.
    pub(super) fn steps(&self) -> Option<&'a RunSteps> {
        self.report.steps.as_ref().filter(|steps| Some(steps.run) == self.run() && self.runs.len() == 1)
    }

    /// Why the rows are not what the steps come to; `None` if they are.
    pub(super) fn why(&self, steps: &RunSteps, of_day: Option<&DaySteps>, day: &str) -> Option<Why> {
        let made = self.days.iter().find(|digest| digest.day == day);
        let made = made.map(|digest| RowsDigest { rows: digest.rows, content: digest.content.clone() });
        let made = made.unwrap_or_default();
        let computed = of_day.map(|of| of.gold.clone()).unwrap_or_default();
        // Of a day without steps and without rows, nothing is stored.
        let stored = of_day.map_or_else(|| Some(RowsDigest::default()), |of| of.stored.clone());
        if stored.is_some_and(|stored| !stored.is(&made)) {
            return Some(Why::Table);
        }
        if computed.is(&made) {
            return None;
        }
        Some(if steps.plan != self.manifest.plan {
            Why::Plan
        } else if corrected(self.manifest, &self.report.input_days) {
            Why::Input
        } else {
            Why::Run
        })
    }

    /// What to call to have the steps of a day in the manifest.
    pub(super) fn command(&self, day: &str) -> String {
        let paid = |run: &&&RunManifest| {
            run.manifest.as_ref().is_some_and(|manifest| manifest.days.iter().any(|digest| digest.day == day))
        };
        let run = self.runs.iter().rev().find(paid).or(self.runs.last()).map_or(0, |run| run.run);
        format!("paydirt manifest --run {run} --steps --day {day} --json > {0} at {0}", self.name)
    }
}

impl RowsDigest {
    pub(super) fn is(&self, other: &Self) -> bool {
        let content = |of: &'_ Self| if of.content.is_empty() { "0".to_owned() } else { of.content.clone() };
        self.rows == other.rows && content(self) == content(other)
    }
}
