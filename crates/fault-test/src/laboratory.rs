//! A server, a dataset, and what undisturbed runs make of it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use test_support::{TestDatabase, TestServer};
use tokio_postgres::Client;

use crate::left_behind::{TESTER, left_behind};
use crate::program::{BUSY, Program};
use crate::state::State;

const CHAIN: &str = "mainnet";

/// Crashes must not lose what was committed; power failures are not tested, so nothing has to reach the disk.
const SETTINGS: [(&str, &str); 2] = [("synchronous_commit", "on"), ("full_page_writes", "on")];

/// How long a command may be refused because the one before is still seen.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// Which dataset; `paydirt generate` makes the same one everywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    /// Seldom runs that pay months, then nightly ones; each takes about half a second.
    Usual,
    /// The last run makes partitions of gold that are the largest files of the server.
    Large,
}

/// Where faults are made.
pub(crate) struct Laboratory {
    pub(crate) program: Program,
    pub(crate) cutoffs: Vec<String>,
    imported: TestDatabase,
    runtime: tokio::runtime::Runtime,
    // Dropped last: databases want to be dropped on it.
    pub(crate) server: TestServer,
}

/// A cutoff, and what is stored when it is complete.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) cutoff: String,
    pub(crate) state: State,
    pub(crate) took: Duration,
}

/// What repeating a command until it was done took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Repeats {
    /// How often it ended with something else than 0.
    pub(crate) failed: u32,
    /// How often it was told that the process before still worked.
    pub(crate) refused: u32,
}

impl Laboratory {
    /// Starts a server and imports the dataset.
    pub(crate) fn start(paydirt: &Path, size: Size) -> anyhow::Result<Self> {
        let program = Program::new(paydirt)?;
        let server = TestServer::start_with(&SETTINGS);
        let imported = server.create_database();
        let folder = tempfile::tempdir().context("a temporary folder")?;
        let dataset = folder.path().join("dataset");
        let dataset_text = dataset.to_str().context("a temporary folder with a readable name")?;
        let (seed, stakers) = match size {
            Size::Usual => ("35", "300"),
            Size::Large => ("7", "2500"),
        };
        let url = imported.url();
        let generate = ["generate", "--seed", seed, "--chain", CHAIN, "--stakers", stakers, dataset_text];
        program.done(&url, &generate)?;
        program.done(&url, &["migrate"])?;
        program.done(&url, &["import", dataset_text])?;
        let case = std::fs::read_to_string(dataset.join("case.toml")).context("the dataset's case.toml")?;
        let case: toml::Table = case.parse().context("the dataset's case.toml")?;
        let cutoffs: Vec<String> = case
            .get("cutoffs")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|cutoff| cutoff.as_str().map(str::to_owned))
            .collect();
        ensure!(!cutoffs.is_empty(), "the dataset has no cutoffs");
        let runtime = test_support::runtime();
        Ok(Self { program, cutoffs, imported, runtime, server })
    }

    /// A database with the dataset and no runs.
    pub(crate) fn fresh(&self) -> TestDatabase {
        self.server.copy_database(&self.imported)
    }

    /// Runs cutoffs one after another without any fault, and keeps what is stored after each.
    pub(crate) fn reference(&self, cutoffs: &[String]) -> anyhow::Result<Vec<Stage>> {
        let database = self.fresh();
        let stages = self.undisturbed(&database, cutoffs)?;
        if let Some(last) = stages.last() {
            self.verify(&database, &last.state).context("the reference itself")?;
        }
        Ok(stages)
    }

    /// The same in a database of the caller's.
    pub(crate) fn undisturbed(&self, database: &TestDatabase, cutoffs: &[String]) -> anyhow::Result<Vec<Stage>> {
        let stage = |cutoff: &String| {
            let outcome = self.program.done(&database.url(), &run_of(cutoff))?;
            Ok(Stage { cutoff: cutoff.clone(), state: self.state(database)?, took: outcome.took })
        };
        cutoffs.iter().map(stage).collect()
    }

    /// Repeats a command until it is done. What it may end with meanwhile: 5, and the given codes.
    pub(crate) fn repeat(&self, url: &str, arguments: &[&str], tolerated: &[i32]) -> anyhow::Result<Repeats> {
        let started = Instant::now();
        let mut repeats = Repeats::default();
        loop {
            let outcome = self.program.run(url, arguments)?;
            match outcome.code() {
                Some(0) => return Ok(repeats),
                _ if started.elapsed() > PATIENCE => bail!("repeating does not help: {outcome}"),
                Some(BUSY) => repeats.refused += 1,
                Some(code) if tolerated.contains(&code) => repeats.failed += 1,
                _ => bail!("repeating the command fails: {outcome}"),
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Whether everything is as in undisturbed runs, the invariants hold, and nothing is left behind.
    pub(crate) fn verify(&self, database: &TestDatabase, expected: &State) -> anyhow::Result<()> {
        let (left, state) = self.with(database, async |client| {
            let left = left_behind(client).await?;
            Ok((left, State::read(client).await?))
        })?;
        ensure!(left.is_empty(), "left behind: {}", left.join("; "));
        let differences = state.differences(expected);
        ensure!(differences.is_empty(), "not as undisturbed: {}", differences.join("; "));
        self.check(database)
    }

    /// Whether the invariants hold.
    pub(crate) fn check(&self, database: &TestDatabase) -> anyhow::Result<()> {
        self.program.done(&database.url(), &["check"]).map(|_| ())
    }

    /// What is stored.
    pub(crate) fn state(&self, database: &TestDatabase) -> anyhow::Result<State> {
        self.with(database, async |client| State::read(client).await)
    }

    /// One number from a query.
    pub(crate) fn number(&self, database: &TestDatabase, query: &str) -> anyhow::Result<u64> {
        let number: i64 = self.with(database, async |client| Ok(client.query_one(query, &[]).await?.get(0)))?;
        u64::try_from(number).with_context(|| format!("{query}: {number}"))
    }

    fn with<T>(
        &self,
        database: &TestDatabase,
        what: impl AsyncFnOnce(&Client) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.runtime.block_on(async {
            let client = database::connect(&database.config(), TESTER).await?;
            what(&client).await
        })
    }
}

/// The command that runs a cutoff.
pub(crate) fn run_of(cutoff: &str) -> [&str; 5] {
    ["run", "--chain", CHAIN, "--cutoff", cutoff]
}

/// The command that runs every day of a span.
pub(crate) fn backfill_of<'a>(from: &'a str, to: &'a str) -> [&'a str; 9] {
    ["backfill", "--chain", CHAIN, "--from", from, "--to", to, "--every", "1d"]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes something, and expects a deviation with these words until it is changed back.
    fn found(laboratory: &Laboratory, database: &TestDatabase, stage: &Stage, change: &str, back: &str, words: &str) {
        let execute = |statement: &str| {
            laboratory.with(database, async |client| Ok(client.batch_execute(statement).await?)).unwrap();
        };
        execute(change);
        let error = format!("{:#}", laboratory.verify(database, &stage.state).unwrap_err());
        assert!(error.contains(words), "{change}: {error}");
        execute(back);
        laboratory.verify(database, &stage.state).unwrap();
    }

    #[test]
    fn what_deviates_is_found() {
        let test = std::env::current_exe().unwrap();
        let paydirt = test.parent().unwrap().parent().unwrap().join("paydirt");
        let laboratory = Laboratory::start(&paydirt, Size::Usual).unwrap();
        let database = laboratory.fresh();
        let stages = laboratory.undisturbed(&database, &laboratory.cutoffs[..1]).unwrap();
        let found =
            |change: &str, back: &str, words: &str| found(&laboratory, &database, &stages[0], change, back, words);

        let add = |amount: &str| format!("UPDATE paydirt.gold_rows SET amount = amount + ({amount})");
        found(&add("1"), &add("-1"), "gold_table: ");
        let move_watermarks =
            |days: &str| format!("UPDATE paydirt.watermarks SET last_snapshot = last_snapshot + ({days})");
        found(&move_watermarks("1"), &move_watermarks("-1"), "watermarks: ");
        let shares = |by: &str| format!("UPDATE paydirt.staker_share_ranges SET shares = shares + ({by})");
        found(&shares("1"), &shares("-1"), "staker_share_snapshots: ");
        found("CREATE TABLE paydirt.scratch ()", "DROP TABLE paydirt.scratch", "relation paydirt.scratch: ");
        let lease = "INSERT INTO paydirt.lease (host, pid, backend_pid, doing) VALUES ('h', 1, 1, 'run')";
        found(lease, "DELETE FROM paydirt.lease", "left behind: a lease");
        let detach = "ALTER TABLE paydirt.gold_rows DETACH PARTITION paydirt.gold_rows_2025_12";
        let attach = "ALTER TABLE paydirt.gold_rows ATTACH PARTITION paydirt.gold_rows_2025_12 \
            FOR VALUES FROM ('2025-12-01') TO ('2026-01-01')";
        found(detach, attach, "relation paydirt.gold_rows_2025_12: ");
        let unfinished = "INSERT INTO paydirt.runs (chain, cutoff, status, engine, source, version) \
            VALUES ('mainnet', '2026-03-01', 'processing', 'native', 'events', '0')";
        found(unfinished, "DELETE FROM paydirt.runs WHERE status = 'processing'", "left behind: an unfinished run");

        let client = laboratory.runtime.block_on(async {
            let client = database::connect(&database.config(), "somebody").await.unwrap();
            client.batch_execute("CREATE TEMP TABLE t (); SELECT pg_advisory_lock(1)").await.unwrap();
            client
        });
        let error = format!("{:#}", laboratory.verify(&database, &stages[0].state).unwrap_err());
        for words in ["a session of somebody", "a temporary relation t", "an advisory lock"] {
            assert!(error.contains(words), "{error}");
        }
        drop(client);
        laboratory.verify(&database, &stages[0].state).unwrap();
    }
}
