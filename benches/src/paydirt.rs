//! The program that is measured.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::figures;
use crate::measure;
use crate::report::Measurement;
use crate::server::Server;

/// The server notices after us that a session has ended.
const SESSION_ENDS: Duration = Duration::from_millis(300);

/// The `paydirt` command.
#[derive(Debug, Clone)]
pub(crate) struct Paydirt {
    program: PathBuf,
    run_arguments: Vec<String>,
}

/// What we read of the JSON of `paydirt run`.
#[derive(Debug, Deserialize)]
struct RunResult {
    outcome: String,
    gold_rows: u64,
}

impl Paydirt {
    /// The given program, or the one beside this one.
    pub(crate) fn find(given: Option<PathBuf>, run_arguments: Vec<String>) -> anyhow::Result<Self> {
        let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("paydirt"));
        let program = given.map_or_else(beside, Ok)?;
        if !program.is_file() {
            bail!("no program {}: cargo build --release -p paydirt, or give --paydirt", program.display());
        }
        Ok(Self { program, run_arguments })
    }

    /// What it says its version is.
    pub(crate) fn version(&self) -> anyhow::Result<String> {
        let output = Command::new(&self.program).arg("--version").output().context("asking paydirt for its version")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Further arguments of `run`.
    pub(crate) fn run_arguments(&self) -> &[String] {
        &self.run_arguments
    }

    /// `paydirt migrate`.
    pub(crate) fn migrate(&self, url: &str) -> anyhow::Result<()> {
        let mut command = Command::new(&self.program);
        measure::run(command.args(["migrate", "--database-url", url])).context("paydirt migrate")?;
        Ok(())
    }

    /// `paydirt run`, measured.
    pub(crate) fn run(&self, name: String, server: &Server, cutoff: NaiveDate) -> anyhow::Result<Measurement> {
        let before = server.processor_seconds();
        let mut command = Command::new(&self.program);
        command
            .args(["run", "--json", "--chain", "mainnet", "--cutoff"])
            .arg(cutoff.to_string())
            .args(["--database-url", &server.url()])
            .args(&self.run_arguments);
        let used = measure::run(&mut command).with_context(|| format!("paydirt run for {cutoff}"))?;
        std::thread::sleep(SESSION_ENDS);
        let result: RunResult = serde_json::from_str(&used.output).context("reading the result of paydirt run")?;
        if result.outcome != "complete" {
            bail!("the run for {cutoff} is {}: there was nothing to measure", result.outcome);
        }
        let server_seconds =
            before.zip(server.processor_seconds()).map(|(before, after)| figures::minus(after, before));
        Ok(Measurement {
            name,
            wall_seconds: used.wall.as_secs_f64(),
            user_seconds: used.user.as_secs_f64(),
            system_seconds: used.system.as_secs_f64(),
            server_seconds,
            peak_rss_bytes: used.peak_rss,
            rows: result.gold_rows,
        })
    }
}
