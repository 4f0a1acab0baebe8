//! `paydirt db`: the embedded server, whatever --database-url and the environment say.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Context;
use database::{EmbeddedServer, ServerStatus, StopOutcome};
use serde_json::json;

use crate::args::{DbAction, DbOptions, Global};
use crate::output;

pub(crate) async fn execute(global: &Global, options: &DbOptions) -> anyhow::Result<u8> {
    let server = EmbeddedServer::open(&global.home)?;
    match &options.action {
        DbAction::Start => {
            server.ensure_started().await?;
            output::line(&format!("running: {}", server.url()?))?;
        }
        DbAction::Stop => match server.stop().await? {
            StopOutcome::Stopped(pid) => output::line(&format!("stopped (it was pid {pid})"))?,
            StopOutcome::NotRunning => output::line("was not running")?,
        },
        DbAction::Status { json } => print_status(&server.status().await?, *json)?,
        DbAction::Url => output::line(&server.url()?)?,
        DbAction::Psql { arguments } => {
            server.ensure_started().await?;
            let binaries = database::find_binaries(&|name| std::env::var(name).ok())?;
            let error = Command::new(binaries.dir.join("psql")).arg(server.url()?).args(arguments).exec();
            return Err(error).context("starting psql");
        }
    }
    Ok(crate::exit::DONE)
}

fn print_status(status: &ServerStatus, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({
            "running": status.pid.is_some(),
            "pid": status.pid,
            "version": status.version,
            "data": status.data_dir,
            "socket": status.socket_dir,
            "url": status.url,
        }));
    }
    match status.pid {
        Some(pid) => output::line(&format!("running, pid {pid}"))?,
        None => output::line("not running")?,
    }
    let shown = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    output::line(&format!("version {}", shown(status.version.map(|version| version.to_string()))))?;
    output::line(&format!("data    {}", shown(status.data_dir.as_ref().map(|dir| dir.display().to_string()))))?;
    output::line(&format!("url     {}", shown(status.url.clone())))
}
