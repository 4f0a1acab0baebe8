//! `paydirt explain`: how an amount of gold comes about, or why there is none. Reads only, in a transaction that is rolled back.
//!
//! 1. Which submissions: the one named, those of a token, or all that have days around the snapshot, and whatever gold has.
//! 2. Which run computed the day of each: the one whose rows are there, else the newest one that planned it. Later runs may see
//!    other inputs, so the day is recomputed as of that run's cutoff, with the watermarks that run found.
//! 3. The submission is planned and the state of the day is read the way runs do it (`recompute.rs`), from silver as it is now.
//! 4. [`reward_rules::explain`] computes and explains; the rows must equal gold (`report.rs` says if not).
//! 5. For every value of silver an answer rests on, the events behind it are looked up (`events.rs`).

mod about;
mod events;
mod recompute;
mod report;
mod submission;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use memory_budget::Budget;
use reward_rules::explain::{Explanation, Role, WhyNot, explain as explain_day};
use reward_rules::{Chain, Day, Dictionary, Rules};
use tokio_postgres::{Client, Transaction};

use crate::lifecycle::require_same_chain;
use crate::migrate::require_current;
use crate::run::begin;
use crate::{RunError, Schemas, Source};
use events::Events;
use recompute::{Recomputation, RunOf, recompute};
pub use report::{
    BalanceReport, EventReport, ExplainReport, ExplainedAmount, GoldVerdict, PartReport, ReasonReport, RunReport,
    StoredAmount, SubmissionReport,
};
use submission::{Submission, submissions};

/// What to explain.
#[derive(Clone, Debug)]
pub struct ExplainRequest {
    /// Whose fork dates hold.
    pub chain: Chain,
    /// The day.
    pub snapshot: Day,
    /// Who, lower case.
    pub earners: Vec<String>,
    /// One submission, lower case.
    pub reward_hash: Option<String>,
    /// The submissions of a token, lower case.
    pub token: Option<String>,
    /// For everything that is kept in memory.
    pub memory: Budget,
}

/// Explains what earners got on a day, submission by submission, or why they got nothing.
///
/// # Errors
/// If the submission is unknown, nothing can be read, or a rule cannot be evaluated. An amount that differs from gold is in the
/// report.
pub async fn explain(
    client: &mut Client,
    schemas: &Schemas,
    request: &ExplainRequest,
) -> Result<ExplainReport, RunError> {
    require_current(client, schemas).await?;
    let mode = require_same_chain(client, schemas, request.chain).await?.unwrap_or_default();
    let transaction = begin(client).await?;
    schemas.own_first(&transaction).await.map_err(RunError::database("set_search_path"))?;
    let report = Explaining { schemas, request, rules: Rules::of(request.chain, mode), transaction: &transaction }
        .report()
        .await;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    report
}

struct Explaining<'a> {
    schemas: &'a Schemas,
    request: &'a ExplainRequest,
    rules: Rules,
    transaction: &'a Transaction<'a>,
}

/// What is known of all submissions besides the runs that computed them.
struct Known {
    submissions: BTreeMap<String, Submission>,
    newest_cutoff: Option<Day>,
    quarantine: HashMap<String, String>,
    watermarks: HashMap<String, Day>,
    dropped: bool,
}

/// (earner, reward hash).
type Key = (String, String);

impl Explaining<'_> {
    async fn report(&self) -> Result<ExplainReport, RunError> {
        let ExplainRequest { chain, snapshot, earners, reward_hash, .. } = self.request;
        let stored = self.gold().await?;
        let known = self.known(&stored).await?;
        let hashes: BTreeSet<&str> =
            known.submissions.keys().map(String::as_str).chain(stored.keys().map(|(_, hash)| hash.as_str())).collect();
        if let Some(hash) = reward_hash.as_ref().filter(|_| hashes.is_empty()) {
            return Err(RunError::NoSuchSubmission { reward_hash: hash.clone() });
        }
        let runs = self.runs(&hashes).await?;
        let mut by_run: BTreeMap<i64, (RunOf, Vec<&str>)> = BTreeMap::new();
        for (hash, run) in &runs {
            by_run.entry(run.id).or_insert_with(|| (run.clone(), Vec::new())).1.push(hash);
        }

        let mut amounts: BTreeMap<Key, ExplainedAmount> = BTreeMap::new();
        for (run, hashes) in by_run.values() {
            amounts.extend(self.of_run(run, hashes, &known, &stored).await?);
        }
        for earner in earners {
            for hash in hashes.iter().filter(|hash| !runs.contains_key(**hash)) {
                let key = (earner.clone(), (*hash).to_owned());
                let amount = self.without_run(&key, &known, &stored);
                amounts.insert(key, amount);
            }
        }
        let amounts: Vec<ExplainedAmount> = amounts.into_values().collect();
        Ok(ExplainReport {
            chain: chain.to_string(),
            snapshot: snapshot.to_string(),
            newest_cutoff: known.newest_cutoff.map(|cutoff| cutoff.to_string()),
            equal: amounts.iter().all(|amount| amount.verdict != GoldVerdict::Differs),
            amounts,
        })
    }

    /// What complete runs paid the earners on the day.
    async fn gold(&self) -> Result<BTreeMap<Key, Vec<StoredAmount>>, RunError> {
        let ExplainRequest { snapshot, earners, reward_hash, token, .. } = self.request;
        let statement = include_str!("../../../sql/queries/explain/gold.sql");
        let rows = (self.transaction.query(statement, &[earners, &snapshot.date(), reward_hash, token]).await)
            .map_err(RunError::database("explain/gold"))?;
        let mut gold: BTreeMap<Key, Vec<StoredAmount>> = BTreeMap::new();
        for row in rows {
            let stored =
                StoredAmount { token: row.get("token"), amount: row.get("amount"), run_id: Some(row.get("run_id")) };
            gold.entry((row.get("earner"), row.get("reward_hash"))).or_default().push(stored);
        }
        Ok(gold)
    }

    async fn known(&self, stored: &BTreeMap<Key, Vec<StoredAmount>>) -> Result<Known, RunError> {
        let (transaction, database) = (self.transaction, RunError::database);
        let submissions = submissions(transaction, self.request, self.rules.mode).await?;
        let hashes: Vec<&str> =
            (submissions.keys().map(String::as_str)).chain(stored.keys().map(|(_, hash)| hash.as_str())).collect();
        let newest = transaction
            .query_opt(include_str!("../../../sql/queries/partitions/newest_complete.sql"), &[])
            .await
            .map_err(database("newest_complete"))?;
        let quarantine = transaction
            .query(include_str!("../../../sql/queries/explain/quarantine.sql"), &[])
            .await
            .map_err(database("explain/quarantine"))?;
        let watermarks = transaction
            .query(include_str!("../../../sql/queries/explain/watermarks.sql"), &[&hashes])
            .await
            .map_err(database("explain/watermarks"))?;
        let dropped = transaction
            .query_one(include_str!("../../../sql/queries/explain/dropped.sql"), &[&self.request.snapshot.date()])
            .await
            .map_err(database("explain/dropped"))?;
        Ok(Known {
            submissions,
            newest_cutoff: newest.map(|row| row.get::<_, NaiveDate>("cutoff").into()),
            quarantine: quarantine.iter().map(|row| (row.get("reward_hash"), row.get("reason"))).collect(),
            watermarks: (watermarks.iter())
                .map(|row| (row.get("reward_hash"), row.get::<_, NaiveDate>("last_snapshot").into()))
                .collect(),
            dropped: dropped.get("dropped"),
        })
    }

    /// The run that computed the day of each submission.
    async fn runs(&self, hashes: &BTreeSet<&str>) -> Result<BTreeMap<String, RunOf>, RunError> {
        let hashes: Vec<&str> = hashes.iter().copied().collect();
        let statement = include_str!("../../../sql/queries/explain/runs.sql");
        let rows = (self.transaction.query(statement, &[&hashes, &self.request.snapshot.date()]).await)
            .map_err(RunError::database("explain/runs"))?;
        let mut runs = BTreeMap::new();
        for row in rows {
            let source = if row.get::<_, &str>("source") == "events" { Source::Events } else { Source::Snapshots };
            let cutoff = row.get::<_, NaiveDate>("cutoff").into();
            // The first is the one that counts.
            runs.entry(row.get("reward_hash")).or_insert(RunOf { id: row.get("id"), cutoff, source });
        }
        Ok(runs)
    }

    /// The amounts of submissions whose day one run computed.
    async fn of_run(
        &self,
        run: &RunOf,
        hashes: &[&str],
        known: &Known,
        stored: &BTreeMap<Key, Vec<StoredAmount>>,
    ) -> Result<BTreeMap<Key, ExplainedAmount>, RunError> {
        let ExplainRequest { chain, snapshot, earners, .. } = self.request;
        let of = Recomputation {
            chain: *chain,
            mode: self.rules.mode,
            snapshot: *snapshot,
            hashes,
            budget: &self.request.memory,
        };
        let mut recomputed = recompute(self.transaction, self.schemas, run, of).await?;
        let mut abouts = Vec::new();
        for earner in earners {
            abouts
                .push((earner, about::read(self.transaction, self.schemas, &mut recomputed, *snapshot, earner).await?));
        }
        let explanations = explanations(&recomputed, &abouts, &self.rules, *snapshot)?;
        let dictionary = recomputed.dictionary();
        let mut events = Events::new(self.transaction, *chain, *snapshot, run.cutoff);
        let mut amounts = BTreeMap::new();
        for (earner, _) in &abouts {
            for &hash in hashes {
                let key = ((*earner).clone(), hash.to_owned());
                let Some(explanation) = explanations.get(&key) else {
                    let amount = self.without_run(&key, known, stored);
                    amounts.insert(key, ExplainedAmount { run: Some(recomputed.run_report(hash)), ..amount });
                    continue;
                };
                let found = events.behind(explanation, dictionary, earner).await?;
                let mut amount = self.amount(&key, known, stored, explanation, dictionary);
                amount.run = Some(recomputed.run_report(hash));
                amount.events = found;
                amounts.insert(key, amount);
            }
        }
        Ok(amounts)
    }

    fn amount(
        &self,
        key: &Key,
        known: &Known,
        stored: &BTreeMap<Key, Vec<StoredAmount>>,
        explanation: &Explanation,
        dictionary: &Dictionary,
    ) -> ExplainedAmount {
        let (earner, reward_hash) = key.clone();
        let stored = stored.get(key).cloned().unwrap_or_default();
        let explained: Vec<StoredAmount> = (explanation.rows.iter())
            .map(|row| StoredAmount {
                token: dictionary.text(row.token).to_owned(),
                amount: row.amount.to_string(),
                run_id: None,
            })
            .collect();
        ExplainedAmount {
            earner,
            submission: known.submissions.get(&reward_hash).map(Submission::report),
            reward_hash,
            verdict: GoldVerdict::of(&explained, &stored, known.dropped),
            explained,
            stored,
            run: None,
            parts: explanation.parts.iter().map(|part| PartReport::new(part, dictionary)).collect(),
            balance: Some(BalanceReport::new(&explanation.balance)),
            reasons: explanation.reasons.iter().map(|reason| ReasonReport::new(reason, dictionary)).collect(),
            events: Vec::new(),
        }
    }

    /// A submission whose day no run has computed.
    fn without_run(&self, key: &Key, known: &Known, stored: &BTreeMap<Key, Vec<StoredAmount>>) -> ExplainedAmount {
        let (earner, reward_hash) = key.clone();
        let submission = known.submissions.get(&reward_hash);
        let reason = submission.map(|submission| self.why_no_run(submission, known));
        let stored = stored.get(key).cloned().unwrap_or_default();
        ExplainedAmount {
            earner,
            reward_hash,
            submission: submission.map(Submission::report),
            verdict: GoldVerdict::of(&[], &stored, known.dropped),
            explained: Vec::new(),
            stored,
            run: None,
            parts: Vec::new(),
            balance: None,
            reasons: (reason.iter())
                .map(|why| ReasonReport::new(&(Role::Staker, why.clone()), &Dictionary::new()))
                .collect(),
            events: Vec::new(),
        }
    }

    fn why_no_run(&self, submission: &Submission, known: &Known) -> WhyNot {
        let ExplainRequest { snapshot, .. } = self.request;
        if let Some(reason) = known.quarantine.get(&submission.reward_hash) {
            return WhyNot::SetAside { reason: reason.clone() };
        }
        let pays = submission.pays();
        if pays.is_none_or(|days| !days.contains(*snapshot)) {
            return WhyNot::NotActive { pays };
        }
        let Some(cutoff) = known.newest_cutoff else { return WhyNot::NotComputed { cutoff: None } };
        if let Some(submitted) = submission.submitted().filter(|submitted| *submitted >= cutoff) {
            return WhyNot::NotKnown { submitted, cutoff };
        }
        let forks = &self.rules.forks;
        if let Some(fork) = submission.gate().filter(|fork| cutoff < forks.date(*fork)) {
            return WhyNot::GateClosed { fork, date: forks.date(fork) };
        }
        if let Some(last) = submission.paid_when_over().filter(|last| *last >= cutoff) {
            return WhyNot::PaidWhenOver { last };
        }
        match known.watermarks.get(&submission.reward_hash) {
            Some(&watermark) if watermark >= *snapshot => WhyNot::PastWatermark { watermark },
            Some(_) | None => WhyNot::NotComputed { cutoff: Some(cutoff) },
        }
    }
}

/// Every earner with every submission that is active on the day.
fn explanations(
    recomputed: &recompute::Recomputed,
    abouts: &[(&String, about::Earner)],
    rules: &Rules,
    snapshot: Day,
) -> Result<HashMap<Key, Explanation>, RunError> {
    let cutoff = recomputed.run.cutoff;
    let dictionary = recomputed.dictionary();
    let mut explanations = HashMap::new();
    let Some(state) = &recomputed.state else { return Ok(explanations) };
    let day = state.day(snapshot, cutoff, &recomputed.budget).map_err(|source| RunError::Extract { cutoff, source })?;
    for reward in recomputed.rewards() {
        for (earner, about) in abouts {
            let explanation = explain_day(reward, &day, rules, about.id, &about.about)
                .map_err(|error| RunError::Rule { cutoff, message: error.describe(dictionary) })?;
            let hash = dictionary.text(reward.reward_hash).to_owned();
            explanations.insert(((*earner).clone(), hash), explanation);
        }
    }
    Ok(explanations)
}
