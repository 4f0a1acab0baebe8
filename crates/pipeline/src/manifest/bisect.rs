//! Where two deployments part.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::bisect_inputs::{first_input, first_table};
use super::bisect_notes::{self, steps_notes, without_manifest};
use super::bisect_side::Side;
use super::bisect_steps::Both;
use super::{DayDigest, GoldParting, Manifest, ManifestReport, RunManifest};

/// A day with what A and B have of it; `None` where one has nothing.
pub type DifferingDay = (Option<DayDigest>, Option<DayDigest>);

/// What the manifests of two deployments tell of their differences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bisection {
    /// The first difference; `None` if the runs that could be compared are the same.
    pub parting: Option<Parting>,
    /// How many runs that both have were compared.
    pub compared: usize,
    /// What was not compared, and what else there is to know.
    pub notes: Vec<String>,
}

/// The first thing in which two deployments differ, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parting {
    /// The first cutoff whose runs differ.
    pub cutoff: String,
    /// The first day on which they do, where a day can be named.
    pub day: Option<String>,
    /// The step: `runs`, `rules`, `source`, `forks`, a relation of silver, a table of submissions, `excluded_addresses`, `plan`, `gold`,
    /// `manifest` or `root`.
    pub step: String,
    /// What A has and what B has.
    pub what: String,
    /// Where gold parts, if it does: with that cutoff or another one.
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

impl RunManifest {
    /// D; `None` if neither the file nor a manifest says.
    pub(super) fn cutoff(&self) -> Option<&str> {
        self.cutoff.as_deref().or_else(|| self.manifest.as_ref().map(|manifest| manifest.cutoff.as_str()))
    }
}

/// The first difference, in the order in which a run works: which runs there are, rules, events, plan, rows, root; and the first
/// day and step of gold in which it shows. Runs are compared with those of the same cutoff, if both have a manifest of one format.
#[must_use]
pub fn bisect(a: &ManifestReport, b: &ManifestReport) -> Bisection {
    let mut walk = Walk { first: kind(a, b), ..Walk::default() };
    let (of_a, of_b) = (by_cutoff(a), by_cutoff(b));
    let cutoffs: BTreeSet<&str> = of_a.keys().chain(of_b.keys()).copied().collect();
    let newest = [of_a.keys().last().copied(), of_b.keys().last().copied()];
    for cutoff in cutoffs {
        match (of_a.get(cutoff), of_b.get(cutoff)) {
            (Some(&one), Some(&other)) => walk.pair((a, b), (one, other)),
            (one, other) => walk.lone(cutoff, one.copied(), other.copied(), newest),
        }
    }
    walk.end(a, b)
}

/// Runs of different chains or modes have nothing in common, whatever their cutoffs are.
fn kind(a: &ManifestReport, b: &ManifestReport) -> Option<Parting> {
    let first = |of: &'_ ManifestReport| of.runs.iter().find_map(|run| run.manifest.clone());
    let (one, other) = (first(a)?, first(b)?);
    let kind = |of: &Manifest| format!("{}, {}", of.chain, of.mode);
    (kind(&one) != kind(&other)).then(|| {
        let cutoff = one.cutoff.as_str().min(&other.cutoff);
        at(cutoff, None, "rules", differ(&kind(&one), &kind(&other)))
    })
}

fn by_cutoff(report: &ManifestReport) -> BTreeMap<&str, &RunManifest> {
    report.runs.iter().filter_map(|run| Some((run.cutoff()?, run))).collect()
}

/// How far two lists of runs are compared.
#[derive(Default)]
struct Walk<'a> {
    first: Option<Parting>,
    gold: Option<GoldParting>,
    compared: usize,
    /// Runs of A and B since the last cutoff that both have.
    since: (Vec<&'a RunManifest>, Vec<&'a RunManifest>),
    /// Cutoffs with runs whose formats differ.
    other_format: Vec<&'a str>,
    /// Whether a run before had nothing to be compared with.
    gap: bool,
    /// Runs of which gold was compared.
    gold_compared: usize,
    /// Whether the steps of a run were compared.
    steps_compared: bool,
}

impl<'a> Walk<'a> {
    fn lone(
        &mut self,
        cutoff: &str,
        one: Option<&'a RunManifest>,
        other: Option<&'a RunManifest>,
        newest: [Option<&str>; 2],
    ) {
        self.gap = true;
        self.since.0.extend(one);
        self.since.1.extend(other);
        let (lacks, newest) = if one.is_some() { ("B", newest[1]) } else { ("A", newest[0]) };
        let later = if newest.is_some_and(|newest| newest > cutoff) {
            ", which has later ones: cutoffs decide which days a run pays (spec/00 Q1)"
        } else {
            ""
        };
        self.first.get_or_insert_with(|| at(cutoff, None, "runs", format!("there is no such run in {lacks}{later}")));
    }

    fn pair(
        &mut self,
        (a, b): (&'a ManifestReport, &'a ManifestReport),
        (one, other): (&'a RunManifest, &'a RunManifest),
    ) {
        let (mut in_a, mut in_b) = std::mem::take(&mut self.since);
        in_a.push(one);
        in_b.push(other);
        let (Some(of_a), Some(of_b)) = (&one.manifest, &other.manifest) else {
            self.gap = true;
            return;
        };
        if of_a.format != of_b.format {
            self.gap = true;
            self.other_format.push(&of_a.cutoff);
            return;
        }
        self.compared += 1;
        if self.first.is_none() {
            self.first = parting(of_a, of_b, &a.input_days, &b.input_days);
        }
        let both = Side::new("A", a, in_a).zip(Side::new("B", b, in_b)).map(|(a, b)| Both { a, b });
        if let Some(both) = both {
            self.gold_compared += 1;
            self.steps_compared |= both.steps().is_some();
            if self.gold.is_none() {
                self.gold = both.parting();
            }
        }
        if self.first.is_some() {
            return;
        }
        self.first = if let Some(gold) = &self.gold {
            let what = "the runs were the same; silver or the table has been changed since".to_owned();
            Some(at(&of_a.cutoff, Some(&gold.day), "gold", what))
        } else {
            rest(of_a, of_b, self.gap).or_else(|| roots(of_a, one, other))
        };
    }

    fn end(self, a: &ManifestReport, b: &ManifestReport) -> Bisection {
        let Self { first, gold, compared, other_format, gold_compared, steps_compared, .. } = self;
        let mut notes = without_manifest(a, b);
        notes.extend(bisect_notes::other_format(&other_format));
        if first.is_some() && gold.is_none() && gold_compared > 0 {
            notes.push(match gold_compared {
                1 => "gold is the same in the one common run".to_owned(),
                n => format!("gold is the same in all {n} common runs"),
            });
        }
        notes.extend(steps_notes(a, b, gold.as_ref(), steps_compared));
        Bisection { parting: first.map(|first| Parting { gold, ..first }), compared, notes }
    }
}

fn at(cutoff: &str, day: Option<&str>, step: &str, what: String) -> Parting {
    Parting { cutoff: cutoff.to_owned(), day: day.map(str::to_owned), step: step.to_owned(), what, gold: None }
}

fn differ(one: &dyn fmt::Display, other: &dyn fmt::Display) -> String {
    format!("A has {one}, B has {other}")
}

/// Days by relation.
pub(super) type InputDays = BTreeMap<String, Vec<DayDigest>>;

/// Where the manifests of one cutoff part, but for what [`rest`] says.
fn parting(a: &Manifest, b: &Manifest, a_days: &InputDays, b_days: &InputDays) -> Option<Parting> {
    let at = |day: Option<&str>, step: &str, what: String| Some(at(&a.cutoff, day, step, what));
    let rules = |of: &Manifest| [of.chain.clone(), of.mode.clone(), format!("rules {}", of.rules)];
    if rules(a) != rules(b) {
        return at(None, "rules", differ(&rules(a).join(", "), &rules(b).join(", ")));
    }
    if a.source != b.source {
        return at(None, "source", differ(&a.source, &b.source));
    }
    let forks: BTreeSet<&String> = a.forks.keys().chain(b.forks.keys()).collect();
    if let Some(fork) = forks.into_iter().find(|fork| a.forks.get(*fork) != b.forks.get(*fork)) {
        let (one, other) = (a.forks.get(fork), b.forks.get(fork));
        let text = |date: Option<&String>| date.map_or_else(|| "none".to_owned(), Clone::clone);
        let day = one.into_iter().chain(other).min();
        return at(day.map(String::as_str), "forks", format!("{fork}: {}", differ(&text(one), &text(other))));
    }
    if let Some((day, relation, what)) = first_input(a, b, a_days, b_days) {
        return at(day.as_deref(), &relation, what);
    }
    if let Some((table, what)) = first_table(a, b) {
        return at(None, &table, what);
    }
    if a.plan != b.plan {
        let what = "submissions, their windows or who is excluded differ (paydirt plan shows them)".to_owned();
        return at(None, "plan", what);
    }
    let (one, other) = differing_days(&a.days, &b.days).into_iter().next()?;
    let day = one.as_ref().or(other.as_ref()).map(|digest| digest.day.clone());
    let rows = |digest: Option<DayDigest>| digest.map_or_else(|| "no row".to_owned(), |digest| rows_text(&digest));
    let what =
        format!("{} of the same events and plan (paydirt verify recomputes it)", differ(&rows(one), &rows(other)));
    at(day.as_deref(), "gold", what)
}

/// Manifests that differ in something that nobody else looks at.
fn rest(a: &Manifest, b: &Manifest, gap: bool) -> Option<Parting> {
    let alone = |of: &Manifest| Manifest { previous: None, ..of.clone() };
    if alone(a) != alone(b) {
        let rows = |of: &Manifest| format!("{} rows", of.gold_rows);
        let what = format!(
            "the digests differ, nothing else tells ({}); compare the two manifests",
            differ(&rows(a), &rows(b))
        );
        return Some(at(&a.cutoff, None, "manifest", what));
    }
    // Runs before that could not be compared differ in their digests already.
    (a.previous != b.previous && !gap).then(|| {
        let text = |of: &Manifest| of.previous.clone().unwrap_or_else(|| "none".to_owned());
        let what = format!(
            "the digests differ by the manifest before alone, which is not in both files: {}",
            differ(&text(a), &text(b))
        );
        at(&a.cutoff, None, "manifest", what)
    })
}

fn roots(manifest: &Manifest, one: &RunManifest, other: &RunManifest) -> Option<Parting> {
    let (one, other) = (one.root.as_ref()?, other.root.as_ref()?);
    (one != other).then(|| {
        let what = format!(
            "A has {one}, B has {other} of the same runs: gold or submissions were changed before it was computed \
             (paydirt manifest --check)"
        );
        at(&manifest.cutoff, None, "root", what)
    })
}

pub(super) fn rows_text(digest: &DayDigest) -> String {
    format!("{} rows ({})", digest.rows, short(&digest.content))
}

pub(super) fn events_text(digest: &DayDigest) -> String {
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
