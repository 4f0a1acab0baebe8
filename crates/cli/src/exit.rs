//! Exit codes, the same as in README.md.

use case_runner::CaseError;
use database::DatabaseError;
use pipeline::RunError;

/// Done, or nothing to do.
pub(crate) const DONE: u8 = 0;
/// Failed; the message says what to do.
pub(crate) const FAILED: u8 = 1;
/// A check failed: something differs or an invariant does not hold.
pub(crate) const CHECK_FAILED: u8 = 3;
/// No usable PostgreSQL at the other end.
pub(crate) const UNREACHABLE: u8 = 4;

/// Somebody else works on the schema.
pub(crate) const IN_PROGRESS: u8 = 5;

/// Prints an error with its causes and says how the process ends.
pub(crate) fn report(error: &anyhow::Error) -> u8 {
    if is_broken_pipe(error) {
        return DONE; // whoever read our output has seen enough
    }
    eprintln!("error: {}", describe(error));
    let unreachable = error.chain().any(|cause| {
        cause.downcast_ref::<DatabaseError>().is_some_and(DatabaseError::is_unreachable)
            || matches!(cause.downcast_ref(), Some(CaseError::Database(error)) if error.is_unreachable())
            || cause.downcast_ref::<tokio_postgres::Error>().is_some_and(tokio_postgres::Error::is_closed)
    });
    let in_progress = |error: &RunError| matches!(error, RunError::InProgress { .. });
    let busy = error.chain().any(|cause| {
        cause.downcast_ref::<RunError>().is_some_and(in_progress)
            || matches!(cause.downcast_ref(), Some(CaseError::Run { source, .. }) if in_progress(source))
    });
    match (unreachable, busy) {
        (true, _) => UNREACHABLE,
        (_, true) => IN_PROGRESS,
        _ => FAILED,
    }
}

/// The message and its causes; a cause that its effect already says is left out.
fn describe(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let message = match cause.downcast_ref::<tokio_postgres::Error>().and_then(|error| error.as_db_error()) {
            Some(server) => {
                let detail = server.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
                format!("{} [SQLSTATE {}]{detail}", server.message(), server.code().code())
            }
            None => cause.to_string(),
        };
        if text.contains(&message) || cause.downcast_ref::<tokio_postgres::error::DbError>().is_some() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\n  because: ");
        }
        text.push_str(&message);
    }
    text
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
