//! `paydirt work`.

use std::time::Duration;

use pipeline::{Budget, Stop, WorkRequest, work};
use serde_json::json;

use crate::args::{Global, WorkOptions};
use crate::output;
use crate::progress::RunBar;
use crate::retry::{Outcome, persist};
use crate::session::schemas;

pub(crate) async fn execute(global: &Global, options: &WorkOptions) -> anyhow::Result<u8> {
    let stop = Stop::default();
    let bar = RunBar::new();
    let schemas = schemas(global);
    let outcome = persist(global, &stop, &bar, async |client, sessions| {
        let request = WorkRequest {
            sessions,
            memory: Budget::new(options.memory_limit.0),
            wait: Duration::from_secs(options.wait),
            stop: stop.clone(),
        };
        work(client, &schemas, &request, &bar).await
    })
    .await?;
    let units = match outcome {
        Outcome::Stopped(code) => return Ok(code),
        Outcome::Done(units) => units,
    };
    match (options.json, units) {
        (true, _) => output::json(&json!({ "units": units }))?,
        (false, 0) => output::line("no unit to do")?,
        (false, _) => output::line(&format!("{} done", output::counted(units as u64, "unit")))?,
    }
    Ok(crate::exit::DONE)
}
