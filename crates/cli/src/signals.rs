//! SIGINT and SIGTERM: stop at the next unit boundary, within five seconds.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use pipeline::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long a unit may take to end after a signal; then its transaction is given up.
const PATIENCE: Duration = Duration::from_millis(4500);

/// How work that can be stopped ended.
pub(crate) enum Ended<T> {
    /// By itself, or at a unit boundary after a signal.
    Finished(T),
    /// In the middle of a unit, which the server rolls back.
    GivenUp,
}

/// The exit code of a process that a signal ended, if one came.
pub(crate) struct Signalled(pub(crate) Option<u8>);

/// Runs something that can be stopped, listening to SIGINT and SIGTERM.
pub(crate) async fn stoppable<T>(stop: &Stop, work: impl Future<Output = T>) -> anyhow::Result<(Ended<T>, Signalled)> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut work = pin!(work);
    let code = tokio::select! {
        done = &mut work => return Ok((Ended::Finished(done), Signalled(None))),
        code = first(&mut interrupt, &mut terminate) => code,
    };
    stop.request();
    let ended = tokio::select! {
        done = tokio::time::timeout(PATIENCE, &mut work) => done.map_or(Ended::GivenUp, Ended::Finished),
        _ = first(&mut interrupt, &mut terminate) => Ended::GivenUp, // somebody is in a hurry
    };
    Ok((ended, Signalled(Some(code))))
}

async fn first(interrupt: &mut Signal, terminate: &mut Signal) -> u8 {
    tokio::select! {
        _ = interrupt.recv() => 130,
        _ = terminate.recv() => 143,
    }
}
