//! `paydirt audit`: where the money of every submission went, to the last unit (DESIGN.md, "What does the audit add up?").
//!
//! 1. For every submission it is found out which complete run decided which of its days: the plans are made again from the
//!    windows that are stored.
//! 2. Day after day, those submissions are computed again from the stored silver, each as its run saw it, and the rows of the
//!    steps say who got what for which reason (`day`).
//! 3. Beside it come the sums of the stored gold rows. What is stored is what the paid columns have; where it is not what the
//!    rules pay, it is attributed row by row and the day is reported (`account`).
//!
//! Everything happens in a transaction that is rolled back. One stretch of days of state is in memory, and the rows of a few
//! submissions of one day.

mod account;
mod books;
mod day;
mod report;
mod stored;
mod submissions;

use std::sync::Arc;

use delta_extractor::{Source as SilverSource, State};
use memory_budget::{Budget, bytes_of};
use rayon::prelude::*;
use reward_rules::{ActiveDays, Chain, Day, Dictionary, GroupRows, Mode, Needs, Reward, Rules};
use tokio_postgres::{Client, Transaction};

pub use report::{
    AuditReport, AuditedSubmission, Columns, OpenDay, OverpaidDay, Overpayment, Quirk, SetAside, TokenTotals,
};

use crate::compute::rows_of_steps;
use crate::lifecycle::require_same_chain;
use crate::migrate::require_current;
use crate::run::{begin, check_source, require_daily_tables};
use crate::sweep::{Question, Sweep};
use crate::{Event, Observer, RunError, Schemas};
use account::DayOutcome;
use books::Books;
use day::{Earned, earned, outcome};
pub(crate) use report::text;
use stored::GoldSums;
pub(crate) use stored::{funded, runs};
use submissions::{Run, Source, Submission};

/// What to audit.
#[derive(Clone, Debug)]
pub struct AuditRequest {
    /// Whose fork dates hold.
    pub chain: Chain,
    /// Only submissions that have this day or a later one.
    pub from: Option<Day>,
    /// Only submissions that have this day or an earlier one.
    pub to: Option<Day>,
    /// Only this submission.
    pub reward_hash: Option<String>,
    /// For everything that is kept in memory.
    pub memory: Budget,
}

impl AuditRequest {
    /// An audit of everything.
    #[must_use]
    pub fn new(chain: Chain) -> Self {
        Self { chain, from: None, to: None, reward_hash: None, memory: Budget::default() }
    }

    fn is_of_all(&self) -> bool {
        self.from.is_none() && self.to.is_none() && self.reward_hash.is_none()
    }

    fn wants(&self, submission: &Submission) -> bool {
        let in_time = submission.days.map_or(self.from.is_none() && self.to.is_none(), |days| {
            self.from.is_none_or(|from| from <= days.last) && self.to.is_none_or(|to| to >= days.first)
        });
        in_time && self.reward_hash.as_ref().is_none_or(|hash| *hash == submission.hash)
    }
}

/// Days of state that are read at once, as far as memory allows.
const DAYS_AT_ONCE: i32 = 31;

/// Adds up what every submission was given, by complete runs, and what became of it. Writes nothing.
///
/// # Errors
/// If the source has rows no rule is defined for, daily tables that runs were made of are missing, the submission is not there, memory does not suffice or the server refuses. What
/// does not close is in the report.
pub async fn audit(
    client: &mut Client,
    schemas: &Schemas,
    request: &AuditRequest,
    observer: &dyn Observer,
) -> Result<AuditReport, RunError> {
    require_current(client, schemas).await?;
    let mode = require_same_chain(client, schemas, request.chain).await?.unwrap_or_default();
    if let (Some(from), Some(to)) = (request.from, request.to)
        && from > to
    {
        return Err(RunError::FromAfterTo { from, to });
    }
    let (runs, source) = stored::runs(client).await?;
    if source == SilverSource::Snapshots {
        require_daily_tables(client, schemas).await?;
    }
    if let Some(newest) = runs.last() {
        check_source(client, None, false, mode, newest.cutoff, None, observer).await?;
    }
    let transaction = begin(client).await?;
    let report = Audit { schemas, request, mode, observer }.all(&transaction).await;
    transaction.rollback().await.map_err(RunError::database("rollback"))?;
    report
}

struct Audit<'a> {
    schemas: &'a Schemas,
    request: &'a AuditRequest,
    mode: Mode,
    observer: &'a dyn Observer,
}

/// A submission on the days of a stretch that one run decided.
struct Job {
    /// Position of the submission.
    submission: usize,
    /// Position of the run.
    run: usize,
    cutoff: Day,
    days: ActiveDays,
    reward: Reward,
    amount: pg_numeric::Numeric,
    duration_days: u32,
}

/// A stretch of days and everything needed to compute them.
#[derive(Clone)]
struct Stretch {
    jobs: Arc<Vec<Job>>,
    state: Arc<State>,
    dictionary: Arc<Dictionary>,
    rules: Rules,
    budget: Budget,
}

impl Audit<'_> {
    async fn all(&self, transaction: &Transaction<'_>) -> Result<AuditReport, RunError> {
        self.schemas.own_first(transaction).await.map_err(RunError::database("set_search_path"))?;
        let (runs, source) = stored::runs(transaction).await?;
        let (never_paid, set_aside) = stored::set_aside(transaction).await?;
        let Some(newest) = runs.last().copied() else {
            return match &self.request.reward_hash {
                Some(hash) => Err(RunError::NotAudited { reward_hash: hash.clone() }),
                None => Ok(Books::default().report((self.request.chain, self.mode), None, never_paid)),
            };
        };
        let windows = stored::windows(transaction, &runs).await?;
        let mut funded = stored::funded(transaction).await?;
        let dropped = stored::dropped_days(transaction).await?;
        // Ranges and submissions read at a later cutoff serve every earlier one.
        let silver = match source {
            SilverSource::Events => stored::silver_cutoff(transaction).await?,
            SilverSource::Snapshots => None,
        };
        let cutoff = silver.map_or(newest.cutoff, |silver| silver.max(newest.cutoff));
        stored::shadow(transaction).await?;
        let question = Question { chain: self.request.chain, mode: self.mode, cutoff, source };
        let mut sweep = Sweep::read(transaction, question, None, &self.request.memory).await?;

        let known = Source {
            chain: self.request.chain,
            mode: self.mode,
            submissions: sweep.submissions(),
            dictionary: sweep.dictionary(),
            runs: &runs,
        };
        let mut submissions = known.submissions();
        submissions.retain(|submission| submission.is_known_at(newest.cutoff) && self.request.wants(submission));
        if let (Some(hash), true) = (&self.request.reward_hash, submissions.is_empty()) {
            return Err(RunError::NotAudited { reward_hash: hash.clone() });
        }
        let mut needs = Needs::default();
        for submission in &mut submissions {
            let paid = windows.get(&submission.hash).map(Vec::as_slice).unwrap_or_default();
            known.decide(submission, paid, &set_aside);
            for decided in &submission.decided {
                needs = needs.and(&known.plan_of(submission, decided).needs);
            }
        }
        let mut memory = self.request.memory.reservation("books");
        memory.grow(books_bytes(&submissions)).map_err(|source| RunError::Memory { cutoff, source })?;
        sweep.register(transaction, self.schemas, cutoff, &needs).await?;

        let hashes: Option<Vec<String>> =
            (!self.request.is_of_all()).then(|| submissions.iter().map(|submission| submission.hash.clone()).collect());
        let gold = GoldSums::open(transaction, hashes.as_deref()).await?;
        let mut books = Books::new(submissions, &mut funded, dropped, gold);
        if let Some(days) = needs.days {
            self.sweep_days(transaction, &mut sweep, &runs, cutoff, days, &mut books).await?;
        }
        books.gold_before(transaction, None).await?;
        memory.resize(books.bytes()).map_err(|source| RunError::Memory { cutoff, source })?;
        Ok(books.report((self.request.chain, self.mode), Some(newest.cutoff), never_paid))
    }

    /// Computes all days that were decided, in order.
    async fn sweep_days(
        &self,
        transaction: &Transaction<'_>,
        sweep: &mut Sweep,
        runs: &[Run],
        cutoff: Day,
        days: ActiveDays,
        books: &mut Books,
    ) -> Result<(), RunError> {
        let mut first = days.first;
        while first <= days.last {
            let stretch = ActiveDays { first, last: days.last.min(Day(first.0 + DAYS_AT_ONCE - 1)) };
            let (jobs, needs) = self.jobs(sweep, runs, stretch, &books.submissions)?;
            if jobs.is_empty() {
                first = stretch.last.next();
                continue;
            }
            let (state, last) = sweep.state(transaction, self.schemas, cutoff, &needs, stretch).await?;
            let stretch = Stretch {
                jobs: Arc::new(jobs),
                state,
                dictionary: Arc::clone(sweep.dictionary()),
                rules: Rules::of(self.request.chain, self.mode),
                budget: self.request.memory.clone(),
            };
            for day in (ActiveDays { first, last }).iter() {
                books.gold_before(transaction, Some(day)).await?;
                let outcomes = stretch.clone().outcomes(day).await?;
                let units = outcomes.len() as u64;
                let rows = outcomes.iter().map(|(_, outcome)| outcome.rows).sum();
                books.day(transaction, runs, &stretch, day, outcomes).await?;
                if units > 0 {
                    self.observer.event(Event::DayComputed { day, rows, units });
                }
            }
            first = last.next();
        }
        Ok(())
    }

    /// What there is to compute on a stretch of days, and what it needs.
    fn jobs(
        &self,
        sweep: &Sweep,
        runs: &[Run],
        stretch: ActiveDays,
        submissions: &[Submission],
    ) -> Result<(Vec<Job>, Needs), RunError> {
        let known = Source {
            chain: self.request.chain,
            mode: self.mode,
            submissions: sweep.submissions(),
            dictionary: sweep.dictionary(),
            runs,
        };
        let (mut jobs, mut needs) = (Vec::new(), Needs::default());
        for (position, submission) in submissions.iter().enumerate() {
            for decided in &submission.decided {
                if decided.days.last < stretch.first || decided.days.first > stretch.last {
                    continue;
                }
                let plan = known.plan_of(submission, decided);
                needs = needs.and(&plan.needs.within(stretch));
                jobs.extend(sweep.registered_lines(&plan)?.into_iter().map(|reward| Job {
                    submission: position,
                    run: decided.run,
                    cutoff: plan.cutoff,
                    days: decided.days,
                    reward,
                    amount: submission.amount.clone(),
                    duration_days: submission.duration_days,
                }));
            }
        }
        jobs.sort_by_key(|job| job.run);
        Ok((jobs, needs))
    }
}

impl Stretch {
    /// What the rules did on a day, by position of the job.
    async fn outcomes(self, day: Day) -> Result<Vec<(usize, DayOutcome)>, RunError> {
        let rules = self.rules.clone();
        self.compute(day, None, move |job, rows| outcome(day, &rules.forks, rows, &job.amount, job.duration_days)).await
    }

    /// What every earner gets of one job on a day.
    async fn earned(self, day: Day, job: usize) -> Result<Vec<(String, Earned)>, RunError> {
        let dictionary = Arc::clone(&self.dictionary);
        let earned = self.compute(day, Some(job), |_, rows| earned(rows)).await?;
        let text = |earner| dictionary.text(earner).to_owned();
        Ok(earned.into_iter().flat_map(|(_, earned)| earned).map(|(earner, earned)| (text(earner), earned)).collect())
    }

    /// Computes the rows of all jobs of a day, or of one, on threads of their own.
    async fn compute<T: Send + 'static>(
        self,
        day: Day,
        only: Option<usize>,
        look: impl Fn(&Job, &GroupRows) -> T + Send + Sync + 'static,
    ) -> Result<Vec<(usize, T)>, RunError> {
        let computing = tokio::task::spawn_blocking(move || {
            let mut found = Vec::new();
            let wanted =
                |(position, job): &(usize, &Job)| job.days.contains(day) && only.is_none_or(|only| only == *position);
            let jobs: Vec<(usize, &Job)> = self.jobs.iter().enumerate().filter(wanted).collect();
            for of_run in jobs.chunk_by(|(_, one), (_, next)| one.run == next.run) {
                let cutoff = of_run[0].1.cutoff;
                let state =
                    self.state.day(day, cutoff, &self.budget).map_err(|source| RunError::Extract { cutoff, source })?;
                // A few at a time: that many submissions' rows are in memory.
                for some in of_run.chunks(rayon::current_num_threads()) {
                    let looked = some.par_iter().map(|(position, job)| {
                        let (rows, _memory) =
                            rows_of_steps(&job.reward, &state, &self.rules, &self.dictionary, &self.budget, cutoff)?;
                        Ok::<_, RunError>((*position, look(job, &rows)))
                    });
                    found.extend(looked.collect::<Result<Vec<_>, _>>()?);
                }
            }
            Ok(found)
        });
        computing.await.map_err(|_| RunError::Stopped)?
    }
}

/// About how many bytes submissions and their books take before the first day.
fn books_bytes(submissions: &[Submission]) -> u64 {
    let decided: usize = submissions.iter().map(|submission| submission.decided.capacity()).sum();
    bytes_of::<Submission>(submissions.len()) + bytes_of::<submissions::Decided>(decided)
}
