//! Trying again after errors that go away by themselves.

use std::time::Duration;

use backon::ExponentialBuilder;
use database::DatabaseError;
use pipeline::RunError;
use tokio_postgres::error::SqlState;

/// Few, spaced and jittered: 0.2 s, 0.4 s, … at most 10 s apart, about half a minute in all.
pub(crate) fn policy() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(10))
        .with_max_times(7)
        .with_jitter()
}

/// Whether the same call may succeed in a moment: the connection was lost, the server restarts or is full, transactions
/// were in each other's way. Everything else needs somebody to look.
pub(crate) fn is_transient(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<tokio_postgres::Error>().is_some_and(is_transient_answer)
            || cause.downcast_ref::<DatabaseError>().is_some_and(DatabaseError::is_unreachable)
            || cause.downcast_ref::<RunError>().is_some_and(is_our_own_lock)
    })
}

fn is_transient_answer(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        Some(code) => {
            [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::ADMIN_SHUTDOWN,
                SqlState::CRASH_SHUTDOWN,
                SqlState::CANNOT_CONNECT_NOW,
                SqlState::TOO_MANY_CONNECTIONS,
            ]
            .contains(code)
                || code.code().starts_with("08")
        }
        None => error.is_closed(),
    }
}

/// After a lost connection the server may take a moment to give our lock back.
fn is_our_own_lock(error: &RunError) -> bool {
    matches!(error, RunError::InProgress { holder: Some(holder), .. } if u32::try_from(holder.pid) == Ok(std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process_is_not_waited_for_but_our_own_lost_session_is() {
        let holder = |pid| pipeline::Holder { host: "h".into(), pid, doing: "run".into(), since: "now".into() };
        let busy = |pid| anyhow::Error::new(RunError::InProgress { schema: "s".into(), holder: Some(holder(pid)) });
        assert!(is_transient(&busy(i32::try_from(std::process::id()).unwrap())));
        assert!(!is_transient(&busy(1)));
        assert!(!is_transient(&anyhow::anyhow!("no such thing")));
    }
}
