//! Keeps the server's statistics up to date after a run: it plans badly with those from before a large load, and its own
//! autovacuum comes a minute or more later, or is off.

use tokio_postgres::{Client, Row};

use crate::RunError;
use crate::tidy::{Kind, Task};

/// What brings statistics up to date after runs, from one on, and summarises what they appended in the BRIN indexes of its partitions.
///
/// Partitions: those that grew by half, or were never analyzed. The others that grow:
/// those with more than a thousand rows and more than a tenth changed (`sql/queries/statistics/touched.sql`). The
/// partitioned table itself is not analyzed: that would read a sample of every partition.
pub(crate) async fn touched(client: &Client, first_run_id: i64) -> Result<Vec<Task>, RunError> {
    client
        .query_one(include_str!("../../../sql/queries/statistics/flush.sql"), &[])
        .await
        .map_err(RunError::database("statistics/flush"))?;
    let rows = client
        .query(include_str!("../../../sql/queries/statistics/touched.sql"), &[&first_run_id])
        .await
        .map_err(RunError::database("statistics/touched"))?;
    let task = |row: &Row| Task { table: row.get("relname"), statement: row.get("statement"), kind: Kind::Statistics };
    Ok(rows.iter().map(task).collect())
}

/// Does all of it, one after another. The runs are complete before this is called: an error is only logged.
pub(crate) async fn analyze_touched(client: &mut Client, first_run_id: i64) {
    let all = async {
        for task in touched(client, first_run_id).await? {
            analyze(client, &task.statement).await?;
        }
        Ok::<_, RunError>(())
    };
    if let Err(error) = all.await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(first_run_id, error, "statistics were not brought up to date; autovacuum will do it");
    }
}

/// Does one of them, unless somebody else holds the table.
pub(crate) async fn analyze(client: &mut Client, statement: &str) -> Result<(), RunError> {
    let transaction = client.transaction().await.map_err(RunError::database("begin"))?;
    transaction
        .query_one(include_str!("../../../sql/queries/statistics/lock_timeout.sql"), &[])
        .await
        .map_err(RunError::database("statistics/lock_timeout"))?;
    transaction.batch_execute(statement).await.map_err(RunError::database("statistics/touched: ANALYZE"))?;
    transaction.commit().await.map_err(RunError::database("commit"))
}
