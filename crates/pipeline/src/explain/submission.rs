//! The submissions an explanation is about, with the events that made them.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use reward_rules::{ActiveDays, Day, Fork, Mode, SubmissionKind, Times, all_days};
use tokio_postgres::Transaction;

use super::ExplainRequest;
use super::report::SubmissionReport;
use crate::RunError;

/// One submission.
pub(super) struct Submission {
    pub(super) reward_hash: String,
    kind: String,
    mode: Mode,
    avs: String,
    operator_set_id: Option<i64>,
    token: String,
    amount: String,
    start: NaiveDateTime,
    end: NaiveDateTime,
    duration: i64,
    block_number: i64,
    block_time: Option<NaiveDateTime>,
    transaction_hash: Option<String>,
    log_index: Option<i64>,
}

/// Reads them, by hash.
pub(super) async fn submissions(
    transaction: &Transaction<'_>,
    request: &ExplainRequest,
    mode: Mode,
) -> Result<BTreeMap<String, Submission>, RunError> {
    let statement = include_str!("../../../../sql/queries/explain/submissions.sql");
    let rows = transaction
        .query(statement, &[&request.reward_hash, &request.token, &request.snapshot.date()])
        .await
        .map_err(RunError::database("explain/submissions"))?;
    let submission = |row: &tokio_postgres::Row| Submission {
        reward_hash: row.get("reward_hash"),
        kind: row.get("kind"),
        mode,
        avs: row.get("avs"),
        operator_set_id: row.get("operator_set_id"),
        token: row.get("token"),
        amount: row.get("amount"),
        start: row.get("start_timestamp"),
        end: row.get("end_timestamp"),
        duration: row.get("duration"),
        block_number: row.get("block_number"),
        block_time: row.get("block_time"),
        transaction_hash: row.get("transaction_hash"),
        log_index: row.get("log_index"),
    };
    Ok(rows.iter().map(submission).map(|submission| (submission.reward_hash.clone(), submission)).collect())
}

impl Submission {
    /// The days it pays from beginning to end, whenever runs come to them.
    pub(super) fn pays(&self) -> Option<ActiveDays> {
        let times = Times { start: self.start, end: self.end, duration: self.duration };
        all_days(times, self.windows(), self.mode)
    }

    fn windows(&self) -> SubmissionKind {
        SubmissionKind::of(&self.kind)
    }

    /// The day after which it is paid, if it is paid in whole (strict mode).
    pub(super) fn paid_when_over(&self) -> Option<Day> {
        let whole = self.mode == Mode::Strict && self.windows() == SubmissionKind::Directed;
        self.pays().filter(|_| whole).map(|days| days.last)
    }

    /// The date of its block.
    pub(super) fn submitted(&self) -> Option<Day> {
        self.block_time.map(|time| Day::from(time.date()))
    }

    /// The fork from which on its kind is computed, if there is one.
    pub(super) fn gate(&self) -> Option<Fork> {
        match self.kind.as_str() {
            "operator_directed" => Some(Fork::Arno),
            "operator_directed_operator_set" => Some(Fork::Mississippi),
            "unique_stake" | "total_stake" => Some(Fork::Sabine),
            _ => None,
        }
    }

    pub(super) fn report(&self) -> SubmissionReport {
        let pays = self.pays();
        SubmissionReport {
            kind: self.kind.clone(),
            avs: self.avs.clone(),
            operator_set_id: self.operator_set_id,
            token: self.token.clone(),
            amount: self.amount.clone(),
            start: self.start.to_string(),
            end: self.end.to_string(),
            duration_seconds: self.duration,
            days: self.duration / 86_400,
            first_snapshot: pays.map(|days| days.first.to_string()),
            last_snapshot: pays.map(|days| days.last.to_string()),
            block_number: self.block_number,
            block_time: self.block_time.map(|time| time.to_string()),
            transaction_hash: self.transaction_hash.clone(),
            log_index: self.log_index,
        }
    }
}
