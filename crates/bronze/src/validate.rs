//! The checks a run makes before it writes anything (spec/01 "Invariants worth validating on load").

use chrono::NaiveDate;
use futures_util::future::join;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use crate::BronzeError;
use crate::tables::tables;

/// Whether a finding stops a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// No rule is defined for the row: the run is refused.
    Error,
    /// The row looks odd, but has a defined result.
    Warning,
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $severity:ident, $quarantinable:literal, $sql:expr;)*) => {
        /// What is wrong. The names are pinned.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FindingKind {
            $($(#[$meta])* $variant,)*
        }

        impl FindingKind {
            /// Every kind, in the order they are checked.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The pinned name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether it stops a run.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Whether the row is a submission that a run can set aside.
            #[must_use]
            pub const fn quarantinable(self) -> bool {
                match self { $(Self::$variant => $quarantinable,)* }
            }

            /// Whether its statement reads the temp table of submissions, which is filled with the rows to check.
            const fn is_of_submissions(self) -> bool {
                matches!(
                    self,
                    Self::SubmissionAddress
                        | Self::SubmissionDuration
                        | Self::SubmissionAmount
                        | Self::SubmissionMultiplier
                        | Self::SubmissionRewardType
                        | Self::SubmissionTwoTables
                        | Self::SubmissionDuplicate
                        | Self::SubmissionTimes
                        | Self::SubmissionDisagrees
                        | Self::SubmissionRepeatedStrategy
                        | Self::SubmissionLateEnd
                )
            }

            const fn sql(self) -> &'static str {
                match self { $(Self::$variant => $sql,)* }
            }
        }
    };
}

macro_rules! check {
    ($name:literal) => {
        include_str!(concat!("../../../sql/bronze/checks/", $name, ".sql"))
    };
}

kinds! {
    /// An address or hash of a submission is not lower-case hex of the right length.
    SubmissionAddress = "submission_address", Error, true, check!("submission_address");
    /// A submission is shorter than a day (Q32).
    SubmissionDuration = "submission_duration", Error, true, check!("submission_duration");
    /// An amount is negative, not an integer, or 10^38 or more (U8).
    SubmissionAmount = "submission_amount", Error, true, check!("submission_amount");
    /// A multiplier is negative, not an integer, or 10^78 or more.
    SubmissionMultiplier = "submission_multiplier", Error, true, check!("submission_multiplier");
    /// A v1 submission is of an unknown type.
    SubmissionRewardType = "submission_reward_type", Error, true, check!("submission_reward_type");
    /// A reward_hash is in more than one submission table.
    SubmissionTwoTables = "submission_two_tables", Error, true, check!("submission_two_tables");
    /// A submission has two rows for one strategy and operator index (U3).
    SubmissionDuplicate = "submission_duplicate", Error, true, check!("submission_duplicate");
    /// An event's block does not exist.
    MissingBlock = "missing_block", Error, false, check!("missing_block");
    /// An address of an event is not lower-case hex of the right length.
    EventAddress = "event_address", Error, false, check!("event_address");
    /// Shares are not integers, or go beyond numeric(78,0).
    ShareSize = "share_size", Error, false, check!("share_size");
    /// A share delta has another time or date than its block.
    ShareBlockTime = "share_block_time", Error, false, check!("share_block_time");
    /// A submission does not last whole days from midnight (Q4).
    SubmissionTimes = "submission_times", Warning, false, check!("submission_times");
    /// The rows of a submission disagree.
    SubmissionDisagrees = "submission_disagrees", Warning, false, check!("submission_disagrees");
    /// A submission lists a strategy twice (Q9, U2).
    SubmissionRepeatedStrategy = "submission_repeated_strategy", Warning, false,
        check!("submission_repeated_strategy");
    /// An operator-directed submission ends after its block.
    SubmissionLateEnd = "submission_late_end", Warning, false, check!("submission_late_end");
    /// A split is not 0 to 10000 bips (Q15).
    SplitRange = "split_range", Warning, false, check!("split_range");
    /// A magnitude is out of range.
    MagnitudeRange = "magnitude_range", Warning, false, check!("magnitude_range");
}

/// Something that is wrong with the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops a run.
    pub severity: Severity,
    /// What is wrong.
    pub kind: FindingKind,
    /// The table.
    pub table: &'static str,
    /// Which row: a reward_hash, a block number, an address, or holder and strategy.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether a run can set the submission `key` aside.
    pub quarantinable: bool,
}

/// Which rows have not been checked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// Those of this day and later ones.
    pub day: NaiveDate,
    /// No sample of a restaked strategy of this day or a later one is of a lower block.
    pub first_sample_block: i64,
    /// No other event that counts on this day or a later one is of a lower block. Splits, which count when they are activated,
    /// are not covered.
    pub first_event_block: i64,
}

/// Checks the rows that a run with this cutoff reads: all of them, or those of days from `since` on together with what they
/// can contradict. The session's search path must have the source schema, and with `since`, paydirt's own with the shares that hold on
/// the day before.
///
/// Findings about submissions that can be set aside are complete; of the others up to twenty per kind are listed. A second session,
/// with the same names, takes over some of the checks.
///
/// # Errors
/// If a statement fails.
pub async fn validate(
    client: &Client,
    helper: Option<&Client>,
    cutoff: NaiveDate,
    since: Option<Since>,
) -> Result<Vec<Finding>, BronzeError> {
    let create = include_str!("../../../sql/bronze/create_submissions.sql");
    client.batch_execute(create).await.map_err(BronzeError::database("create_submissions"))?;
    let findings = find(client, helper.unwrap_or(client), cutoff, since).await;
    // If dropping fails, so did the statement before, or the next one will; the table goes with the session.
    let drop = include_str!("../../../sql/bronze/drop_submissions.sql");
    let dropped = client.batch_execute(drop).await.map_err(BronzeError::database("drop_submissions"));
    let findings = findings?;
    dropped?;
    Ok(findings)
}

async fn find(
    client: &Client,
    helper: &Client,
    cutoff: NaiveDate,
    since: Option<Since>,
) -> Result<Vec<Finding>, BronzeError> {
    let day = since.map(|since| since.day);
    let submissions = client
        .execute(include_str!("../../../sql/bronze/fill_submissions.sql"), &[&cutoff, &day])
        .await
        .map_err(BronzeError::database("fill_submissions"))?;
    // Those that look at the most rows, beside those of submissions, which are in a temp table of the first session.
    let (others, own): (Vec<FindingKind>, Vec<FindingKind>) = FindingKind::ALL
        .iter()
        .filter(|kind| submissions > 0 || !kind.is_of_submissions())
        .partition(|kind| matches!(kind, FindingKind::MissingBlock | FindingKind::EventAddress));
    let (own, others) = join(find_kinds(client, &own, cutoff, since), find_kinds(helper, &others, cutoff, since)).await;
    let mut findings = own?;
    findings.extend(others?);
    findings.sort_by_key(|finding| FindingKind::ALL.iter().position(|kind| *kind == finding.kind));
    Ok(findings)
}

async fn find_kinds(
    client: &Client,
    kinds: &[FindingKind],
    cutoff: NaiveDate,
    since: Option<Since>,
) -> Result<Vec<Finding>, BronzeError> {
    let day = since.map(|since| since.day);
    let first_sample_block = since.map_or(0, |since| since.first_sample_block);
    let first_event_block = since.map_or(0, |since| since.first_event_block);
    let mut findings = Vec::new();
    for &kind in kinds {
        let all: [&(dyn ToSql + Sync); 4] = [&cutoff, &day, &first_sample_block, &first_event_block];
        let parameters = match kind {
            FindingKind::EventAddress => &all[..],
            FindingKind::ShareSize if !may_be_large(client, cutoff, day).await? => continue,
            kind if kind.is_of_submissions() => &all[..0],
            _ => &all[..2],
        };
        let rows = client.query(kind.sql(), parameters).await.map_err(BronzeError::database(kind.name()))?;
        for row in rows {
            let name: String = row.get("source_table");
            findings.push(Finding {
                severity: kind.severity(),
                kind,
                table: tables().iter().find(|table| table.name == name).map_or("", |table| table.name),
                key: row.get("key"),
                reason: row.get("reason"),
                quarantinable: kind.quarantinable(),
            });
        }
    }
    Ok(findings)
}

/// Whether shares, or their running sums, may be what no rule is defined for: if all of them together are not, none is.
async fn may_be_large(client: &Client, cutoff: NaiveDate, since: Option<NaiveDate>) -> Result<bool, BronzeError> {
    let row = match since {
        None => client.query_one(include_str!("../../../sql/bronze/checks/share_size_bound.sql"), &[&cutoff]).await,
        Some(day) => {
            let statement = include_str!("../../../sql/bronze/checks/share_size_bound_since.sql");
            client.query_one(statement, &[&cutoff, &day]).await
        }
    };
    Ok(row.map_err(BronzeError::database("share_size_bound"))?.get("may_be_large"))
}
