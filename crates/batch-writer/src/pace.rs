//! How much is committed at once.

use std::time::Duration;

/// What a batch holds at most when it is committed. It holds whole units, so it may exceed the limits by one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Rows.
    pub rows: u64,
    /// Bytes sent for them.
    pub bytes: u64,
    /// How long the first of them has waited for its commit.
    pub time: Duration,
}

impl BatchLimits {
    /// What runs begin with: a commit a second, and nothing that would take the server long to roll back.
    pub const DEFAULT: Self = Self { rows: 1_000_000, bytes: 256 << 20, time: Duration::from_secs(1) };

    /// Batches stay open no longer than this, however slow commits are: a stopped run has to end within five seconds.
    pub const LONGEST: Duration = Duration::from_secs(3);

    /// Whether a batch has to be committed.
    #[must_use]
    pub fn is_full(&self, rows: u64, bytes: u64, time: Duration) -> bool {
        rows >= self.rows || bytes >= self.bytes || time >= self.time
    }
}

/// Batches that adapt to how long commits take: where a commit waits for a far disk or a replica, more is committed at once.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    limits: BatchLimits,
    latency: Duration,
}

/// A commit should take no more than this part of the time of its batch.
const COMMIT_SHARE: u32 = 20;

impl Pace {
    /// Begins with some limits.
    #[must_use]
    pub fn new(limits: BatchLimits) -> Self {
        Self { limits, latency: Duration::ZERO }
    }

    /// The limits now.
    #[must_use]
    pub fn limits(&self) -> BatchLimits {
        let time = (self.latency * COMMIT_SHARE).clamp(self.limits.time, BatchLimits::LONGEST.max(self.limits.time));
        BatchLimits { time, ..self.limits }
    }

    /// Notes how long a commit took; the newest counts for a quarter.
    pub fn committed(&mut self, latency: Duration) {
        self.latency = if self.latency.is_zero() { latency } else { (self.latency * 3 + latency) / 4 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BatchLimits = BatchLimits { rows: 10, bytes: 1000, time: Duration::from_millis(100) };

    #[test]
    fn any_limit_fills_a_batch() {
        let none = Duration::ZERO;
        assert!(!LIMITS.is_full(9, 999, Duration::from_millis(99)));
        assert!(LIMITS.is_full(10, 0, none));
        assert!(LIMITS.is_full(0, 1000, none));
        assert!(LIMITS.is_full(0, 0, Duration::from_millis(100)));
    }

    #[test]
    fn slow_commits_make_longer_batches_within_bounds() {
        let mut pace = Pace::new(LIMITS);
        assert_eq!(pace.limits(), LIMITS);
        pace.committed(Duration::from_millis(1));
        assert_eq!(pace.limits().time, Duration::from_millis(100));
        pace.committed(Duration::from_millis(81));
        assert_eq!(pace.limits().time, Duration::from_millis(420));
        for _ in 0..20 {
            pace.committed(Duration::from_secs(2));
        }
        assert_eq!(pace.limits().time, BatchLimits::LONGEST);
        for _ in 0..40 {
            pace.committed(Duration::from_millis(1));
        }
        assert_eq!(pace.limits().time, Duration::from_millis(100));
    }
}
