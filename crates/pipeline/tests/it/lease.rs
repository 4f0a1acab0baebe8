//! The lease: renewed while its holder lives, taken over when it has died.

use std::time::Duration;

use pipeline::{RunError, RunRequest, Sessions};
use test_support::runtime;

use crate::support::{Installation, completed, operator_sets, texts};

/// Holds the lock of the schema, with a note that was renewed so long ago.
const HELD: &str = "SELECT pg_advisory_lock(hashtextextended('paydirt run paydirt', 0)); \
    INSERT INTO paydirt.lease (host, pid, backend_pid, doing, heartbeat_at) VALUES ('elsewhere', 7, pg_backend_pid(), 'run', ";

#[test]
fn a_holder_that_is_silent_is_taken_over_and_one_that_is_not_is_respected() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let cutoff = operator_sets().cutoffs[0];
        for (note, respected) in
            [("clock_timestamp() - interval '20 s'", true), ("NULL", true), ("now() - interval '1 min'", false)]
        {
            let other = installation.connect().await;
            other.batch_execute(&format!("{HELD}{note})")).await.unwrap();
            let outcome = installation.try_run(cutoff).await;
            if respected {
                let error = outcome.unwrap_err();
                let RunError::InProgress { holder: Some(holder), .. } = &error else { panic!("{error}") };
                assert_eq!((holder.host.as_str(), holder.pid, holder.doing.as_str()), ("elsewhere", 7, "run"));
                assert!(!other.is_closed());
                other.batch_execute("DELETE FROM paydirt.lease; SELECT pg_advisory_unlock_all()").await.unwrap();
            } else {
                completed(outcome.unwrap());
                assert!(other.simple_query("SELECT 1").await.is_err(), "its session is ended");
            }
        }
        assert_eq!(texts(&installation.client, "SELECT host FROM paydirt.lease").await, [""; 0]);
    });
}

#[test]
fn a_lease_is_renewed_while_work_goes_on_and_gone_afterwards() {
    runtime().block_on(async {
        let mut installation = Installation::of(&operator_sets()).await;
        let sessions = Sessions::new(installation.database.config(), "heart");
        let request = RunRequest { sessions: Some(sessions), ..installation.request(operator_sets().cutoffs[0]) };
        // The run waits for this lock until the lease has been renewed twice.
        let mut other = installation.connect().await;
        let blocking = other.transaction().await.unwrap();
        blocking.batch_execute("LOCK TABLE paydirt.staker_share_ranges IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let watching = installation.connect().await;
        let release = async {
            let mut renewals = Vec::new();
            while renewals.len() < 3 {
                let seen = texts(&watching, "SELECT heartbeat_at::text FROM paydirt.lease").await;
                if let [renewal] = seen.as_slice()
                    && !renewals.contains(renewal)
                {
                    renewals.push(renewal.clone());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            blocking.rollback().await.unwrap();
        };
        let (outcome, ()) = tokio::join!(installation.try_request(&request), release);
        completed(outcome.unwrap());
        assert_eq!(texts(&watching, "SELECT host FROM paydirt.lease").await, [""; 0]);
        let sessions = "SELECT count(*)::text FROM pg_stat_activity WHERE application_name = 'heart'";
        while texts(&watching, sessions).await != ["0"] {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}
