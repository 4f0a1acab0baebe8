//! The books of all submissions: what the rules did on a day, beside what is stored of it.

use std::collections::{BTreeMap, HashMap};

use memory_budget::bytes_of;
use pg_numeric::Numeric;
use reward_rules::{ActiveDays, Chain, Day, Mode};
use tokio_postgres::Transaction;

use super::account::{DayOutcome, Overpaid};
use super::report::{
    AuditReport, AuditedSubmission, Columns, OpenDay, OverpaidDay, Overpayment, Quirk, SetAside, TokenTotals,
};
use super::stored::{Funded, GoldSums, Stored, gold_rows};
use super::submissions::{Run, Submission};
use super::{Stretch, day::Earned};
use crate::RunError;

const STORED_DIFFERS: &str = "what is stored is not what the rules pay";
const NOTHING_TO_PAY: &str = "rows are stored of a day that no run had to pay";
const NO_SUBMISSION: &str = "rows are stored of a hash and token that no submission has";
const TOO_MUCH_LOST: &str = "more is lost than rounding can lose";
const NOT_CLOSED: &str = "the columns do not add up (our bug)";

/// Everybody's books.
#[derive(Default)]
pub(super) struct Books {
    pub(super) submissions: Vec<Submission>,
    funded: Vec<Funded>,
    by_hash: HashMap<String, usize>,
    dropped: Vec<ActiveDays>,
    gold: Option<GoldSums>,
    open: Vec<OpenDay>,
}

/// What is stored and what the rules pay on a day that is not right.
struct Difference<'a> {
    day: Day,
    run_id: Option<i64>,
    reason: &'static str,
    stored: &'a Stored,
    recomputed: Stored,
}

impl Books {
    pub(super) fn new(
        submissions: Vec<Submission>,
        funded: &mut HashMap<String, Funded>,
        dropped: Vec<ActiveDays>,
        gold: GoldSums,
    ) -> Self {
        let funded = submissions
            .iter()
            .map(|submission| funded.remove(&submission.hash).unwrap_or_else(Funded::nothing))
            .collect();
        let by_hash =
            submissions.iter().enumerate().map(|(position, submission)| (submission.hash.clone(), position)).collect();
        Self { submissions, funded, by_hash, dropped, gold: Some(gold), open: Vec::new() }
    }

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> u64 {
        let overpaid: usize = self.submissions.iter().map(|submission| submission.account.overpaid.capacity()).sum();
        super::books_bytes(&self.submissions)
            + bytes_of::<Overpaid>(overpaid)
            + bytes_of::<Funded>(self.funded.len())
            + bytes_of::<OpenDay>(self.open.len())
    }

    fn is_dropped(&self, day: Day) -> bool {
        self.dropped.iter().any(|days| days.contains(day))
    }

    /// Enters what is stored of days before this one, or of all that are left: no run had to pay anything there.
    pub(super) async fn gold_before(
        &mut self,
        transaction: &Transaction<'_>,
        day: Option<Day>,
    ) -> Result<(), RunError> {
        while let Some(next) = self.next_gold(transaction).await?
            && day.is_none_or(|day| next < day)
        {
            let sums = self.sums_of(transaction, next).await?;
            self.strays(next, sums);
        }
        Ok(())
    }

    async fn next_gold(&mut self, transaction: &Transaction<'_>) -> Result<Option<Day>, RunError> {
        match &mut self.gold {
            Some(gold) => gold.peek_day(transaction).await,
            None => Ok(None),
        }
    }

    async fn sums_of(
        &mut self,
        transaction: &Transaction<'_>,
        day: Day,
    ) -> Result<HashMap<(String, String), Stored>, RunError> {
        if self.next_gold(transaction).await? != Some(day) {
            return Ok(HashMap::new());
        }
        match &mut self.gold {
            Some(gold) => gold.next_day(transaction).await,
            None => Ok(HashMap::new()),
        }
    }

    /// Enters a day: what the rules did, by position of the job, and what is stored.
    pub(super) async fn day(
        &mut self,
        transaction: &Transaction<'_>,
        runs: &[Run],
        stretch: &Stretch,
        day: Day,
        outcomes: Vec<(usize, DayOutcome)>,
    ) -> Result<(), RunError> {
        let mut sums = self.sums_of(transaction, day).await?;
        let dropped = self.is_dropped(day);
        for (job_position, outcome) in outcomes {
            let job = &stretch.jobs[job_position];
            let submission = &mut self.submissions[job.submission];
            let stored = sums.remove(&(submission.hash.clone(), submission.token.clone())).unwrap_or_default();
            if day == job.cutoff && outcome.rows == 0 && stored.rows == 0 {
                // The cutoff's own day is not over (Q5): as long as nobody was paid, later runs look at it again.
                continue;
            }
            submission.account.settle(day, job.run, &outcome);
            let recomputed = Stored { rows: outcome.rows, sum: outcome.paid.total() };
            if dropped || stored == recomputed {
                submission.account.paid.add(&outcome.paid);
                submission.dropped_days += u32::from(dropped && outcome.rows > 0);
                continue;
            }
            let earned = stretch.clone().earned(day, job_position).await?.into_iter().collect();
            let rows = gold_rows(transaction, &submission.hash, &submission.token, day).await?;
            attribute(submission, &rows, &earned);
            let run_id = Some(runs[job.run].id);
            let difference = Difference { day, run_id, reason: STORED_DIFFERS, stored: &stored, recomputed };
            self.differs(job.submission, difference);
        }
        self.strays(day, sums);
        Ok(())
    }

    /// Rows that are stored although nothing had to be paid.
    fn strays(&mut self, day: Day, sums: HashMap<(String, String), Stored>) {
        if self.is_dropped(day) {
            return;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by(|(one, _), (other, _)| one.cmp(other));
        for ((hash, token), stored) in sums {
            let known = self.by_hash.get(&hash).copied().filter(|&known| self.submissions[known].token == token);
            let reason = if known.is_some_and(|known| self.submissions[known].reward_hash.is_some()) {
                NOTHING_TO_PAY
            } else {
                NO_SUBMISSION
            };
            let position = known.unwrap_or_else(|| {
                self.submissions.push(Submission::unknown(hash.clone(), token));
                self.funded.push(Funded::nothing());
                self.by_hash.entry(hash).or_insert(self.submissions.len() - 1);
                self.submissions.len() - 1
            });
            self.submissions[position].account.unattributed += &stored.sum;
            let recomputed = Stored::default();
            self.differs(position, Difference { day, run_id: None, reason, stored: &stored, recomputed });
        }
    }

    fn differs(&mut self, position: usize, difference: Difference<'_>) {
        let Difference { day, run_id, reason, stored, recomputed } = difference;
        let submission = &mut self.submissions[position];
        submission.account.difference += &(&stored.sum - &recomputed.sum);
        self.open.push(OpenDay {
            reward_hash: submission.hash.clone(),
            snapshot: Some(day.to_string()),
            run_id,
            reason,
            stored_rows: stored.rows,
            stored: stored.sum.clone(),
            recomputed_rows: recomputed.rows,
            recomputed: recomputed.sum,
        });
    }

    /// Closes the books.
    pub(super) fn report(
        mut self,
        (chain, mode): (Chain, Mode),
        cutoff: Option<Day>,
        set_aside: Vec<SetAside>,
    ) -> AuditReport {
        let mut closed: Vec<(AuditedSubmission, Vec<Overpayment>)> = Vec::new();
        for (submission, funded) in self.submissions.iter().zip(&self.funded) {
            let columns = submission.account.columns(&funded.amount, submission.existing_days());
            self.open.extend(not_in_order(submission, funded, &columns));
            closed.push((audited(submission, funded, columns), overpayments(submission)));
        }
        let open: std::collections::HashSet<&str> = self.open.iter().map(|day| day.reward_hash.as_str()).collect();
        for (submission, _) in &mut closed {
            submission.closes = !open.contains(submission.reward_hash.as_str());
        }
        closed.sort_by(|(one, _), (other, _)| {
            (&one.token, &one.first_snapshot, &one.reward_hash).cmp(&(
                &other.token,
                &other.first_snapshot,
                &other.reward_hash,
            ))
        });
        let mut tokens: BTreeMap<&str, TokenTotals> = BTreeMap::new();
        for (submission, _) in &closed {
            let totals = tokens.entry(&submission.token).or_insert_with(|| TokenTotals {
                token: submission.token.clone(),
                submissions: 0,
                columns: Columns::default(),
                remaining_days: 0,
            });
            totals.submissions += 1;
            totals.columns.add(&submission.columns);
            totals.remaining_days += u64::from(submission.remaining_days);
        }
        let tokens = tokens.into_values().collect();
        let (submissions, overpaid): (Vec<_>, Vec<_>) = closed.into_iter().unzip();
        AuditReport {
            chain: chain.to_string(),
            mode: mode.name(),
            cutoff: cutoff.map(|cutoff| cutoff.to_string()),
            closes: self.open.is_empty(),
            submissions,
            tokens,
            overpaid: overpaid.into_iter().flatten().collect(),
            open: self.open,
            set_aside,
        }
    }
}

/// Enters stored rows by why their earners are paid. A row that is not what the rules pay still has that reason, if there is but one.
fn attribute(submission: &mut Submission, rows: &[(String, Numeric)], earned: &HashMap<String, Earned>) {
    let account = &mut submission.account;
    for (earner, amount) in rows {
        match earned.get(earner) {
            Some(earned) if earned.paid.total() == *amount => account.paid.add(&earned.paid),
            Some(Earned { kinds, .. }) if kinds.len() == 1 => account.paid.pay(kinds[0], amount),
            _ => account.unattributed += amount,
        }
    }
}

/// What is wrong with a submission as a whole.
fn not_in_order<'a>(
    submission: &'a Submission,
    funded: &'a Funded,
    columns: &'a Columns,
) -> impl Iterator<Item = OpenDay> + 'a {
    let of = |snapshot: Option<Day>, reason, recomputed: &Numeric| OpenDay {
        reward_hash: submission.hash.clone(),
        snapshot: snapshot.map(|day| day.to_string()),
        run_id: None,
        reason,
        stored_rows: 0,
        stored: Numeric::ZERO,
        recomputed_rows: 0,
        recomputed: recomputed.clone(),
    };
    let doubtful = submission.account.doubtful.iter().filter(|_| !funded.rows_disagree);
    let doubtful = doubtful.map(move |(day, lost)| of(Some(*day), TOO_MUCH_LOST, lost));
    // What was stored beyond the rules has its own lines.
    let rest = &columns.open() + &columns.difference;
    let not_closed = (!rest.is_zero()).then(|| of(None, NOT_CLOSED, &rest));
    doubtful.chain(not_closed)
}

fn audited(submission: &Submission, funded: &Funded, columns: Columns) -> AuditedSubmission {
    AuditedSubmission {
        reward_hash: submission.hash.clone(),
        token: submission.token.clone(),
        kind: submission.kind,
        first_snapshot: submission.days.map(|days| days.first.to_string()),
        last_snapshot: submission.days.map(|days| days.last.to_string()),
        columns,
        remaining_days: submission.existing_days().saturating_sub(submission.account.settled_days),
        dropped_days: submission.dropped_days,
        rows_disagree: funded.rows_disagree,
        closes: true,
    }
}

/// The overpaid days of a submission, by why.
fn overpayments(submission: &Submission) -> Vec<Overpayment> {
    let mut by_quirk: BTreeMap<Quirk, Vec<OverpaidDay>> = BTreeMap::new();
    for Overpaid { day, quirk, amount } in &submission.account.overpaid {
        let day = OverpaidDay { snapshot: day.to_string(), amount: amount.clone() };
        by_quirk.entry(*quirk).or_default().push(day);
    }
    by_quirk
        .into_iter()
        .map(|(quirk, days)| Overpayment {
            reward_hash: submission.hash.clone(),
            token: submission.token.clone(),
            kind: submission.kind,
            quirk,
            meaning: quirk.meaning(),
            amount: days.iter().map(|day| &day.amount).sum(),
            days,
        })
        .collect()
}
