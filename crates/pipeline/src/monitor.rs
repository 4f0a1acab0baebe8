//! A second session that watches over the first ones: it renews the lease, and sees when a session waits for a lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::{RunError, Schemas, Sessions};

/// How often sessions are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How many looks are between two renewals of the lease.
const LOOKS_PER_RENEWAL: u32 = 5;

/// How long a connection attempt may be put off after one that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// What a monitor has seen.
#[derive(Default)]
struct Seen {
    /// Looks at which a backend waited for a lock; backends that are watched are present.
    waits: Mutex<HashMap<i32, u32>>,
    /// Another process has taken the lease over.
    lost: AtomicBool,
}

/// Watches until it is dropped.
pub(crate) struct Monitor {
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Monitor {
    /// Starts to watch; `lease_of` is the backend whose lease is renewed, if it is for a holder of one.
    pub(crate) fn start(sessions: Sessions, schemas: Schemas, lease_of: Option<i32>) -> Self {
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn(watch(sessions, schemas, lease_of, Arc::clone(&seen)));
        Self { seen, task }
    }

    /// Watches a backend's waits from now on.
    pub(crate) fn add(&self, backend: i32) {
        if let Ok(mut waits) = self.seen.waits.lock() {
            waits.entry(backend).or_default();
        }
    }

    /// How long a backend has waited for locks so far, in seconds.
    pub(crate) fn lock_wait_seconds(&self, backend: i32) -> f64 {
        let looks = self.seen.waits.lock().map_or(0, |waits| waits.get(&backend).copied().unwrap_or_default());
        (LOOK * looks).as_secs_f64()
    }

    /// Whether another process has taken the lease over, because ours was not renewed for too long.
    pub(crate) fn has_lost_lease(&self) -> bool {
        self.seen.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(sessions: Sessions, schemas: Schemas, lease_of: Option<i32>, seen: Arc<Seen>) {
    loop {
        let watched = match sessions.open(&schemas).await {
            Ok(client) => look(&client, lease_of, &seen).await,
            Err(error) => Err(error),
        };
        if let Err(error) = watched {
            // The lease tolerates some silence; if the server is gone for good, the work itself fails.
            tracing::debug!(%error, "the watching session ended");
        }
        if seen.lost.load(Ordering::Relaxed) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Ends with an error, or when the lease is lost.
async fn look(client: &Client, lease_of: Option<i32>, seen: &Seen) -> Result<(), RunError> {
    let mut looks = 0;
    loop {
        if let Some(backend) = lease_of
            && looks % LOOKS_PER_RENEWAL == 0
        {
            let renewed = client
                .execute(include_str!("../../../sql/queries/runs/renew_lease.sql"), &[&backend])
                .await
                .map_err(RunError::database("renew_lease"))?;
            if renewed == 0 {
                seen.lost.store(true, Ordering::Relaxed);
                return Ok(());
            }
        }
        looks = looks.wrapping_add(1);
        let backends: Vec<i32> = seen.waits.lock().map_or_else(|_| Vec::new(), |waits| waits.keys().copied().collect());
        if !backends.is_empty() {
            let waiting = client
                .query(include_str!("../../../sql/queries/runs/waiting.sql"), &[&backends])
                .await
                .map_err(RunError::database("waiting"))?;
            for row in waiting {
                let (pid, blockers): (i32, &str) = (row.get("pid"), row.get("blockers"));
                tracing::info!(pid, blockers, "a session waits for a lock");
                if let Ok(mut waits) = seen.waits.lock() {
                    *waits.entry(pid).or_default() += 1;
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
