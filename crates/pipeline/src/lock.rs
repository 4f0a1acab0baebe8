//! One process at a time per schema: an advisory lock decides, a lease row says who has it.

use std::fmt;

use tokio_postgres::Client;

use crate::{RunError, Schemas};

/// Who works on a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The host it runs on.
    pub host: String,
    /// Its process there.
    pub pid: i32,
    /// `run`, `undo`.
    pub doing: String,
    /// Since when, UTC.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by process {} on {} since {} UTC", self.doing, self.pid, self.host, self.since)
    }
}

/// Takes the lock of a schema for this session and notes who has it. A holder that died has lost the lock with its
/// session, and its note is replaced.
///
/// # Errors
/// [`RunError::InProgress`] if another session has the lock, [`RunError::NoSessionLocks`] behind a transaction pooler.
pub(crate) async fn lock(client: &Client, schemas: &Schemas, doing: &str) -> Result<(), RunError> {
    let schema = &schemas.own;
    let row = client
        .query_one(include_str!("../../../sql/queries/runs/try_lock.sql"), &[schema])
        .await
        .map_err(RunError::database("try_lock"))?;
    if !row.get::<_, bool>("locked") {
        return Err(RunError::InProgress { schema: schema.clone(), holder: holder(client).await? });
    }
    let held: bool = client
        .query_one(include_str!("../../../sql/queries/runs/holds_lock.sql"), &[schema])
        .await
        .map_err(RunError::database("holds_lock"))?
        .get("held");
    if !held {
        return Err(RunError::NoSessionLocks);
    }
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    client
        .execute(include_str!("../../../sql/queries/runs/take_lease.sql"), &[&host(), &pid, &doing])
        .await
        .map_err(RunError::database("take_lease"))?;
    Ok(())
}

/// Gives the lock back; the server does so too when the session ends.
pub(crate) async fn unlock(client: &Client, schemas: &Schemas) -> Result<(), RunError> {
    client
        .execute(include_str!("../../../sql/queries/runs/drop_lease.sql"), &[])
        .await
        .map_err(RunError::database("drop_lease"))?;
    client
        .query_one(include_str!("../../../sql/queries/runs/unlock.sql"), &[&schemas.own])
        .await
        .map_err(RunError::database("unlock"))?;
    Ok(())
}

async fn holder(client: &Client) -> Result<Option<Holder>, RunError> {
    let row = client
        .query_opt(include_str!("../../../sql/queries/runs/lease.sql"), &[])
        .await
        .map_err(RunError::database("lease"))?;
    Ok(row.map(|row| Holder {
        host: row.get("host"),
        pid: row.get("pid"),
        doing: row.get("doing"),
        since: row.get("since"),
    }))
}

/// The name of this host, as the kernel has it.
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
