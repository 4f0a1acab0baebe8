//! Which events two runs of one cutoff were made of, and which rows of submissions.

use std::collections::BTreeSet;

use super::bisect::{InputDays, differing_days, events_text};
use super::{DayDigest, Input, Manifest};

/// The sum of days; `None` if one is no number.
pub(super) fn sum<'a>(days: impl IntoIterator<Item = &'a DayDigest>) -> Option<(u64, u128)> {
    days.into_iter().try_fold((0_u64, 0_u128), |(rows, content), day| {
        Some((rows.checked_add(day.rows)?, content.checked_add(day.content.parse().ok()?)?))
    })
}

fn of<'a>(manifest: &'a Manifest, relation: &str) -> Option<&'a Input> {
    manifest.inputs.iter().find(|input| input.relation == relation)
}

fn before<'a>(manifest: &'a Manifest, days: &'a InputDays, relation: &str) -> Vec<DayDigest> {
    let known = days.get(relation).map(Vec::as_slice).unwrap_or_default();
    known.iter().filter(|digest| digest.day < manifest.cutoff).cloned().collect()
}

/// Whether the days of a relation, which are those of now, are not those that a run read.
fn corrected_in(manifest: &Manifest, days: &InputDays, relation: &str) -> bool {
    let read = match of(manifest, relation) {
        Some(input) => input.content.parse().ok().map(|content| (input.events, content)),
        None => Some((0, 0)),
    };
    read.is_none() || sum(&before(manifest, days, relation)) != read
}

/// Whether any event that a run read has been corrected since.
pub(super) fn corrected(manifest: &Manifest, days: &InputDays) -> bool {
    let of_run = manifest.inputs.iter().filter(|input| input.is_events()).map(|input| input.relation.as_str());
    let relations: BTreeSet<&str> = of_run.chain(days.keys().map(String::as_str)).collect();
    relations.into_iter().any(|relation| corrected_in(manifest, days, relation))
}

/// The relation that differs on the earliest day. The days are those of now: where they are not what a run read any more, there is
/// no day.
pub(super) fn first_input(
    a: &Manifest,
    b: &Manifest,
    a_days: &InputDays,
    b_days: &InputDays,
) -> Option<(Option<String>, String, String)> {
    let read = |manifest, relation| of(manifest, relation).map(|input| (input.events, input.content.clone()));
    let events = |input: &&Input| input.is_events();
    let names: BTreeSet<&str> =
        a.inputs.iter().chain(&b.inputs).filter(events).map(|input| input.relation.as_str()).collect();
    let mut first: Option<(Option<String>, String, String)> = None;
    for relation in names.into_iter().filter(|relation| read(a, relation) != read(b, relation)) {
        let events = |manifest| of(manifest, relation).map_or(0, |input| input.events);
        let total = format!("A has {} events before the cutoff, B has {}", events(a), events(b));
        let whose = match (corrected_in(a, a_days, relation), corrected_in(b, b_days, relation)) {
            (true, true) => Some("A and B"),
            (true, false) => Some("A"),
            (false, true) => Some("B"),
            (false, false) => None,
        };
        let since = |whose| {
            format!(
                "{total}; no day is named, since the days of {whose} have been corrected since the run (compare the events of its \
                 table in the two sources)"
            )
        };
        let found = differing_days(&before(a, a_days, relation), &before(b, b_days, relation)).into_iter().next();
        let found = found.filter(|_| whose.is_none()).and_then(|(one, other)| {
            let day = one.as_ref().or(other.as_ref())?.day.clone();
            let text =
                |digest: Option<DayDigest>| digest.map_or_else(|| "none".to_owned(), |digest| events_text(&digest));
            Some((day, format!("A has {} that day, B has {}", text(one), text(other))))
        });
        let found = match found {
            Some((day, what)) => (Some(day), relation.to_owned(), what),
            None => (None, relation.to_owned(), whose.map_or_else(|| total.clone(), since)),
        };
        // A day that can be named comes before one that cannot.
        let earlier = first.as_ref().is_none_or(|first| (found.0.is_none(), &found.0) < (first.0.is_none(), &first.0));
        if earlier {
            first = Some(found);
        }
    }
    first
}

/// The first table of submissions, or the excluded addresses, of which two runs planned other rows.
pub(super) fn first_table(a: &Manifest, b: &Manifest) -> Option<(String, String)> {
    let read = |manifest, table| of(manifest, table).map(|input| (input.events, input.content.clone()));
    let tables = a.inputs.iter().chain(&b.inputs).filter(|input| !input.is_events());
    let tables: BTreeSet<&str> = tables.map(|input| input.relation.as_str()).collect();
    let mut differing = tables.into_iter().filter(|table| read(a, table) != read(b, table));
    let first = differing.next()?;
    let rows = |manifest| of(manifest, first).map_or(0, |input| input.events);
    let also: String = differing.map(|table| format!("; also {table}")).collect();
    let what = match (rows(a), rows(b)) {
        (one, other) if one == other => format!("A and B planned with {one} rows of it, and they differ"),
        (one, other) => format!("A planned with {one} rows of it, B with {other}"),
    };
    Some((first.to_owned(), format!("{what} (paydirt plan shows submissions and their windows){also}")))
}
