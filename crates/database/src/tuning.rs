//! The embedded server's settings, from what the machine has.

use std::fmt::Write;
use std::path::Path;

const MB: u64 = 1 << 20;
const GB: u64 = 1 << 30;

/// What the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Memory we may use, in bytes: the machine's, or our control group's limit if lower.
    pub(crate) memory: u64,
    /// Processors.
    pub(crate) processors: u64,
    /// Free bytes where the data is.
    pub(crate) disk: u64,
    /// Size of `/dev/shm` in bytes: containers often have 64 MB, too little for parallel queries.
    pub(crate) shared: u64,
}

impl Machine {
    /// Looks at this machine. What cannot be found out is assumed small.
    pub(crate) fn look(data_parent: &Path) -> Self {
        let total = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| mem_total(&text)).unwrap_or(2 * GB);
        let limit = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
            .iter()
            .filter_map(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok())
            .min()
            .unwrap_or(u64::MAX);
        let stat = |path: &Path| rustix::fs::statvfs(path).ok();
        Self {
            memory: total.min(limit),
            processors: std::thread::available_parallelism().map_or(1, |n| n.get() as u64),
            disk: stat(data_parent).map_or(0, |s| s.f_bavail.saturating_mul(s.f_frsize)),
            shared: stat(Path::new("/dev/shm")).map_or(0, |s| s.f_blocks.saturating_mul(s.f_frsize)),
        }
    }

    /// The settings file.
    pub(crate) fn settings(&self, socket_dir: &str) -> String {
        let mut text = String::from(
            "# Written by paydirt at every start: edits are lost. To change a setting, use ALTER SYSTEM SET …\n",
        );
        let place = [
            ("listen_addresses", String::new()),
            ("unix_socket_directories", socket_dir.to_owned()),
            ("unix_socket_permissions", "0700".to_owned()),
            ("port", "5432".to_owned()),
        ];
        for (name, value) in place.into_iter().chain(self.tuning()) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name} = '{value}'");
        }
        text
    }

    /// The settings that do not depend on where the server is. Durability stays on: this is where gold is kept.
    fn tuning(&self) -> Vec<(&'static str, String)> {
        let mb = |bytes: u64| format!("{}MB", bytes / MB);
        let shared_buffers = (self.memory / 4).clamp(128 * MB, 4 * GB);
        let wal = if self.disk >= 40 * GB && self.memory >= 4 * GB { 4 * GB } else { GB };
        let workers = self.processors.max(2);
        vec![
            ("max_connections", "100".to_owned()),
            ("shared_buffers", mb(shared_buffers)),
            ("effective_cache_size", mb((self.memory / 2).max(shared_buffers))),
            ("work_mem", mb((self.memory / 128).clamp(8 * MB, 128 * MB))),
            ("maintenance_work_mem", mb((self.memory / 16).clamp(64 * MB, GB))),
            ("max_wal_size", mb(wal)),
            ("min_wal_size", mb(wal / 8)),
            ("checkpoint_timeout", "15min".to_owned()),
            // Compressing the pages of a new index takes a fifth of the time of building it.
            ("wal_compression", "off".to_owned()),
            ("random_page_cost", "1.1".to_owned()),
            ("jit", "off".to_owned()),
            ("max_worker_processes", workers.max(8).to_string()),
            ("max_parallel_workers", workers.to_string()),
            ("max_parallel_workers_per_gather", (workers / 2).min(4).to_string()),
            ("max_parallel_maintenance_workers", (workers / 2).min(4).to_string()),
            ("dynamic_shared_memory_type", if self.shared >= GB { "posix" } else { "sysv" }.to_owned()),
            ("timezone", "UTC".to_owned()),
            ("log_timezone", "UTC".to_owned()),
            ("lc_messages", "C".to_owned()),
            ("logging_collector", "off".to_owned()),
            ("log_destination", "stderr".to_owned()),
            ("log_line_prefix", "%m [%p] %q%a ".to_owned()),
            ("fsync", "on".to_owned()),
            ("synchronous_commit", "on".to_owned()),
            ("full_page_writes", "on".to_owned()),
        ]
    }
}

/// How the embedded server would be set up on this machine with its data below a folder, except for where it listens: for a
/// bench that is about it.
#[must_use]
pub fn embedded_settings(data_parent: &Path) -> Vec<(&'static str, String)> {
    Machine::look(data_parent).tuning()
}

fn mem_total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(machine: Machine, name: &str) -> String {
        let text = machine.settings("/x");
        let prefix = format!("{name} = '");
        text.lines().find_map(|l| l.strip_prefix(&prefix)).unwrap().trim_end_matches('\'').to_owned()
    }

    #[test]
    fn settings_follow_the_machine() {
        let large = Machine { memory: 64 * GB, processors: 16, disk: 500 * GB, shared: 32 * GB };
        let middle = Machine { memory: 8 * GB, processors: 2, disk: 500 * GB, shared: 4 * GB };
        let small = Machine { memory: 256 * MB, processors: 1, disk: GB, shared: 64 * MB };
        let of = |name| [large, middle, small].map(|machine| value(machine, name));
        assert_eq!(of("shared_buffers"), ["4096MB", "2048MB", "128MB"]);
        assert_eq!(of("work_mem"), ["128MB", "64MB", "8MB"]);
        assert_eq!(of("maintenance_work_mem"), ["1024MB", "512MB", "64MB"]);
        assert_eq!(of("effective_cache_size"), ["32768MB", "4096MB", "128MB"]);
        assert_eq!(of("max_wal_size"), ["4096MB", "4096MB", "1024MB"]);
        assert_eq!(of("dynamic_shared_memory_type"), ["posix", "posix", "sysv"]);
        assert_eq!(of("fsync"), ["on", "on", "on"]);
    }

    #[test]
    fn memory_is_read_in_kilobytes() {
        assert_eq!(mem_total("MemTotal:       24684084 kB\nMemFree: 1 kB\n"), Some(24_684_084 * 1024));
        assert_eq!(mem_total("nothing"), None);
    }
}
