//! Trying again after errors that go away by themselves.

use std::time::Duration;

use backon::ExponentialBuilder;
use tokio_postgres::error::SqlState;

use crate::RunError;
use crate::lock::host;

/// Few, spaced and jittered: 0.2 s, 0.4 s, … at most 10 s apart, about half a minute in all.
#[must_use]
pub fn retry_policy() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(10))
        .with_max_times(7)
        .with_jitter()
}

impl RunError {
    /// Whether the same call may succeed in a moment: the connection was lost, the server restarts or is full, transactions
    /// were in each other's way. Everything else needs somebody to look.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Session(error) => error.is_unreachable(),
            Self::InUnit { source, .. } => source.is_transient(),
            // After a lost connection the server may take a moment to give our own lock back.
            Self::InProgress { holder: Some(holder), .. } => {
                holder.host == host() && u32::try_from(holder.pid) == Ok(std::process::id())
            }
            error => {
                let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
                while let Some(error) = cause {
                    if error.downcast_ref::<tokio_postgres::Error>().is_some_and(is_transient_answer) {
                        return true;
                    }
                    cause = error.source();
                }
                false
            }
        }
    }
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
        None => error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Holder;

    #[test]
    fn another_process_is_not_waited_for_but_our_own_lost_session_is() {
        let busy = |host: &str, pid| {
            let holder = Holder { host: host.to_owned(), pid, doing: "run".into(), since: "now".into() };
            RunError::InProgress { schema: "s".into(), holder: Some(holder) }
        };
        let ours = i32::try_from(std::process::id()).unwrap();
        assert!(busy(&host(), ours).is_transient());
        assert!(!busy(&host(), 1).is_transient());
        assert!(!busy("elsewhere", ours).is_transient(), "processes of two containers may have one number");
        assert!(!RunError::NoSuchRun(1).is_transient());
    }
}
