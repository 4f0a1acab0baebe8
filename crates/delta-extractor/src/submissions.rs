//! The facts a plan is made from.

use std::collections::{HashMap, HashSet};

use arrow::array::RecordBatch;
use arrow_copy::{Column, Kind, copy_out};
use memory_budget::bytes_of;
use reward_rules::{Day, Dictionary, Id, OdSubmission, SetId, StakeSubmission, V1Submission};
use tokio_postgres::Transaction;

use crate::ExtractError;
use crate::rows::Columns;

/// Submissions known at the cutoff that are not paid up to their end, and what else the plan and the rules read whole.
#[derive(Debug, Clone, Default)]
pub struct Submissions {
    /// `combined_rewards`.
    pub v1: Vec<V1Submission>,
    /// `operator_directed_rewards`.
    pub od: Vec<OdSubmission>,
    /// `operator_directed_operator_set_rewards`.
    pub od_set: Vec<OdSubmission>,
    /// `stake_operator_set_rewards`.
    pub stake: Vec<StakeSubmission>,
    /// `excluded_addresses` of the chain.
    pub excluded: HashSet<Id>,
    /// Submissions that are set aside.
    pub quarantined: HashSet<Id>,
}

const ID: Kind = Kind::Id;

const V1_COLUMNS: [Column; 11] = [
    Column::new("avs", ID),
    Column::new("reward_hash", ID),
    Column::new("token", ID),
    Column::new("amount", Kind::Numeric),
    Column::new("strategy", ID),
    Column::new("multiplier", Kind::Numeric),
    Column::new("start_timestamp", Kind::Timestamp),
    Column::new("end_timestamp", Kind::Timestamp),
    Column::new("duration", Kind::Int8),
    Column::new("reward_type", ID),
    Column::new("submission_date", Kind::Day),
];

const OD_COLUMNS: [Column; 12] = [
    Column::new("avs", ID),
    Column::new("operator_set_id", Kind::Int8),
    Column::new("reward_hash", ID),
    Column::new("token", ID),
    Column::new("operator", ID),
    Column::new("amount", Kind::Numeric),
    Column::new("strategy", ID),
    Column::new("multiplier", Kind::Numeric),
    Column::new("start_timestamp", Kind::Timestamp),
    Column::new("end_timestamp", Kind::Timestamp),
    Column::new("duration", Kind::Int8),
    Column::new("submission_date", Kind::Day),
];

const STAKE_COLUMNS: [Column; 13] = [
    Column::new("avs", ID),
    Column::new("operator_set_id", Kind::Int8),
    Column::new("reward_hash", ID),
    Column::new("token", ID),
    Column::new("amount", Kind::Numeric),
    Column::new("strategy", ID),
    Column::new("strategy_index", Kind::Int4),
    Column::new("multiplier", Kind::Numeric),
    Column::new("start_timestamp", Kind::Timestamp),
    Column::new("end_timestamp", Kind::Timestamp),
    Column::new("duration", Kind::Int8),
    Column::new("reward_type", ID),
    Column::new("submission_date", Kind::Day),
];

const WATERMARK_COLUMNS: [Column; 2] = [Column::new("reward_hash", ID), Column::new("last_snapshot", Kind::Day)];
const QUARANTINED_COLUMNS: [Column; 1] = [Column::new("reward_hash", ID)];
const EXCLUDED_COLUMNS: [Column; 1] = [Column::new("address", ID)];

impl Submissions {
    /// Every submission that was read.
    #[must_use]
    pub fn hashes(&self) -> HashSet<Id> {
        (self.v1.iter().map(|row| row.reward_hash))
            .chain(self.od.iter().chain(&self.od_set).map(|row| row.reward_hash))
            .chain(self.stake.iter().map(|row| row.reward_hash))
            .collect()
    }

    /// About how many bytes they take.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        bytes_of::<V1Submission>(self.v1.capacity())
            + bytes_of::<OdSubmission>(self.od.capacity() + self.od_set.capacity())
            + bytes_of::<StakeSubmission>(self.stake.capacity())
    }
}

/// Reads the last snapshot with rows in gold_table per hash, as the run found it (Q1).
///
/// # Errors
/// If reading fails.
pub async fn read_watermarks(
    client: &Transaction<'_>,
    dictionary: &mut Dictionary,
) -> Result<HashMap<Id, Day>, ExtractError> {
    let statement = include_str!("../../../sql/queries/facts/watermarks.sql");
    let batches =
        copy_out(client, statement, &WATERMARK_COLUMNS, dictionary).await.map_err(ExtractError::copy("watermarks"))?;
    let watermarks = decode("watermarks", &batches, |columns, row| Ok((columns.id(0, row)?, columns.day(1, row)?)))?;
    Ok(watermarks.into_iter().collect())
}

/// Reads the submissions known at the cutoff that are not paid up to their end, and the excluded addresses.
///
/// # Errors
/// If reading fails or a value has no meaning, such as an unknown `reward_type`.
pub async fn read_submissions(
    client: &Transaction<'_>,
    dictionary: &mut Dictionary,
) -> Result<Submissions, ExtractError> {
    let mut read = async |what, statement, columns: &[Column]| {
        copy_out(client, statement, columns, dictionary).await.map_err(ExtractError::copy(what))
    };
    let v1 =
        read("combined_rewards", include_str!("../../../sql/queries/facts/combined_rewards.sql"), &V1_COLUMNS).await?;
    let od = read(
        "operator_directed_rewards",
        include_str!("../../../sql/queries/facts/operator_directed_rewards.sql"),
        &OD_COLUMNS,
    )
    .await?;
    let od_set = read(
        "operator_directed_operator_set_rewards",
        include_str!("../../../sql/queries/facts/operator_directed_operator_set_rewards.sql"),
        &OD_COLUMNS,
    )
    .await?;
    let stake = read(
        "stake_operator_set_rewards",
        include_str!("../../../sql/queries/facts/stake_operator_set_rewards.sql"),
        &STAKE_COLUMNS,
    )
    .await?;
    let quarantined =
        read("quarantined", include_str!("../../../sql/queries/facts/quarantined.sql"), &QUARANTINED_COLUMNS).await?;
    let excluded = read(
        "excluded_addresses",
        include_str!("../../../sql/queries/facts/excluded_addresses.sql"),
        &EXCLUDED_COLUMNS,
    )
    .await?;

    Ok(Submissions {
        v1: decode("combined_rewards", &v1, |columns, row| v1_submission(columns, row, dictionary))?,
        od: decode("operator_directed_rewards", &od, |columns, row| od_submission(columns, row, false))?,
        od_set: decode("operator_directed_operator_set_rewards", &od_set, |columns, row| {
            od_submission(columns, row, true)
        })?,
        stake: decode("stake_operator_set_rewards", &stake, |columns, row| stake_submission(columns, row, dictionary))?,
        quarantined: decode("quarantined", &quarantined, |columns, row| columns.id(0, row))?.into_iter().collect(),
        excluded: decode("excluded_addresses", &excluded, |columns, row| columns.id(0, row))?.into_iter().collect(),
    })
}

/// Every row of the batches through `row`.
pub(crate) fn decode<T>(
    relation: &'static str,
    batches: &[RecordBatch],
    decode_row: impl Fn(&Columns<'_>, usize) -> Result<T, ExtractError>,
) -> Result<Vec<T>, ExtractError> {
    let mut values = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let columns = Columns::new(relation, batch);
        for row in columns.rows() {
            values.push(decode_row(&columns, row)?);
        }
    }
    Ok(values)
}

fn v1_submission(columns: &Columns<'_>, row: usize, dictionary: &Dictionary) -> Result<V1Submission, ExtractError> {
    Ok(V1Submission {
        avs: columns.id(0, row)?,
        reward_hash: columns.id(1, row)?,
        token: columns.id(2, row)?,
        amount: columns.numeric(3, row)?,
        strategy: columns.id(4, row)?,
        multiplier: columns.numeric(5, row)?,
        start_timestamp: columns.timestamp(6, row)?,
        end_timestamp: columns.timestamp(7, row)?,
        duration: columns.int8(8, row)?,
        reward_type: columns.parsed(9, row, dictionary)?,
        submission_date: columns.day(10, row)?,
    })
}

fn od_submission(columns: &Columns<'_>, row: usize, of_set: bool) -> Result<OdSubmission, ExtractError> {
    Ok(OdSubmission {
        avs: columns.id(0, row)?,
        operator_set_id: if of_set { Some(columns.int8(1, row)?) } else { None },
        reward_hash: columns.id(2, row)?,
        token: columns.id(3, row)?,
        operator: columns.id(4, row)?,
        amount: columns.numeric(5, row)?,
        strategy: columns.id(6, row)?,
        multiplier: columns.numeric(7, row)?,
        start_timestamp: columns.timestamp(8, row)?,
        end_timestamp: columns.timestamp(9, row)?,
        duration: columns.int8(10, row)?,
        submission_date: columns.day(11, row)?,
    })
}

fn stake_submission(
    columns: &Columns<'_>,
    row: usize,
    dictionary: &Dictionary,
) -> Result<StakeSubmission, ExtractError> {
    Ok(StakeSubmission {
        set: SetId { avs: columns.id(0, row)?, number: columns.int8(1, row)? },
        reward_hash: columns.id(2, row)?,
        token: columns.id(3, row)?,
        amount: columns.numeric(4, row)?,
        strategy: columns.id(5, row)?,
        strategy_index: columns.int4(6, row)?,
        multiplier: columns.numeric(7, row)?,
        start_timestamp: columns.timestamp(8, row)?,
        end_timestamp: columns.timestamp(9, row)?,
        duration: columns.int8(10, row)?,
        reward_type: columns.parsed(11, row, dictionary)?,
        submission_date: columns.day(12, row)?,
    })
}
