//! One run at a time per schema.

use tokio_postgres::Client;

use crate::RunError;

/// Takes the run lock of a schema for this session.
///
/// # Errors
/// [`RunError::InProgress`] if another session has it.
pub(crate) async fn lock(client: &Client, schema: &str) -> Result<(), RunError> {
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/try_lock.sql"), &[&schema])
        .await
        .map_err(RunError::database("try_lock"))?;
    if row.get::<_, bool>("locked") { Ok(()) } else { Err(RunError::InProgress { schema: schema.to_owned() }) }
}

/// Gives the lock back; the server does so too when the session ends.
pub(crate) async fn unlock(client: &Client, schema: &str) -> Result<(), RunError> {
    client
        .query_one(include_str!("../../../sql/queries/runs/unlock.sql"), &[&schema])
        .await
        .map_err(RunError::database("unlock"))?;
    Ok(())
}
