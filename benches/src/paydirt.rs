//! The program that is measured.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::measure;
use crate::report::Measurement;
use crate::server::Server;

/// The server notices after us that a session has ended.
pub(crate) const SESSION_ENDS: Duration = Duration::from_millis(300);

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
    #[serde(default)]
    stages: BTreeMap<String, f64>,
}

/// What we read of the JSON of `paydirt backfill`.
#[derive(Debug, Deserialize)]
struct BackfillResult {
    runs: Vec<IgnoredAny>,
    already_complete: u64,
    gold_rows: u64,
    #[serde(default)]
    stages: BTreeMap<String, f64>,
}

/// The cutoffs of a backfill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cutoffs {
    /// The first.
    pub(crate) from: NaiveDate,
    /// The last.
    pub(crate) to: NaiveDate,
    /// How many that are.
    pub(crate) count: u32,
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
    pub(crate) async fn run(&self, name: String, server: &Server, cutoff: NaiveDate) -> anyhow::Result<Measurement> {
        self.run_with(name, server, cutoff, &[]).await
    }

    /// `paydirt run` with further arguments, measured.
    pub(crate) async fn run_with(
        &self,
        name: String,
        server: &Server,
        cutoff: NaiveDate,
        arguments: &[&str],
    ) -> anyhow::Result<Measurement> {
        let cutoff = cutoff.to_string();
        let arguments = [&["run", "--cutoff", &cutoff], arguments].concat();
        let (mut measurement, output) = self.measure(name, server, &arguments).await?;
        let result: RunResult = serde_json::from_str(&output).context("reading the result of paydirt run")?;
        if result.outcome != "complete" {
            bail!("the run for {cutoff} is {}: there was nothing to measure", result.outcome);
        }
        measurement.rows = result.gold_rows;
        measurement.stages = result.stages;
        Ok(measurement)
    }

    /// `paydirt backfill`, measured.
    pub(crate) async fn backfill(
        &self,
        name: String,
        server: &Server,
        Cutoffs { from, to, count }: Cutoffs,
    ) -> anyhow::Result<Measurement> {
        let (from, to) = (from.to_string(), to.to_string());
        let arguments = ["backfill", "--from", &from, "--to", &to];
        let (mut measurement, output) = self.measure(name, server, &arguments).await?;
        let result: BackfillResult = serde_json::from_str(&output).context("reading the result of paydirt backfill")?;
        if result.already_complete > 0 || u32::try_from(result.runs.len()) != Ok(count) {
            bail!("the backfill ran {} cutoffs of {count}: that is not what was to be measured", result.runs.len());
        }
        measurement.rows = result.gold_rows;
        measurement.stages = result.stages;
        Ok(measurement)
    }

    async fn measure(
        &self,
        name: String,
        server: &Server,
        arguments: &[&str],
    ) -> anyhow::Result<(Measurement, String)> {
        let before = server.counters().await?;
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .args(["--json", "--chain", "mainnet", "--database-url", &server.url()])
            .args(&self.run_arguments);
        let used = measure::run(&mut command).with_context(|| format!("paydirt {}", arguments.join(" ")))?;
        tokio::time::sleep(SESSION_ENDS).await;
        let measurement = Measurement {
            name,
            wall_seconds: used.wall.as_secs_f64(),
            user_seconds: used.user.as_secs_f64(),
            system_seconds: used.system.as_secs_f64(),
            peak_rss_bytes: used.peak_rss,
            ..Measurement::default()
        };
        Ok((measurement.with(before, server.counters().await?), used.output))
    }
}
