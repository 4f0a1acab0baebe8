//! The `paydirt` command as a process.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(2);
const SIGKILL: i32 = 9;

/// Exit code 5: somebody else works on the schema.
pub(crate) const BUSY: i32 = 5;

/// The command to test.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    what: String,
    status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// A process; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    what: String,
    child: Option<Child>,
    started: Instant,
}

impl Program {
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        ensure!(
            path.is_file(),
            "there is no paydirt at {}: build it first (cargo build --package paydirt), or name it with --paydirt",
            path.display()
        );
        Ok(Self { path: path.canonicalize().context("the path of paydirt")? })
    }

    /// Starts a command with nothing of the environment that names a database.
    pub(crate) fn start(&self, url: &str, arguments: &[&str]) -> anyhow::Result<Running> {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("PG") || ["DATABASE_URL", "PAYDIRT_HOME", "RUST_LOG"].contains(&&*name_text) {
                command.env_remove(&name);
            }
        }
        let child = command
            .arg("--database-url")
            .arg(url)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", self.path.display()))?;
        let what = format!("paydirt {}", arguments.join(" "));
        Ok(Running { what, child: Some(child), started: Instant::now() })
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, url: &str, arguments: &[&str]) -> anyhow::Result<Outcome> {
        self.start(url, arguments)?.finish()
    }

    /// Runs a command that has to succeed.
    pub(crate) fn done(&self, url: &str, arguments: &[&str]) -> anyhow::Result<Outcome> {
        let outcome = self.run(url, arguments)?;
        ensure!(outcome.code() == Some(0), "{outcome}");
        Ok(outcome)
    }
}

impl Running {
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    pub(crate) fn is_alive(&mut self) -> anyhow::Result<bool> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait().context("waiting for paydirt")?.is_none()),
            None => Ok(false),
        }
    }

    /// Kills it now; the outcome tells whether it was still alive.
    pub(crate) fn kill(mut self) -> anyhow::Result<Outcome> {
        if let Some(child) = &mut self.child {
            child.kill().context("killing paydirt")?;
        }
        self.finish()
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> anyhow::Result<Outcome> {
        while self.is_alive()? {
            if self.started.elapsed() > PATIENCE {
                bail!("{} does not end: it has been killed after {} s", self.what, PATIENCE.as_secs());
            }
            std::thread::sleep(POLL);
        }
        let took = self.started.elapsed();
        let what = self.what.clone();
        let child = self.child.take().context("a process ends once")?;
        let output = child.wait_with_output().context("reading what paydirt printed")?;
        Ok(Outcome {
            what,
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            took,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Outcome {
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Whether SIGKILL ended it: a kill that came too late leaves an exit code.
    pub(crate) fn was_killed(&self) -> bool {
        self.status.signal() == Some(SIGKILL)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ended with {}: {}{}", self.what, self.status, self.stdout, self.stderr.trim_end())
    }
}
