//! Making a dataset that differs smaller while it still differs.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Instant;

use dataset_generator::Dataset;

/// The result of shrinking.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest dataset found.
    pub dataset: Dataset,
    /// How many candidates were tried.
    pub tried: usize,
    /// Whether it ended because nothing more could go, not because time was up.
    pub finished: bool,
}

/// Drops cutoffs, submissions, avss, operators, stakers, strategies and days as long as `differs` stays true.
///
/// `cutoffs` is how many cutoffs the difference needed. Ends at `deadline` with what it has.
///
/// # Errors
/// What `differs` returns.
pub async fn shrink<F, E>(
    dataset: &Dataset,
    cutoffs: usize,
    deadline: Instant,
    mut differs: impl FnMut(Dataset) -> F,
) -> Result<Shrunk, E>
where
    F: Future<Output = Result<bool, E>>,
{
    let mut tried = 0;
    let mut best = dataset.clone();
    let mut candidate = best.clone();
    candidate.truncate_cutoffs(cutoffs);
    tried += 1;
    if differs(candidate.clone()).await? {
        best = candidate;
    }
    loop {
        let before = best.row_count() + best.params.cutoffs.len();
        for aspect in Aspect::ALL {
            let items = aspect.items(&best);
            let base = best.clone();
            let without = |kept: &BTreeSet<Item>| aspect.keep(&base, kept);
            let kept = minimise(items, deadline, |kept| {
                tried += 1;
                differs(without(kept))
            })
            .await?;
            best = without(&kept);
        }
        if Instant::now() >= deadline {
            return Ok(Shrunk { dataset: best, tried, finished: false });
        }
        if best.row_count() + best.params.cutoffs.len() == before {
            break;
        }
    }
    let mut candidate = best.clone();
    candidate.drop_unused_blocks();
    tried += 1;
    if differs(candidate.clone()).await? {
        best = candidate;
    }
    Ok(Shrunk { dataset: best, tried, finished: true })
}

/// The smallest subset found by removing halves, quarters, … and single items while `holds` stays true of the rest.
///
/// # Errors
/// What `holds` returns.
pub async fn minimise<T, F, E>(
    items: BTreeSet<T>,
    deadline: Instant,
    mut holds: impl FnMut(&BTreeSet<T>) -> F,
) -> Result<BTreeSet<T>, E>
where
    T: Clone + Ord,
    F: Future<Output = Result<bool, E>>,
{
    let mut kept = items;
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let all: Vec<T> = kept.iter().cloned().collect();
        for chunk in all.chunks(size) {
            if Instant::now() >= deadline {
                return Ok(kept);
            }
            let rest: BTreeSet<T> = kept.iter().filter(|item| !chunk.contains(item)).cloned().collect();
            if holds(&rest).await? {
                kept = rest;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2).min(size - 1) };
    }
    Ok(kept)
}

/// What can be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aspect {
    Cutoffs,
    Submissions,
    Avss,
    Operators,
    Stakers,
    Strategies,
    EventDays,
}

/// Something that can be dropped, as text: a date, an address, a hash.
type Item = String;

impl Aspect {
    const ALL: [Self; 7] = [
        Self::Submissions,
        Self::Avss,
        Self::Stakers,
        Self::Operators,
        Self::Strategies,
        Self::EventDays,
        Self::Cutoffs,
    ];

    fn items(self, dataset: &Dataset) -> BTreeSet<Item> {
        let texts = |column: &str| dataset.addresses(column).iter().map(ToString::to_string).collect();
        match self {
            // The last cutoff is the one after which something differs.
            Self::Cutoffs => {
                let cutoffs = &dataset.params.cutoffs;
                cutoffs.iter().take(cutoffs.len().saturating_sub(1)).map(ToString::to_string).collect()
            }
            Self::Submissions => dataset.submissions().iter().map(ToString::to_string).collect(),
            Self::Avss => texts("avs"),
            Self::Operators => texts("operator"),
            Self::Stakers => texts("staker"),
            Self::Strategies => texts("strategy"),
            Self::EventDays => dataset.event_days().iter().map(ToString::to_string).collect(),
        }
    }

    fn keep(self, dataset: &Dataset, kept: &BTreeSet<Item>) -> Dataset {
        let mut dataset = dataset.clone();
        match self {
            Self::Cutoffs => {
                let last = dataset.params.cutoffs.last().copied();
                dataset.retain_cutoffs(|cutoff| Some(*cutoff) == last || kept.contains(&cutoff.to_string()));
            }
            Self::Submissions => dataset.retain_submissions(|hash| kept.contains(&hash.to_string())),
            Self::Avss => dataset.retain_avss(|avs| kept.contains(&avs.to_string())),
            Self::Operators => dataset.retain_operators(|operator| kept.contains(&operator.to_string())),
            Self::Stakers => dataset.retain_stakers(|staker| kept.contains(&staker.to_string())),
            Self::Strategies => dataset.retain_strategies(|strategy| kept.contains(&strategy.to_string())),
            Self::EventDays => dataset.retain_event_days(|day| kept.contains(&day.to_string())),
        }
        dataset
    }
}
