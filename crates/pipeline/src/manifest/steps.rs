//! What each step of a run gives, day by day, in few bytes: by this [`super::bisect`] names the step in which two deployments part.
//!
//! Nobody stores rows of steps, so the run is planned again with the watermarks that it found, from silver as it is now, and its days
//! are computed with the rows of all steps. Only their digests are kept: in memory are the state of up to 31 days and the rows of as
//! many submissions of a day as there are threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use delta_extractor::{Hash, Source, State, TextHashes};
use memory_budget::Budget;
use rayon::prelude::*;
use reward_rules::{ActiveDays, Chain, Day, Dictionary, GroupRows, Mode, Reward, Rules, Step};
use serde::{Deserialize, Serialize};
use tokio_postgres::{Client, Transaction};

use super::{ManifestError, RunManifest, dropped_days, run_manifests, stored_rows};
use crate::compute::rows_of_steps;
use crate::gold_digest::GoldDigest;
use crate::replan::replan;
use crate::run::begin;
use crate::sweep::Question;
use crate::{RunError, Schemas};

/// What the steps of a run give, and what is stored of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSteps {
    /// The run's number.
    pub run: i64,
    /// D.
    pub cutoff: String,
    /// The only day, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// SHA-256 of the plan as it is now; the manifest has that of the run.
    pub plan: Option<String>,
    /// In order.
    pub days: Vec<DaySteps>,
}

/// The steps of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaySteps {
    /// The day.
    pub day: String,
    /// Steps 1 to 22, those without rows left out.
    pub steps: Vec<StepDigest>,
    /// The rows of gold that they come to, as the manifest has them.
    pub gold: RowsDigest,
    /// The rows of the run that are stored; `None`: they were dropped on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<RowsDigest>,
}

/// The rows of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDigest {
    /// Its name.
    pub step: String,
    /// Its rows.
    #[serde(flatten)]
    pub digest: RowsDigest,
    /// The same by reward hash, if one day was asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rewards: BTreeMap<String, RowsDigest>,
}

/// Rows in few bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsDigest {
    /// How many.
    pub rows: u64,
    /// The sum of their hashes.
    pub content: String,
}

impl From<GoldDigest> for RowsDigest {
    fn from(digest: GoldDigest) -> Self {
        Self { rows: digest.rows, content: digest.content.to_string() }
    }
}

/// Digests by step and reward hash.
type Digests = BTreeMap<(Step, String), GoldDigest>;

/// Computes the steps of a complete run again; of one day with the digests of each submission, or of all days without.
///
/// # Errors
/// As [`manifests`](super::manifests); or if memory does not suffice, or a rule cannot be evaluated.
pub async fn run_steps(
    client: &mut Client,
    schemas: &Schemas,
    run: Option<i64>,
    day: Option<Day>,
    budget: &Budget,
) -> Result<RunSteps, ManifestError> {
    let (_, RunManifest { run, manifest, .. }) = run_manifests(client, schemas, run).await?;
    let manifest = manifest.ok_or(ManifestError::None(run))?;
    let unreadable = |what, value: &str| RunError::Unreadable { what, value: value.to_owned() };
    let chain: Chain = manifest.chain.parse().map_err(|_| unreadable("a manifest's chain", &manifest.chain))?;
    let cutoff = manifest.cutoff.parse().map_err(|_| unreadable("a manifest's cutoff", &manifest.cutoff))?;
    let source = if manifest.source == Source::Snapshots.name() { Source::Snapshots } else { Source::Events };
    let transaction = begin(client).await?;
    schemas.own_first(&transaction).await.map_err(RunError::database("set_search_path"))?;
    let dropped = dropped_days(&transaction).await?;
    let stored = stored_rows::digest(&transaction, run, day).await?;
    let mode: Mode = manifest.mode.parse().map_err(|_| unreadable("a manifest's mode", &manifest.mode))?;
    let question = Question { chain, mode, cutoff, source };
    let recomputed = recompute(&transaction, schemas, run, question, day, budget).await;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    let Recomputed { plan, planned, is_planned, mut days } = recomputed?;
    if let Some(day) = day {
        let paid = stored.contains_key(&day) || manifest.days.iter().any(|digest| digest.day == day.to_string());
        if !paid && !is_planned {
            return Err(ManifestError::NotItsDay { run, cutoff, day, planned });
        }
    }
    for (day, stored) in stored {
        days.entry(day).or_default().2 = stored;
    }
    // Also days of which nothing is left: they are told from days that were dropped.
    for paid in manifest.days.iter().filter_map(|digest| digest.day.parse::<Day>().ok()) {
        if day.is_none_or(|day| day == paid) {
            days.entry(paid).or_default();
        }
    }
    let days = days.into_iter().map(|(of, (steps, gold, stored))| DaySteps {
        day: of.to_string(),
        steps: by_step(steps, day.is_some()),
        gold: gold.into(),
        stored: dropped.iter().all(|days| !days.contains(of)).then(|| stored.into()),
    });
    let only = day.map(|day| day.to_string());
    Ok(RunSteps { run, cutoff: cutoff.to_string(), only, plan, days: days.collect() })
}

fn by_step(digests: Digests, with_rewards: bool) -> Vec<StepDigest> {
    let mut steps: BTreeMap<Step, (GoldDigest, BTreeMap<String, RowsDigest>)> = BTreeMap::new();
    for ((step, reward_hash), digest) in digests {
        let (of_step, rewards) = steps.entry(step).or_default();
        of_step.add(digest);
        if with_rewards {
            rewards.insert(reward_hash, digest.into());
        }
    }
    let digest = |(step, (digest, rewards)): (Step, (GoldDigest, _))| StepDigest {
        step: step.name().to_owned(),
        digest: digest.into(),
        rewards,
    };
    steps.into_iter().map(digest).collect()
}

/// Steps, gold they come to, gold that is stored.
type Day3 = (Digests, GoldDigest, GoldDigest);

/// A run computed again.
struct Recomputed {
    /// The digest of the plan as it is now.
    plan: Option<String>,
    /// From the first to the last day of its submissions.
    planned: Option<ActiveDays>,
    /// Whether a submission is active on the only day.
    is_planned: bool,
    /// What each day comes to.
    days: BTreeMap<Day, Day3>,
}

async fn recompute(
    transaction: &Transaction<'_>,
    schemas: &Schemas,
    run: i64,
    question: Question,
    only: Option<Day>,
    budget: &Budget,
) -> Result<Recomputed, RunError> {
    let Question { chain, mode, cutoff, .. } = question;
    let set_aside = transaction
        .query(include_str!("../../../../sql/queries/manifests/set_aside.sql"), &[&run])
        .await
        .map_err(RunError::database("manifests/set_aside"))?;
    let set_aside: Vec<&str> = set_aside.iter().map(|row| row.get("reward_hash")).collect();
    let (mut sweep, planned) = replan(transaction, schemas, question, &set_aside, None, budget).await?;
    let plan = planned.stored.get("digest").and_then(|digest| digest.as_str()).map(str::to_owned);
    let mut days = BTreeMap::new();
    let Some(ActiveDays { first, last }) = planned.plan.needs.days else {
        return Ok(Recomputed { plan, planned: None, is_planned: false, days });
    };
    let is_planned = only.is_none_or(|only| planned.plan.rewards.iter().any(|reward| reward.days.contains(only)));
    let wanted =
        only.map_or(ActiveDays { first, last }, |only| ActiveDays { first: first.max(only), last: last.min(only) });
    let mut first = wanted.first;
    while first <= wanted.last {
        let stretch = ActiveDays { first, last: wanted.last };
        let needs = &planned.plan.needs;
        if needs.within(stretch).days.is_none() {
            break;
        }
        let (state, last) = sweep.state(transaction, schemas, cutoff, needs, stretch).await?;
        let mut hashes = TextHashes::default();
        hashes.update(sweep.dictionary());
        let hashes = Arc::new(hashes);
        for day in (ActiveDays { first, last }).iter() {
            let computing = Computing {
                rewards: Arc::clone(&planned.rewards),
                state: Arc::clone(&state),
                dictionary: Arc::clone(sweep.dictionary()),
                hashes: Arc::clone(&hashes),
                rules: Rules::of(chain, mode),
                budget: budget.clone(),
                cutoff,
            };
            let computed = tokio::task::spawn_blocking(move || computing.day(day)).await;
            let (steps, gold) = computed.map_err(|_| RunError::Stopped)??;
            if !steps.is_empty() {
                days.insert(day, (steps, gold, GoldDigest::default()));
            }
        }
        first = last.next();
    }
    Ok(Recomputed { plan, planned: planned.plan.needs.days, is_planned, days })
}

/// Everything a day is computed from.
struct Computing {
    rewards: Arc<Vec<Reward>>,
    state: Arc<State>,
    dictionary: Arc<Dictionary>,
    hashes: Arc<TextHashes>,
    rules: Rules,
    budget: Budget,
    cutoff: Day,
}

impl Computing {
    /// Blocks; runs on all threads.
    fn day(&self, day: Day) -> Result<(Digests, GoldDigest), RunError> {
        let cutoff = self.cutoff;
        let active = |reward: &&Reward| reward.days().is_some_and(|days| days.contains(day));
        let rewards: Vec<&Reward> = self.rewards.iter().filter(active).collect();
        let (mut steps, mut gold) = (Digests::new(), GoldDigest::default());
        if rewards.is_empty() {
            return Ok((steps, gold));
        }
        let state = self.state.day(day, cutoff, &self.budget).map_err(|source| RunError::Extract { cutoff, source })?;
        for some in rewards.chunks(rayon::current_num_threads()) {
            let computed = some.par_iter().map(|reward| {
                let (rows, _memory) =
                    rows_of_steps(reward, &state, &self.rules, &self.dictionary, &self.budget, cutoff)?;
                Ok((
                    self.dictionary.text(reward.reward_hash),
                    self.digests(&rows),
                    GoldDigest::of(&rows.gold, &self.hashes),
                ))
            });
            for (reward_hash, of_steps, of_gold) in computed.collect::<Result<Vec<_>, RunError>>()? {
                gold.add(of_gold);
                for (step, digest) in of_steps {
                    steps.entry((step, reward_hash.to_owned())).or_default().add(digest);
                }
            }
        }
        Ok((steps, gold))
    }

    /// Of steps that have rows.
    fn digests(&self, rows: &GroupRows) -> Vec<(Step, GoldDigest)> {
        let mut digests = Vec::new();
        rows.for_each_step(&self.dictionary, |step, _, rows| {
            let hash = |row: &Vec<String>| row.iter().fold(Hash::START, |hash, cell| hash.bytes(cell.as_bytes()));
            let content = rows.iter().map(|row| u128::from(hash(row).0)).sum();
            if !rows.is_empty() {
                digests.push((step, GoldDigest { rows: rows.len() as u64, content }));
            }
        });
        digests
    }
}
