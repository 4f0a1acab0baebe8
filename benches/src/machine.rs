//! What /proc says: about this machine, and about the server's processes.

use serde::{Deserialize, Serialize};

use crate::figures;

/// Clock ticks of /proc/PID/stat in a second; Linux has always had 100.
const TICKS: u64 = 100;

/// The machine, for the reader of a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Processors we may use.
    pub(crate) processors: usize,
    /// Load average of the last minute, before the bench: other work on the machine.
    pub(crate) load_before: f64,
    /// The same at the end; the bench itself included.
    pub(crate) load_after: f64,
}

impl Machine {
    /// Looks at this machine.
    pub(crate) fn look() -> Self {
        let load = load();
        Self {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load_before: load,
            load_after: load,
        }
    }
}

/// Load average of the last minute; 0 where there is none.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// Processor seconds of a process's children that have ended; `None` where /proc has none.
pub(crate) fn seconds_of_children(pid: u32) -> Option<f64> {
    ticks_of_children(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
        .map(|ticks| figures::ratio(ticks, TICKS))
}

/// Fields 16 and 17, counted behind the program's name, which may have spaces.
fn ticks_of_children(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(13).map(str::parse::<u64>);
    fields.next()?.ok()?.checked_add(fields.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_the_sixteenth_and_seventeenth_field() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 3 4 5 6 14 15 160 17 20 0 1 0";
        assert_eq!(ticks_of_children(stat), Some(177));
        assert_eq!(ticks_of_children("nothing"), None);
    }
}
