//! What nobody may find after a command has ended.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio_postgres::Client;

/// The name of our own sessions.
pub(crate) const TESTER: &str = "fault-test";

/// A server notices the end of a client a little later, when it is computing.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 20 });
const POLL: Duration = Duration::from_millis(20);

/// One row for each thing that is left. Parameters: $1 the name of our own sessions.
const LEFT: &str = "\
    SELECT 'a session of ' || a.application_name || ', ' || coalesce(a.state, '') || ': ' || a.query \
    FROM pg_stat_activity a \
    WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.application_name <> $1 \
    UNION ALL \
    SELECT 'a temporary relation ' || c.relname FROM pg_class c WHERE c.relpersistence = 't' \
    UNION ALL \
    SELECT 'an advisory lock ' || l.classid || ' ' || l.objid FROM pg_locks l \
    WHERE l.locktype = 'advisory' AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) \
    UNION ALL \
    SELECT 'a prepared transaction ' || p.gid FROM pg_prepared_xacts p WHERE p.database = current_database() \
    UNION ALL \
    SELECT 'a lease: ' || t::text FROM paydirt.lease t \
    UNION ALL \
    SELECT 'an unfinished run: ' || r.cutoff || ' is ' || r.status FROM paydirt.runs r WHERE r.status <> 'complete' \
    UNION ALL \
    SELECT 'an unfinished unit: ' || u.run_id || '.' || u.unit || ' is ' || u.status FROM paydirt.units u WHERE u.status <> 'done' \
    UNION ALL \
    SELECT 'rows of no run: ' || count(*) FROM paydirt.gold_rows g \
    WHERE NOT EXISTS (SELECT FROM paydirt.runs r WHERE r.id = g.run_id) HAVING count(*) > 0";

/// What is left; waits for it to go.
pub(crate) async fn left_behind(client: &Client) -> anyhow::Result<Vec<String>> {
    let started = Instant::now();
    loop {
        let rows = client.query(LEFT, &[&TESTER]).await.context("looking for what was left behind")?;
        let left: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        if left.is_empty() || started.elapsed() > PATIENCE {
            return Ok(left);
        }
        tokio::time::sleep(POLL).await;
    }
}
