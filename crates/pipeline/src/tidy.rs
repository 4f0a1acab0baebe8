//! What follows runs: the indexes of partitions that were loaded, and statistics of tables that changed a lot, by as many sessions
//! as there are processors.
//!
//! The runs are complete before this is called, so an error is only logged: the next run builds what is missing, and autovacuum
//! sees to statistics.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::future::{join, join_all};
use tokio::sync::Notify;
use tokio_postgres::Client;

use crate::error::error_chain;
use crate::indexer::{Indexer, build, missing};
use crate::statistics::{analyze, touched};
use crate::{RunError, Schemas, Sessions, Stage, Stages};

/// Something to be done with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) table: String,
    pub(crate) statement: String,
    pub(crate) kind: Kind,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// CREATE INDEX: beside others of the same table, but nothing else.
    Index,
    /// ANALYZE, or the summary of a BRIN: alone on its table, and after its indexes.
    Statistics,
}

/// What a session does next.
enum Next {
    Do(Task),
    /// What is left waits for what others do.
    Wait,
    Nothing,
}

/// Tasks of several sessions.
struct Board {
    tasks: Mutex<Tasks>,
    done: Notify,
}

struct Tasks {
    left: Vec<Task>,
    running: Vec<Task>,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, done: &Task) {
        self.lock().running.retain(|running| running != done);
        self.done.notify_waiters();
    }
}

impl Tasks {
    fn take(&mut self) -> Next {
        if self.left.is_empty() {
            return Next::Nothing;
        }
        let on_table = |tasks: &[Task], task: &Task, kind| {
            tasks.iter().any(|other| other.table == task.table && other.kind == kind)
        };
        let may_begin = |task: &Task| {
            !on_table(&self.running, task, Kind::Statistics)
                && match task.kind {
                    Kind::Index => true,
                    Kind::Statistics => {
                        !on_table(&self.running, task, Kind::Index) && !on_table(&self.left, task, Kind::Index)
                    }
                }
        };
        match self.left.iter().position(may_begin) {
            Some(at) => {
                let task = self.left.remove(at);
                self.running.push(task.clone());
                Next::Do(task)
            }
            None => Next::Wait,
        }
    }
}

/// Builds the indexes that are missing, beside what an [`Indexer`] has begun, and analyzes what runs changed a lot, from one on.
pub(crate) async fn tidy(
    client: &mut Client,
    sessions: Option<&Sessions>,
    schemas: &Schemas,
    stages: &Stages,
    indexer: Option<Indexer>,
    first_run_id: Option<i64>,
) {
    let begun = indexer.as_ref().and_then(Indexer::begin_to_stop);
    let started = Instant::now();
    let to_do = to_do(client, first_run_id, begun.as_ref()).await;
    stages.add(Stage::Analyze, started.elapsed());
    let left = match to_do {
        Ok(left) => left,
        Err(error) => return warn(&error),
    };
    let indexes = left.iter().filter(|task| task.kind == Kind::Index).count();
    // Statistics alone are a matter of milliseconds, as opening a session is.
    let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(indexes.max(1));
    let board =
        Board { tasks: Mutex::new(Tasks { left, running: begun.iter().cloned().collect() }), done: Notify::new() };
    let others = join_all((1..at_once).map(|_| async {
        let Some(sessions) = sessions else { return };
        match sessions.open(schemas).await {
            Ok(mut client) => work(&mut client, &board, None).await,
            Err(error) => tracing::debug!(error = error_chain(&error), "no further session for indexes"),
        }
    }));
    let stopped = async {
        if let Some(indexer) = indexer {
            indexer.stop().await;
        }
        if let Some(begun) = &begun {
            board.finish(begun);
        }
    };
    join(join(work(client, &board, Some(stages)), others), stopped).await;
    if indexes > 0 {
        tracing::info!(indexes, "built the indexes of partitions that were loaded");
    }
}

/// What is to be done, but for what somebody has begun.
async fn to_do(client: &Client, first_run_id: Option<i64>, begun: Option<&Task>) -> Result<Vec<Task>, RunError> {
    let mut tasks = missing(client, None).await?;
    tasks.retain(|task| Some(task) != begun);
    if let Some(first_run_id) = first_run_id {
        tasks.extend(touched(client, first_run_id).await?);
    }
    Ok(tasks)
}

/// Does what there is to do until nothing is left. A task that fails is left to the next run.
async fn work(client: &mut Client, board: &Board, stages: Option<&Stages>) {
    loop {
        let started = Instant::now();
        let waited = board.done.notified();
        let next = board.lock().take();
        let kind = match next {
            Next::Nothing => return,
            Next::Wait => {
                waited.await;
                Kind::Index
            }
            Next::Do(task) => {
                let done = match task.kind {
                    Kind::Index => build(client, &task.statement).await,
                    Kind::Statistics => analyze(client, &task.statement).await,
                };
                board.finish(&task);
                if let Err(error) = done {
                    warn(&error);
                }
                task.kind
            }
        };
        if let Some(stages) = stages {
            let stage = match kind {
                Kind::Index => Stage::Index,
                Kind::Statistics => Stage::Analyze,
            };
            stages.add(stage, started.elapsed());
        }
    }
}

fn warn(error: &RunError) {
    tracing::warn!(
        error = error_chain(error),
        "an index of gold_rows was not built, or statistics were not brought up to date; the next run does it"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(table: &str, kind: Kind, statement: &str) -> Task {
        Task { table: table.to_owned(), statement: statement.to_owned(), kind }
    }

    fn take(tasks: &mut Tasks) -> Option<String> {
        match tasks.take() {
            Next::Do(task) => Some(task.statement),
            Next::Wait => Some("wait".to_owned()),
            Next::Nothing => None,
        }
    }

    #[test]
    fn indexes_of_a_table_are_built_together_and_its_statistics_come_after_them() {
        let [one, other] = ["one", "other"].map(|name| task("october", Kind::Index, name));
        let begun = task("september", Kind::Index, "begun");
        let left = vec![
            one.clone(),
            other.clone(),
            task("september", Kind::Statistics, "summary"),
            task("september", Kind::Statistics, "analyze september"),
            task("october", Kind::Statistics, "analyze october"),
            task("august", Kind::Statistics, "analyze august"),
        ];
        let mut tasks = Tasks { left, running: vec![begun.clone()] };
        let finish = |tasks: &mut Tasks, done: &str| tasks.running.retain(|running| running.statement != done);
        assert_eq!(take(&mut tasks).unwrap(), "one");
        assert_eq!(take(&mut tasks).unwrap(), "other");
        assert_eq!(take(&mut tasks).unwrap(), "analyze august", "the others have indexes being built");
        assert_eq!(take(&mut tasks).unwrap(), "wait");
        finish(&mut tasks, "one");
        assert_eq!(take(&mut tasks).unwrap(), "wait");
        finish(&mut tasks, "begun");
        assert_eq!(take(&mut tasks).unwrap(), "summary");
        assert_eq!(take(&mut tasks).unwrap(), "wait", "one at a time on a table");
        finish(&mut tasks, "other");
        assert_eq!(take(&mut tasks).unwrap(), "analyze october");
        finish(&mut tasks, "summary");
        assert_eq!(take(&mut tasks).unwrap(), "analyze september");
        assert_eq!(take(&mut tasks), None);
    }
}
