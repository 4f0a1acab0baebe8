//! Where two deployments part.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::bisect_steps::Both;
use super::{DayDigest, GoldParting, Manifest, ManifestReport, RunManifest};

/// A day with what A and B have of it; `None` where one has nothing.
pub type DifferingDay = (Option<DayDigest>, Option<DayDigest>);

/// The first thing in which two deployments differ, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parting {
    /// The first cutoff whose runs differ.
    pub cutoff: String,
    /// The first day on which they do, where a day can be named.
    pub day: Option<String>,
    /// The step: `runs`, `rules`, `forks`, `source`, a relation of silver, `plan`, `gold` or `root`.
    pub step: String,
    /// What A has and what B has.
    pub what: String,
    /// Where gold parts, if it does: with that cutoff or a later one.
    pub gold: Option<GoldParting>,
}

impl fmt::Display for Parting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cutoff {}, ", self.cutoff)?;
        if let Some(day) = &self.day {
            write!(formatter, "day {day}, ")?;
        }
        write!(formatter, "step {}: {}", self.step, self.what)?;
        match &self.gold {
            Some(gold) => write!(formatter, "\ngold: {gold}"),
            None => Ok(()),
        }
    }
}

/// The first difference, in the order in which a run works: which runs there are, rules, events, plan, rows, root; and the first
/// day and step of gold in which it shows. `None` if all runs are the same. Runs from before manifests were kept are skipped if both
/// sides have none.
#[must_use]
pub fn bisect(a: &ManifestReport, b: &ManifestReport) -> Option<Parting> {
    let mut pairs = (a.runs.iter(), b.runs.iter());
    loop {
        return match (pairs.0.next(), pairs.1.next()) {
            (None, None) => None,
            (Some(one), None) => Some(runs(one, "there is no such run in B")),
            (None, Some(other)) => Some(runs(other, "there is no such run in A")),
            (Some(one), Some(other)) => match (&one.manifest, &other.manifest) {
                (None, None) => continue,
                (Some(_), None) => Some(runs(one, "the run in B has no manifest: it is from before they were kept")),
                (None, Some(_)) => Some(runs(other, "the run in A has no manifest: it is from before they were kept")),
                (Some(_), Some(_)) => match of_run(a, b, one, other) {
                    None => continue,
                    parting => parting,
                },
            },
        };
    }
}

/// Where two runs of one cutoff part.
fn of_run(a: &ManifestReport, b: &ManifestReport, one: &RunManifest, other: &RunManifest) -> Option<Parting> {
    let both = Both::new(a, b, one, other)?;
    let (of_a, of_b) = both.manifests;
    if let Some(parting) = parting(of_a, of_b, &a.input_days, &b.input_days) {
        // What differs may show in a later run only.
        let mut runs = a.runs.iter().zip(&b.runs).skip_while(|(run, _)| run.run != one.run);
        let gold = runs.find_map(|(one, other)| Both::new(a, b, one, other)?.parting());
        return Some(Parting { gold, ..parting });
    }
    let at = |step: &str, what: String, gold: Option<GoldParting>| Parting {
        cutoff: of_a.cutoff.clone(),
        day: gold.as_ref().map(|gold| gold.day.clone()),
        step: step.to_owned(),
        what,
        gold,
    };
    if let Some(gold) = both.parting() {
        let what = "the runs were the same; silver or the table has been changed since".to_owned();
        return Some(at("gold", what, Some(gold)));
    }
    match (&one.root, &other.root) {
        (Some(one), Some(other)) if one != other => {
            let what = format!(
                "A has {one}, B has {other} of the same runs: gold or submissions were changed before it was computed \
                 (paydirt manifest --check)"
            );
            Some(at("root", what, None))
        }
        _ => None,
    }
}

fn runs(run: &RunManifest, what: &str) -> Parting {
    let cutoff =
        run.manifest.as_ref().map_or_else(|| format!("of run {}", run.run), |manifest| manifest.cutoff.clone());
    Parting { cutoff, day: None, step: "runs".to_owned(), what: what.to_owned(), gold: None }
}

/// Days by relation.
type InputDays = BTreeMap<String, Vec<DayDigest>>;

fn parting(a: &Manifest, b: &Manifest, a_days: &InputDays, b_days: &InputDays) -> Option<Parting> {
    let at = |day: Option<&str>, step: &str, what: String| Parting {
        cutoff: a.cutoff.clone(),
        day: day.map(str::to_owned),
        step: step.to_owned(),
        what,
        gold: None,
    };
    let differ = |one: &dyn fmt::Display, other: &dyn fmt::Display| format!("A has {one}, B has {other}");
    if a.cutoff != b.cutoff {
        let first = a.cutoff.as_str().min(&b.cutoff).to_owned();
        let what = format!("{}: cutoffs decide which days a run pays (spec/00 Q1)", differ(&a.cutoff, &b.cutoff));
        return Some(Parting { cutoff: first, ..at(None, "runs", what) });
    }
    let rules = |of: &Manifest| [of.chain.clone(), of.mode.clone(), format!("rules {}", of.rules)];
    if rules(a) != rules(b) {
        return Some(at(None, "rules", differ(&rules(a).join(", "), &rules(b).join(", "))));
    }
    if a.source != b.source {
        return Some(at(None, "source", differ(&a.source, &b.source)));
    }
    if let Some((fork, one)) = a.forks.iter().find(|(fork, date)| b.forks.get(*fork) != Some(date)) {
        let other = b.forks.get(fork).map_or("none", String::as_str);
        return Some(at(Some(one.as_str().min(other)), "forks", format!("{fork}: {}", differ(one, &other))));
    }
    if let Some((day, relation, what)) = first_input(a, b, a_days, b_days) {
        return Some(at(day.as_deref(), &relation, what));
    }
    if a.plan != b.plan {
        let what = "submissions, their windows or who is excluded differ (paydirt plan shows them)".to_owned();
        return Some(at(None, "plan", what));
    }
    let (one, other) = differing_days(&a.days, &b.days).into_iter().next()?;
    let day = one.as_ref().or(other.as_ref()).map(|digest| digest.day.clone());
    let rows = |digest: Option<DayDigest>| digest.map_or_else(|| "no row".to_owned(), |digest| rows_text(&digest));
    let what =
        format!("{} of the same events and plan (paydirt verify recomputes it)", differ(&rows(one), &rows(other)));
    Some(at(day.as_deref(), "gold", what))
}

/// The relation that differs on the earliest day. The days are those of now: where they do not tell any more, there is no day.
fn first_input(
    a: &Manifest,
    b: &Manifest,
    a_days: &InputDays,
    b_days: &InputDays,
) -> Option<(Option<String>, String, String)> {
    let of = |manifest: &Manifest, relation: &str| {
        manifest
            .inputs
            .iter()
            .find(|input| input.relation == relation)
            .map(|input| (input.events, input.content.clone()))
    };
    let names: std::collections::BTreeSet<&str> =
        a.inputs.iter().chain(&b.inputs).map(|input| input.relation.as_str()).collect();
    let mut first: Option<(Option<String>, String, String)> = None;
    for relation in names.into_iter().filter(|relation| of(a, relation) != of(b, relation)) {
        let events = |manifest| of(manifest, relation).map_or(0, |(events, _)| events);
        let total = format!("A has {} events before the cutoff, B has {}", events(a), events(b));
        let days = |days: &InputDays| -> Vec<DayDigest> {
            let known = days.get(relation).map(Vec::as_slice).unwrap_or_default();
            known.iter().filter(|digest| digest.day < a.cutoff).cloned().collect()
        };
        let found = differing_days(&days(a_days), &days(b_days)).into_iter().next();
        let found = found.and_then(|(one, other)| {
            let day = one.as_ref().or(other.as_ref())?.day.clone();
            let text =
                |digest: Option<DayDigest>| digest.map_or_else(|| "none".to_owned(), |digest| events_text(&digest));
            Some((day, format!("A has {} that day, B has {}", text(one), text(other))))
        });
        let found = match found {
            Some((day, what)) => (Some(day), relation.to_owned(), what),
            None => (None, relation.to_owned(), format!("{total}; corrected since")),
        };
        // A day that can be named comes before one that cannot.
        let earlier = first.as_ref().is_none_or(|first| (found.0.is_none(), &found.0) < (first.0.is_none(), &first.0));
        if earlier {
            first = Some(found);
        }
    }
    first
}

pub(super) fn rows_text(digest: &DayDigest) -> String {
    format!("{} rows ({})", digest.rows, short(&digest.content))
}

fn events_text(digest: &DayDigest) -> String {
    format!("{} events ({})", digest.rows, short(&digest.content))
}

/// Enough of a sum to tell two apart by eye.
fn short(content: &str) -> &str {
    content.len().checked_sub(6).and_then(|from| content.get(from..)).unwrap_or(content)
}

/// The days on which two lists differ, in order.
pub(super) fn differing_days(a: &[DayDigest], b: &[DayDigest]) -> Vec<DifferingDay> {
    let mut days: BTreeMap<&str, (Option<&DayDigest>, Option<&DayDigest>)> = BTreeMap::new();
    for digest in a {
        days.entry(&digest.day).or_default().0 = Some(digest);
    }
    for digest in b {
        days.entry(&digest.day).or_default().1 = Some(digest);
    }
    days.into_values().filter(|(one, other)| one != other).map(|(one, other)| (one.cloned(), other.cloned())).collect()
}
