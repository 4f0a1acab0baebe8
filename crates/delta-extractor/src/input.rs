//! The parameters of a run, as temp tables: statements that COPY take no parameters.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, UInt32Array};
use arrow_copy::{Column, CopyIn, Kind};
use reward_rules::{ActiveDays, Chain, Day, Dictionary, Id, Needs};
use tokio_postgres::Transaction;

use crate::ExtractError;

/// Where silver comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the indexer's events; stored as ranges in paydirt's schema.
    Events,
    /// From the daily `*_snapshots` tables that the indexer keeps in the source schema.
    Snapshots,
}

impl Source {
    /// The name in the CLI and in stored runs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Snapshots => "snapshots",
        }
    }
}

/// What a run is about.
#[derive(Clone, Copy, Debug)]
pub struct RunInput {
    /// The chain.
    pub chain: Chain,
    /// D.
    pub cutoff: Day,
    /// The run that is resumed: what its own units have done does not count as paid before.
    pub resumed_run: Option<i64>,
}

/// Makes the parameters visible to the other functions of this crate, until the transaction ends.
///
/// # Errors
/// If the server refuses.
pub async fn prepare(client: &Transaction<'_>, input: RunInput) -> Result<(), ExtractError> {
    let create = include_str!("../../../sql/queries/create_run_input.sql");
    client.batch_execute(create).await.map_err(ExtractError::database("create_run_input"))?;
    client
        .execute(
            include_str!("../../../sql/queries/fill_run_input.sql"),
            &[&input.cutoff.date(), &input.chain.name(), &input.chain.avs_directory(), &input.resumed_run],
        )
        .await
        .map_err(ExtractError::database("fill_run_input"))?;
    Ok(())
}

const FIRST: Column = Column::new("first_snapshot", Kind::Day);
const LAST: Column = Column::new("last_snapshot", Kind::Day);

/// Fills the plan tables.
pub(crate) async fn fill_plan_tables(
    client: &Transaction<'_>,
    needs: &Needs,
    dictionary: &Dictionary,
) -> Result<(), ExtractError> {
    let create = include_str!("../../../sql/queries/create_plan_tables.sql");
    client.batch_execute(create).await.map_err(ExtractError::database("create_plan_tables"))?;

    let ids = |ids: Vec<Id>| -> ArrayRef { Arc::new(UInt32Array::from_iter_values(ids.into_iter().map(|id| id.0))) };
    let days = |days: Vec<ActiveDays>| -> [ArrayRef; 2] {
        [
            Arc::new(Date32Array::from_iter_values(days.iter().map(|days| days.first.0))),
            Arc::new(Date32Array::from_iter_values(days.iter().map(|days| days.last.0))),
        ]
    };
    let fill = async |what, statement, columns: &[Column], keys: Vec<ArrayRef>, spans: Vec<ActiveDays>| {
        let columns: Vec<Column> = columns.iter().copied().chain([FIRST, LAST]).collect();
        let arrays = keys.into_iter().chain(days(spans)).collect();
        let batch = RecordBatch::try_new(Column::schema(&columns), arrays)
            .map_err(|error| ExtractError::Copy { what, source: error.into() })?;
        let mut copy = CopyIn::start(client, statement).await.map_err(ExtractError::copy(what))?;
        copy.send(&batch, dictionary).await.map_err(ExtractError::copy(what))?;
        copy.finish().await.map_err(ExtractError::copy(what))
    };

    let strategies: Vec<_> = needs.strategies.iter().collect();
    fill(
        "plan_strategies",
        include_str!("../../../sql/queries/fill_plan_strategies.sql"),
        &[Column::new("strategy", Kind::Id), Column::new("id", Kind::Int8), Column::new("every_holder", Kind::Bool)],
        vec![
            ids(strategies.iter().map(|(id, _)| **id).collect()),
            Arc::new(Int64Array::from_iter_values(strategies.iter().map(|(id, _)| i64::from(id.0)))),
            Arc::new(BooleanArray::from_iter(strategies.iter().map(|(_, (_, every))| Some(*every)))),
        ],
        strategies.iter().map(|(_, (days, _))| *days).collect(),
    )
    .await?;
    fill(
        "plan_avss",
        include_str!("../../../sql/queries/fill_plan_avss.sql"),
        &[Column::new("avs", Kind::Id)],
        vec![ids(needs.avss.keys().copied().collect())],
        needs.avss.values().copied().collect(),
    )
    .await?;
    fill(
        "plan_sets",
        include_str!("../../../sql/queries/fill_plan_sets.sql"),
        &[Column::new("avs", Kind::Id), Column::new("operator_set_id", Kind::Int8)],
        vec![
            ids(needs.sets.keys().map(|set| set.avs).collect()),
            Arc::new(Int64Array::from_iter_values(needs.sets.keys().map(|set| set.number))),
        ],
        needs.sets.values().copied().collect(),
    )
    .await?;
    fill(
        "plan_every_operator",
        include_str!("../../../sql/queries/fill_plan_every_operator.sql"),
        &[],
        Vec::new(),
        needs.every_operator.into_iter().collect(),
    )
    .await?;
    fill(
        "plan_days",
        include_str!("../../../sql/queries/fill_plan_days.sql"),
        &[],
        Vec::new(),
        needs.days.into_iter().collect(),
    )
    .await?;
    Ok(())
}
