//! Where the gold of one run parts between two deployments: the first day, and the step if both manifests have steps.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::bisect::{differing_days, rows_text};
use super::bisect_side::{Side, Why};
use super::steps::{DaySteps, RowsDigest, StepDigest};
use super::{DayDigest, RunSteps};

/// Where gold of a run parts first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoldParting {
    /// The first cutoff whose runs differ in gold.
    pub cutoff: String,
    /// The first day.
    pub day: String,
    /// The first step whose rows differ; where all are equal, what explains it: `gold_table itself, not the computation`, `the plan of the
    /// run, corrected since`, `what the run read, corrected since` or `the run itself, not its input`. `None`: the manifests do not have steps.
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
            Some(step) if Why::ALL.iter().any(|why| why.step() == step) => formatter.write_str(step)?,
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
    pub(super) a: Side<'a>,
    pub(super) b: Side<'a>,
}

impl<'a> Both<'a> {
    /// The first day on which steps or rows of the run differ; `None` if none does, as far as the manifests tell.
    pub(super) fn parting(&self) -> Option<GoldParting> {
        let made = differing_days(&self.a.days, &self.b.days);
        let first_made = made.first().map(|days| day_of(days).to_owned());
        let by_steps = self.steps().and_then(|(one, other)| self.first_day(one, other, first_made.as_deref()));
        // A day before those that the steps are of may be the first.
        let earlier = first_made.as_ref().filter(|made| by_steps.as_ref().is_none_or(|found| **made < found.day));
        if let Some(day) = earlier {
            let text = |digest: &Option<DayDigest>| digest.as_ref().map_or_else(|| "no row".to_owned(), rows_text);
            let (one, other) = made.first()?;
            let what = format!("A has {} of gold, B has {}", text(one), text(other));
            return Some(GoldParting {
                cutoff: self.a.manifest.cutoff.clone(),
                more: Some(self.commands(day)),
                day: day.clone(),
                step: None,
                reward_hash: None,
                what,
            });
        }
        let mut found = by_steps?;
        let is_step = Why::ALL.iter().all(|why| Some(why.step()) != found.step.as_deref());
        if is_step && found.reward_hash.is_none() {
            found.more = Some(format!("submissions are told by {}", self.commands(&found.day)));
        }
        Some(found)
    }

    /// The steps of this run, if both manifests have them, of a common day.
    pub(super) fn steps(&self) -> Option<(&'a RunSteps, &'a RunSteps)> {
        let (one, other) = (self.a.steps()?, self.b.steps()?);
        let same_day = one.only.is_none() || other.only.is_none() || one.only == other.only;
        same_day.then_some((one, other))
    }

    fn commands(&self, day: &str) -> String {
        format!("{}, {}, then paydirt bisect A B", self.a.command(day), self.b.command(day))
    }

    /// The first day that both have steps of and that differs in anything, or whose rows a run made differently.
    fn first_day(&self, a: &RunSteps, b: &RunSteps, made: Option<&str>) -> Option<GoldParting> {
        let mut days: BTreeMap<&str, (Option<&DaySteps>, Option<&DaySteps>)> = BTreeMap::new();
        for of in &a.days {
            days.entry(&of.day).or_default().0 = Some(of);
        }
        for of in &b.days {
            days.entry(&of.day).or_default().1 = Some(of);
        }
        if let Some(day) = made {
            days.entry(day).or_default();
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
            // Of a day that was dropped nothing is stored that could differ.
            let stored =
                |side: Option<&DaySteps>| side.map_or_else(|| Some(RowsDigest::default()), |of| of.stored.clone());
            let differs = stored(one).zip(stored(other)).is_some_and(|(one, other)| !one.is(&other));
            if !differs && made != Some(day) {
                return None;
            }
            let because = [(&self.a, self.a.why(a, one, day)), (&self.b, self.b.why(b, other, day))];
            let why = because.iter().filter_map(|(_, why)| *why).min().unwrap_or(Why::Run);
            let texts: String = because
                .iter()
                .filter_map(|(side, why)| Some(format!("; in {} {}", side.name, (*why)?.text())))
                .collect();
            let rows = |side: Option<&DaySteps>, of: &Side<'_>| {
                let made = || of.days.iter().find(|digest| digest.day == day).map(rows_text);
                match stored(side) {
                    Some(stored) => rows_of(&stored),
                    None => made().unwrap_or_else(|| "no row".to_owned()) + " (dropped since)",
                }
            };
            let what = format!("A has {} of gold, B has {}{texts}", rows(one, &self.a), rows(other, &self.b));
            found(why.step(), None, what)
        })
    }
}

fn day_of(days: &(Option<DayDigest>, Option<DayDigest>)) -> &str {
    days.0.as_ref().or(days.1.as_ref()).map_or("", |digest| &digest.day)
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

fn rows_of(digest: &RowsDigest) -> String {
    let RowsDigest { rows, content } = digest;
    if *rows == 0 {
        return "no row".to_owned();
    }
    rows_text(&DayDigest { day: String::new(), rows: *rows, content: content.clone() })
}
