//! Runs a program and asks the kernel what that process alone has used.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// What a process has used.
#[derive(Debug, Clone)]
pub(crate) struct Used {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Processor time in the program.
    pub(crate) user: Duration,
    /// Processor time in the kernel for it.
    pub(crate) system: Duration,
    /// Most memory at once (resident set), in bytes. Not below what this process had when it started the program, which
    /// the kernel passes on: a few MiB.
    pub(crate) peak_rss: u64,
    /// What it wrote on stdout.
    pub(crate) output: String,
}

/// Runs a command to its end.
///
/// # Errors
/// If it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Used> {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("starting the program")?;
    let mut output = String::new();
    if let Some(stdout) = child.stdout.as_mut() {
        stdout.read_to_string(&mut output).context("reading what the program says")?;
    }
    // From here on the number may be another process's: `child` is not used again.
    let (status, usage) = wait(child.id())?;
    let wall = started.elapsed();
    if status != 0 {
        bail!("the program failed (wait status {status}): {command:?}");
    }
    Ok(Used {
        wall,
        user: duration(usage.ru_utime),
        system: duration(usage.ru_stime),
        peak_rss: u64::try_from(usage.ru_maxrss).unwrap_or_default() * RSS_UNIT,
        output,
    })
}

/// The unit of `ru_maxrss`, in bytes.
const RSS_UNIT: u64 = if cfg!(target_os = "macos") { 1 } else { 1024 };

/// Waits for a child and takes what it has used, its own waited-for children included.
fn wait(pid: u32) -> anyhow::Result<(i32, libc::rusage)> {
    let pid = libc::pid_t::try_from(pid).context("a process number")?;
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    loop {
        // SAFETY: both pointers are to memory of ours of the right type, which outlives the call.
        let waited = unsafe { libc::wait4(pid, &mut status, 0, usage.as_mut_ptr()) };
        if waited == pid {
            // SAFETY: an all-zero rusage is valid, and the kernel has filled it.
            return Ok((status, unsafe { usage.assume_init() }));
        }
        let error = std::io::Error::last_os_error();
        if error.kind() != std::io::ErrorKind::Interrupted {
            return Err(error).context("waiting for the program");
        }
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or_default())
        .saturating_add(Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_measured_alone() {
        let used = run(Command::new("sh").args(["-c", "echo hello"])).unwrap();
        assert_eq!(used.output, "hello\n");
        assert!(used.peak_rss > 0 && used.wall >= Duration::ZERO);
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
    }
}
