//! Keeps the server's statistics up to date after a run: it plans badly with those from before a large load, and its own
//! autovacuum comes a minute or more later, or is off.

use tokio_postgres::Client;

use crate::RunError;

/// Analyzes the tables that a run changed a lot, and summarises what it appended in the BRIN indexes of its partitions.
///
/// Partitions: those to which the run's units added more than a tenth, or that were never analyzed. The others that grow:
/// those with more than a thousand rows and more than a tenth changed (`sql/queries/statistics/touched.sql`). The
/// partitioned table itself is not analyzed: that would read a sample of every partition.
///
/// The run is complete before this is called: an error is only logged.
pub(crate) async fn analyze_touched(client: &mut Client, run_id: i64) {
    match analyze(client, run_id).await {
        Ok(statements) => tracing::debug!(run_id, statements, "statistics are up to date"),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(run_id, error, "statistics were not brought up to date; autovacuum will do it");
        }
    }
}

async fn analyze(client: &mut Client, run_id: i64) -> Result<usize, RunError> {
    client
        .query_one(include_str!("../../../sql/queries/statistics/flush.sql"), &[])
        .await
        .map_err(RunError::database("statistics/flush"))?;
    let rows = client
        .query(include_str!("../../../sql/queries/statistics/touched.sql"), &[&run_id])
        .await
        .map_err(RunError::database("statistics/touched"))?;
    for row in &rows {
        let statement: &str = row.get("statement");
        let transaction = client.transaction().await.map_err(RunError::database("begin"))?;
        transaction
            .query_one(include_str!("../../../sql/queries/statistics/lock_timeout.sql"), &[])
            .await
            .map_err(RunError::database("statistics/lock_timeout"))?;
        transaction.batch_execute(statement).await.map_err(RunError::database("statistics/touched: ANALYZE"))?;
        transaction.commit().await.map_err(RunError::database("commit"))?;
    }
    Ok(rows.len())
}
