//! Where the gold of one run parts between two deployments: the first day, and the step if both manifests have steps.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::bisect::{differing_days, rows_text};
use super::steps::{DaySteps, RowsDigest, StepDigest};
use super::{DayDigest, Manifest, ManifestReport, RunManifest, RunSteps};

/// What is named where steps are equal and rows are not.
const TABLE: &str = "gold_table itself, not the computation";

/// Where gold of a run parts first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoldParting {
    /// The first cutoff whose runs differ in gold.
    pub cutoff: String,
    /// The first day.
    pub day: String,
    /// The first step whose rows differ, `gold_table itself, not the computation`, or `None`: the manifests do not have steps.
    pub step: Option<String>,
    /// The first submission whose rows differ there, by its hash, if the manifests tell.
    pub reward_hash: Option<String>,
    /// What A has and what B has.
    pub what: String,
    /// The commands that tell more, if any do.
    pub more: Option<String>,
}

impl fmt::Display for GoldParting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cutoff {}, day {}, ", self.cutoff, self.day)?;
        match &self.step {
            Some(step) if step == TABLE => write!(formatter, "{step}")?,
            Some(step) => write!(formatter, "step {step}")?,
            None => formatter.write_str("some step")?,
        }
        if let Some(reward_hash) = &self.reward_hash {
            write!(formatter, ", submission {reward_hash}")?;
        }
        write!(formatter, ": {}", self.what)?;
        match &self.more {
            Some(more) => write!(formatter, "; {more}"),
            None => Ok(()),
        }
    }
}

/// The run of one cutoff, in A and in B.
pub(super) struct Both<'a> {
    a: &'a ManifestReport,
    b: &'a ManifestReport,
    /// Numbers of the run.
    runs: (i64, i64),
    pub(super) manifests: (&'a Manifest, &'a Manifest),
}

impl<'a> Both<'a> {
    /// `None` if a manifest is missing.
    pub(super) fn new(
        a: &'a ManifestReport,
        b: &'a ManifestReport,
        one: &'a RunManifest,
        other: &'a RunManifest,
    ) -> Option<Self> {
        let manifests = (one.manifest.as_ref()?, other.manifest.as_ref()?);
        Some(Self { a, b, runs: (one.run, other.run), manifests })
    }

    fn cutoff(&self) -> &str {
        &self.manifests.0.cutoff
    }

    /// The first day on which steps or rows of the run differ; `None` if none does, as far as the manifests tell.
    pub(super) fn parting(&self) -> Option<GoldParting> {
        let (a, b) = self.manifests;
        if a.cutoff != b.cutoff {
            return None;
        }
        let made = differing_days(&a.days, &b.days);
        let first_made = made.first().map(|days| day_of(days).to_owned());
        let by_steps = self.steps().and_then(|(one, other)| first_day(one, other, first_made.as_deref()));
        // A day before those that the steps are of may be the first.
        let earlier = first_made.as_ref().filter(|made| by_steps.as_ref().is_none_or(|found| **made < found.day));
        if let Some(day) = earlier {
            let text = |digest: &Option<DayDigest>| digest.as_ref().map_or_else(|| "no row".to_owned(), rows_text);
            let (one, other) = made.first()?;
            let what = format!("A has {} of gold, B has {}", text(one), text(other));
            return Some(GoldParting {
                cutoff: self.cutoff().to_owned(),
                more: Some(self.commands(day)),
                day: day.clone(),
                step: None,
                reward_hash: None,
                what,
            });
        }
        let mut found = by_steps?;
        let is_table = found.step.as_deref() == Some(TABLE);
        if !is_table && found.reward_hash.is_none() {
            found.more = Some(format!("submissions are told by {}", self.commands(&found.day)));
        }
        Some(found)
    }

    /// The steps of this run, if both manifests have them.
    fn steps(&self) -> Option<(&RunSteps, &RunSteps)> {
        let of = |report: &'_ ManifestReport, run| report.steps.as_ref().filter(|steps| steps.run == run).is_some();
        (of(self.a, self.runs.0) && of(self.b, self.runs.1)).then_some(())?;
        Some((self.a.steps.as_ref()?, self.b.steps.as_ref()?))
    }

    /// What to call to have the steps of a day in the manifests.
    fn commands(&self, day: &str) -> String {
        let command = |run: i64| format!("paydirt manifest --run {run} --steps --day {day} --json");
        let (one, other) = (command(self.runs.0), command(self.runs.1));
        format!("{one} > A at A, {other} > B at B, then paydirt bisect A B")
    }
}

fn day_of(days: &(Option<DayDigest>, Option<DayDigest>)) -> &str {
    days.0.as_ref().or(days.1.as_ref()).map_or("", |digest| &digest.day)
}

/// The first day that both have steps of and that differs in anything, or whose rows a run made differently.
fn first_day(a: &RunSteps, b: &RunSteps, made: Option<&str>) -> Option<GoldParting> {
    let mut days: BTreeMap<&str, (Option<&DaySteps>, Option<&DaySteps>)> = BTreeMap::new();
    for of in &a.days {
        days.entry(&of.day).or_default().0 = Some(of);
    }
    for of in &b.days {
        days.entry(&of.day).or_default().1 = Some(of);
    }
    let both = |day: &str| [&a.only, &b.only].iter().all(|only| only.as_deref().is_none_or(|only| only == day));
    days.into_iter().filter(|(day, _)| both(day)).find_map(|(day, (one, other))| {
        let found = |step: &str, reward_hash, what| {
            let (step, cutoff) = (Some(step.to_owned()), a.cutoff.clone());
            Some(GoldParting { cutoff, day: day.to_owned(), step, reward_hash, what, more: None })
        };
        if let Some((step, reward_hash, what)) = first_step(steps_of(one), steps_of(other)) {
            return found(&step, reward_hash, what);
        }
        let of = |side: Option<&DaySteps>, digest: fn(&DaySteps) -> &RowsDigest| {
            side.map(digest).cloned().unwrap_or_default()
        };
        let (stored, computed) = ((of(one, |of| &of.stored), of(other, |of| &of.stored)), of(one, |of| &of.gold));
        let differs = stored.0.rows != stored.1.rows || stored.0.content_or_zero() != stored.1.content_or_zero();
        if differs || made == Some(day) {
            return found(TABLE, None, table(&stored, &computed));
        }
        None
    })
}

fn steps_of(day: Option<&DaySteps>) -> &[StepDigest] {
    day.map(|day| day.steps.as_slice()).unwrap_or_default()
}

/// The first step that differs, the first submission there if both tell, and what both have.
fn first_step(a: &[StepDigest], b: &[StepDigest]) -> Option<(String, Option<String>, String)> {
    let mut steps: BTreeMap<&str, (Option<&StepDigest>, Option<&StepDigest>)> = BTreeMap::new();
    for of in a {
        steps.entry(&of.step).or_default().0 = Some(of);
    }
    for of in b {
        steps.entry(&of.step).or_default().1 = Some(of);
    }
    // Names begin with the number of the step.
    let (step, (one, other)) =
        steps.into_iter().find(|(_, (one, other))| one.map(|of| &of.digest) != other.map(|of| &of.digest))?;
    let (none, empty) = (RowsDigest::default(), BTreeMap::new());
    let digest = |side: Option<&StepDigest>| side.map_or(none.clone(), |of| of.digest.clone());
    let rewards = |side: Option<&'_ StepDigest>| side.map_or_else(|| empty.clone(), |of| of.rewards.clone());
    let (in_a, in_b) = (rewards(one), rewards(other));
    let tells = |rewards: &BTreeMap<_, _>, side: Option<&StepDigest>| !rewards.is_empty() || side.is_none();
    let first = in_a.keys().chain(in_b.keys()).filter(|hash| in_a.get(*hash) != in_b.get(*hash)).min().cloned();
    let reward_hash = first.filter(|_| tells(&in_a, one) && tells(&in_b, other));
    let (one, other) = match &reward_hash {
        Some(hash) => (in_a.get(hash).cloned().unwrap_or_default(), in_b.get(hash).cloned().unwrap_or_default()),
        None => (digest(one), digest(other)),
    };
    let what = format!("A has {}, B has {}", rows_of(&one), rows_of(&other));
    Some((step.to_owned(), reward_hash, what))
}

/// All steps are equal: whose rows are not what they come to?
fn table((one, other): &(RowsDigest, RowsDigest), computed: &RowsDigest) -> String {
    let is = |side: &RowsDigest| side.rows == computed.rows && side.content_or_zero() == computed.content_or_zero();
    let whose = match (is(one), is(other)) {
        (true, false) => "those of B are not what the steps come to",
        (false, true) => "those of A are not what the steps come to",
        (false, false) => "neither are what the steps come to",
        (true, true) => "both are what the steps come to now; a run made others: its input has been corrected since",
    };
    format!("A has {} of gold, B has {}; {whose}", rows_of(one), rows_of(other))
}

fn rows_of(digest: &RowsDigest) -> String {
    let RowsDigest { rows, content } = digest;
    if *rows == 0 {
        return "no row".to_owned();
    }
    rows_text(&DayDigest { day: String::new(), rows: *rows, content: content.clone() })
}

impl RowsDigest {
    fn content_or_zero(&self) -> &str {
        if self.content.is_empty() { "0" } else { &self.content }
    }
}
