//! The beginning of a run, in two places at once: while further sessions check the source, the run's own brings silver up to the
//! cutoff and plans. What it has done is committed if the checks pass, and rolled back if not.
//!
//! Without further sessions, with a run to resume, or with submissions to set aside, one comes after the other.

use std::sync::{Mutex, PoisonError};

use delta_extractor::Source;
use reward_rules::{ActiveDays, Day};
use tokio_postgres::Client;

use crate::error::error_chain;
use crate::job::{Checked, Job};
use crate::run::{Driver, begin, check_source, not_checked, open_helper, record, take_marks};
use crate::sweep::{Planned, Sweep};
use crate::{Engine, Event, Observer, RunError, Stage};

/// How far a run has come.
pub(crate) enum Begun<'a> {
    /// The source is checked; nothing is written.
    Checked(Checked),
    /// Silver, the plan and its units are committed.
    Started(Job<'a>, Box<Planned>),
}

/// Events to be told when they have become true.
#[derive(Default)]
struct Untold(Mutex<Vec<Event>>);

impl Observer for Untold {
    fn event(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

impl Untold {
    fn tell(self, observer: &dyn Observer) {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().for_each(|event| observer.event(event));
    }
}

impl Driver<'_> {
    /// Checks the source, and starts the run if that can be done at the same time.
    ///
    /// # Errors
    /// As the checks. If only starting fails, that is left to whoever starts it again, and has it recorded then.
    pub(crate) async fn check_and_start(
        &self,
        client: &mut Client,
        cutoff: Day,
        sweep: &mut Option<Sweep>,
    ) -> Result<Begun<'_>, RunError> {
        let Self { schemas, request, observer, .. } = *self;
        let stages = &request.stages;
        let sessions = request.sessions.as_ref().filter(|_| request.source == Source::Events);
        let mut checker = open_helper(schemas, sessions).await;
        if checker.is_none() {
            return Ok(Begun::Checked(stages.time(Stage::Check, self.check(client, cutoff)).await?));
        }
        let marks = stages.time(Stage::Check, take_marks(client, &mut checker, cutoff)).await?;
        let since = not_checked(&marks);
        let Some(checker) = checker else {
            return Ok(Begun::Checked(stages.time(Stage::Check, self.check(client, cutoff)).await?));
        };
        // What is new in a night is checked before a further session would be there.
        let helper = if since.is_none() { open_helper(schemas, sessions).await } else { None };
        let checked = Checked { set_aside: Vec::new(), marks: Some(marks.checked()) };
        let untold = Untold::default();
        let check = check_source(&checker, helper.as_ref(), request.quarantine, request.mode, cutoff, since, observer);
        let start = async {
            let transaction = begin(client).await?;
            let job = self.job(cutoff, record(&transaction, request, cutoff).await?);
            let starting = Job { observer: &untold, ..job };
            let start = starting.start_in(&transaction, None, self.last_cutoff, checked.clone());
            let (mut read, planned) = Box::pin(start).await?;
            // The state of the first days, and of all that memory allows: the first unit finds it there.
            if let (Engine::Native, Some(days)) = (request.engine, planned.plan.needs.days) {
                let first = ActiveDays { first: days.first, last: days.first };
                let state = Box::pin(read.state(&transaction, schemas, cutoff, &planned.plan.needs, first));
                stages.time(Stage::State, state).await?;
            }
            Ok::<_, RunError>((transaction, job, read, planned))
        };
        // On the heap: together they are more than the stack of a thread has room for.
        let (set_aside, started) = tokio::join!(Box::pin(stages.time(Stage::Check, check)), Box::pin(start));
        let set_aside = match set_aside {
            Ok(set_aside) => set_aside,
            Err(_) if checker.is_closed() => {
                drop(started);
                return Ok(Begun::Checked(stages.time(Stage::Check, self.check(client, cutoff)).await?));
            }
            Err(error) => return Err(error),
        };
        let unchanged = set_aside.is_empty();
        let checked = Checked { set_aside, ..checked };
        match started {
            Ok((transaction, job, read, planned)) if unchanged => {
                match stages.time(Stage::Commit, transaction.commit()).await {
                    Ok(()) => {
                        untold.tell(observer);
                        *sweep = Some(read);
                        return Ok(Begun::Started(job, Box::new(planned)));
                    }
                    Err(error) => tracing::debug!(%error, "could not commit what was started beside the checks"),
                }
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(error = error_chain(&error), "could not start beside the checks"),
        }
        Ok(Begun::Checked(checked))
    }
}
