//! `postmaster.pid`: what a running server says about itself, and whether to believe it.

use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};

/// What a server wrote into its `postmaster.pid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: u32,
    /// Where its socket is; not known in the first moments.
    pub(crate) socket_dir: Option<PathBuf>,
    /// Whether it takes connections.
    pub(crate) ready: bool,
}

impl Postmaster {
    /// Reads the file of a data folder; `None` when there is none, or nothing in it yet.
    pub(crate) fn read(data_dir: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(data_dir.join("postmaster.pid")).ok()?;
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok()?,
            socket_dir: lines.get(4).filter(|line| !line.is_empty()).map(PathBuf::from),
            ready: lines.get(7).is_some_and(|line| *line == "ready"),
        })
    }

    /// The server that runs in a data folder now: the file's, if that process is alive and works there. A crash or
    /// a restart of the machine leaves the file behind, and its number may be another process by now.
    pub(crate) fn running(data_dir: &Path) -> Option<Self> {
        Self::read(data_dir).filter(|postmaster| works_in(postmaster.pid, data_dir))
    }
}

/// Whether the process is a live one (not a zombie) whose working folder is the data folder, as every PostgreSQL
/// process's is.
pub(crate) fn works_in(pid: u32, data_dir: &Path) -> bool {
    if !Path::new("/proc/self/cwd").exists() {
        return exists(pid);
    }
    let Ok(data_dir) = data_dir.canonicalize() else { return false };
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data_dir)
}

/// Whether there is a process of that number, of whatever kind.
pub(crate) fn exists(pid: u32) -> bool {
    as_pid(pid).is_some_and(|pid| match test_kill_process(pid) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    })
}

pub(crate) fn as_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().filter(|pid| *pid > 1).and_then(Pid::from_raw)
}

/// The processes that work in a data folder: the server's, or what a crash left of it. Empty where there is no
/// `/proc`.
pub(crate) fn workers(data_dir: &Path) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| works_in(*pid, data_dir))
        .collect()
}
