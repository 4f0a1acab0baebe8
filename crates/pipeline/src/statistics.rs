//! Keeps the server's statistics up to date after a run: it plans badly with those from before a large load, and its own
//! autovacuum comes a minute or more later, or is off.

use tokio_postgres::Client;

use crate::RunError;

/// Analyzes the tables that runs changed a lot, from one on, and summarises what they appended in the BRIN indexes of its partitions.
///
/// Partitions: those that grew by half, or were never analyzed. The others that grow:
/// those with more than a thousand rows and more than a tenth changed (`sql/queries/statistics/touched.sql`). The
/// partitioned table itself is not analyzed: that would read a sample of every partition.
///
/// The runs are complete before this is called: an error is only logged.
pub(crate) async fn analyze_touched(client: &mut Client, first_run_id: i64) {
    match analyze(client, first_run_id).await {
        Ok(statements) => tracing::debug!(first_run_id, statements, "statistics are up to date"),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(first_run_id, error, "statistics were not brought up to date; autovacuum will do it");
        }
    }
}

async fn analyze(client: &mut Client, first_run_id: i64) -> Result<usize, RunError> {
    client
        .query_one(include_str!("../../../sql/queries/statistics/flush.sql"), &[])
        .await
        .map_err(RunError::database("statistics/flush"))?;
    let rows = client
        .query(include_str!("../../../sql/queries/statistics/touched.sql"), &[&first_run_id])
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
