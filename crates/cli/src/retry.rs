//! Working until it is done, stopped by a signal, or failed in a way that trying again does not help.

use std::time::{Duration, Instant};

use backon::BackoffBuilder;
use database::DatabaseError;
use pipeline::{RunError, Sessions, Stop, retry_policy};
use tokio_postgres::Client;

use crate::args::Global;
use crate::progress::RunBar;
use crate::session::{open, sessions};
use crate::signals::{Ended, stoppable};

/// How work ended.
pub(crate) enum Outcome<T> {
    /// It is done.
    Done(T),
    /// A signal stopped it; the exit code says which.
    Stopped(u8),
}

/// Does something with a session, again with another one after errors that go away by themselves.
///
/// The first connection is made once: who names an unreachable database wants to know. Later ones are worth waiting for.
pub(crate) async fn persist<T>(
    global: &Global,
    stop: &Stop,
    bar: &RunBar,
    work: impl AsyncFn(&mut Client, Sessions) -> Result<T, RunError>,
) -> anyhow::Result<Outcome<T>> {
    let config = crate::session::config(global).await?;
    let mut first = Some(open(&config).await?);
    let working = async {
        let mut pauses = retry_policy().build();
        loop {
            let began = Instant::now();
            let attempt = async {
                let (config, mut session) = match first.take() {
                    Some(session) => (config.clone(), session),
                    // A PostgreSQL of our own that has gone is started again.
                    None => {
                        let config = crate::session::config(global).await?;
                        let session = open(&config).await?;
                        (config, session)
                    }
                };
                anyhow::Ok(work(&mut session, sessions(&config)).await?)
            };
            let error = match attempt.await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            // Trouble now has nothing to do with trouble before so much work.
            if began.elapsed() > Duration::from_secs(60) {
                pauses = retry_policy().build();
            }
            let pause = if stop.is_requested() || !is_transient(&error) { None } else { pauses.next() };
            let Some(pause) = pause else { return Err(error) };
            bar.say(&format!("note: {error:#}; trying again in {:.1} s", pause.as_secs_f64()));
            tokio::time::sleep(pause).await;
        }
    };
    let (ended, signalled) = stoppable(stop, working).await?;
    bar.clear();
    match ended {
        Ended::Finished(Ok(done)) => Ok(Outcome::Done(done)),
        Ended::Finished(Err(error)) => match signalled.0 {
            Some(code) if is_interruption(&error) => {
                crate::exit::report(&error);
                Ok(Outcome::Stopped(code))
            }
            _ => Err(error),
        },
        Ended::GivenUp => {
            eprintln!("stopped in the middle of a unit, which is rolled back; the same command goes on");
            Ok(Outcome::Stopped(signalled.0.unwrap_or(crate::exit::FAILED)))
        }
    }
}

fn is_interruption(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(RunError::Interrupted { .. } | RunError::BackfillInterrupted { .. }))
}

fn is_transient(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<DatabaseError>().is_some_and(DatabaseError::is_unreachable)
            || cause.downcast_ref::<RunError>().is_some_and(RunError::is_transient)
    })
}
