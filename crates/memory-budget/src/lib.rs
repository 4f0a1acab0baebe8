//! One memory budget for the process, with named reservations (design D6).
//!
//! A [`Budget`] has a limit. Whoever keeps data whose size follows its input holds a [`Reservation`] under a name and grows
//! it before or as the data grows; what does not fit is refused with an [`OutOfMemory`] that names the consumer and the
//! least limit with which this would not have happened. Dropping a reservation gives its bytes back.
//!
//! Counted are the rows and texts that paydirt keeps: state, submissions, rows being computed, batches on their way to
//! the server. Not counted are the program itself, thread stacks, buffers of the connection and what the allocator keeps
//! for later; [`OUTSIDE_BYTES`] is for those.
//!
//! ```
//! use memory_budget::Budget;
//! let budget = Budget::new(1000);
//! let mut state = budget.reservation("state");
//! state.grow(900)?;
//! let mut rows = budget.reservation("rows of a day");
//! let refused = rows.grow(200).unwrap_err();
//! assert_eq!((refused.consumer, refused.needed), ("rows of a day", 1100));
//! drop(state);
//! rows.grow(200)?;
//! # Ok::<(), memory_budget::OutOfMemory>(())
//! ```
#![deny(missing_docs)]

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What a process needs besides what is counted: a run's resident memory stays below the limit plus this.
pub const OUTSIDE_BYTES: u64 = 64 << 20;

/// The limit of a run when none is given.
pub const DEFAULT_LIMIT: Size = Size(512 << 20);

/// The limits that make sense: below, not even one batch fits; above, the number is a mistake.
pub const LIMITS: std::ops::RangeInclusive<u64> = 1 << 20..=1 << 50;

/// A number of bytes, as people write it: `512MiB`, `2GiB`, `65536`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl fmt::Display for Size {
    /// Rounded up to whole units.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = UNITS.into_iter().skip(1).find(|(_, unit)| self.0 >= *unit).unwrap_or(("B", 1));
        write!(f, "{} {name}", self.0.div_ceil(unit))
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
        let name = text[digits.len()..].trim();
        let unit = UNITS.into_iter().find(|(unit, _)| {
            let short = &unit[..1];
            name.eq_ignore_ascii_case(unit) || (short != "B" && name.eq_ignore_ascii_case(short))
        });
        let unit = if name.is_empty() { 1 } else { unit.ok_or_else(|| format!("'{name}' is not KiB, MiB or GiB"))?.1 };
        let number: u64 = digits.parse().map_err(|_| format!("'{text}' is not a size like 512MiB"))?;
        let bytes = number.checked_mul(unit).filter(|bytes| LIMITS.contains(bytes));
        bytes
            .map(Self)
            .ok_or_else(|| format!("'{text}' is not between {} and {} GiB", Self(*LIMITS.start()), LIMITS.end() >> 30))
    }
}

/// A reservation did not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not enough memory for {consumer}: the limit is {}, and {} would be in use ({}); use --memory-limit {} or more",
    Size(*.limit), Size(*.needed), .others.join(", "), least(*.needed)
)]
pub struct OutOfMemory {
    /// Who wanted more.
    pub consumer: &'static str,
    /// Bytes it would have had to itself.
    pub wanted: u64,
    /// Bytes that would have been in use in all: the least limit with which this reservation fits.
    pub needed: u64,
    /// The limit.
    pub limit: u64,
    /// What everybody else held, largest first, as `name size`.
    pub others: Vec<String>,
}

/// As it has to be written on the command line: whole MiB.
fn least(needed: u64) -> String {
    format!("{}MiB", needed.div_ceil(1 << 20))
}

struct Inner {
    limit: u64,
    used: AtomicU64,
    peak: AtomicU64,
    /// Bytes by consumer; several reservations may have one name.
    by_consumer: Mutex<Vec<(&'static str, u64)>>,
}

/// A limit that reservations share. Clones are the same budget.
#[derive(Clone)]
pub struct Budget(Arc<Inner>);

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("limit", &self.limit()).field("used", &self.used()).finish_non_exhaustive()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT.0)
    }
}

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self(Arc::new(Inner {
            limit,
            used: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            by_consumer: Mutex::new(Vec::new()),
        }))
    }

    /// A reservation of nothing yet.
    #[must_use]
    pub fn reservation(&self, consumer: &'static str) -> Reservation {
        Reservation { budget: self.clone(), part: None, consumer, bytes: 0 }
    }

    /// A part for what is good to have but not needed: its reservations together never take more than so many bytes, so that others
    /// find the rest.
    #[must_use]
    pub fn part(&self, most: u64) -> Part {
        Part { budget: self.clone(), most, used: Arc::default() }
    }

    /// The limit in bytes.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Bytes reserved now.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// The most that was ever reserved at once.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.0.peak.load(Ordering::Relaxed)
    }

    fn account(&self, consumer: &'static str, change: impl FnOnce(&mut u64)) {
        // A poisoned list is only a worse error message.
        if let Ok(mut consumers) = self.0.by_consumer.lock() {
            match consumers.iter_mut().find(|(name, _)| *name == consumer) {
                Some((_, bytes)) => change(bytes),
                None => {
                    let mut bytes = 0;
                    change(&mut bytes);
                    consumers.push((consumer, bytes));
                }
            }
        }
    }

    fn others(&self) -> Vec<String> {
        let Ok(consumers) = self.0.by_consumer.lock() else { return Vec::new() };
        let mut others: Vec<_> = consumers.iter().filter(|(_, bytes)| *bytes > 0).copied().collect();
        others.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        others.iter().map(|(name, bytes)| format!("{name} {}", Size(*bytes))).collect()
    }
}

/// A limit within a budget that reservations share. Clones are the same part.
#[derive(Clone, Debug)]
pub struct Part {
    budget: Budget,
    most: u64,
    used: Arc<AtomicU64>,
}

impl Part {
    /// A reservation of nothing yet.
    #[must_use]
    pub fn reservation(&self, consumer: &'static str) -> Reservation {
        Reservation { budget: self.budget.clone(), part: Some(self.clone()), consumer, bytes: 0 }
    }
}

/// Bytes that one consumer holds; given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Budget,
    part: Option<Part>,
    consumer: &'static str,
    bytes: u64,
}

impl Reservation {
    /// Reserves more.
    ///
    /// # Errors
    /// If that exceeds the budget's limit, or that of its part; what was reserved before stays reserved.
    pub fn grow(&mut self, bytes: u64) -> Result<(), OutOfMemory> {
        let refused = |used: u64, limit, others| OutOfMemory {
            consumer: self.consumer,
            wanted: self.bytes.saturating_add(bytes),
            needed: used.saturating_add(bytes),
            limit,
            others,
        };
        if let Some(part) = &self.part {
            take(&part.used, bytes, part.most).map_err(|used| refused(used, part.most, Vec::new()))?;
        }
        let inner = &self.budget.0;
        match take(&inner.used, bytes, inner.limit) {
            Ok(before) => {
                inner.peak.fetch_max(before + bytes, Ordering::Relaxed);
                self.bytes += bytes;
                self.budget.account(self.consumer, |held| *held += bytes);
                Ok(())
            }
            Err(used) => {
                if let Some(part) = &self.part {
                    part.used.fetch_sub(bytes, Ordering::Relaxed);
                }
                Err(refused(used, inner.limit, self.budget.others()))
            }
        }
    }

    /// Reserves so many bytes in all, more or less than now.
    ///
    /// # Errors
    /// As [`grow`](Self::grow).
    pub fn resize(&mut self, bytes: u64) -> Result<(), OutOfMemory> {
        if bytes >= self.bytes {
            return self.grow(bytes - self.bytes);
        }
        self.give_back(self.bytes - bytes);
        Ok(())
    }

    /// Gives everything back.
    pub fn clear(&mut self) {
        self.give_back(self.bytes);
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn give_back(&mut self, bytes: u64) {
        self.budget.0.used.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(part) = &self.part {
            part.used.fetch_sub(bytes, Ordering::Relaxed);
        }
        self.bytes -= bytes;
        self.budget.account(self.consumer, |held| *held = held.saturating_sub(bytes));
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Counts more bytes as used, if they are no more than the limit then; gives those before either way.
fn take(used: &AtomicU64, bytes: u64, limit: u64) -> Result<u64, u64> {
    used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
        used.checked_add(bytes).filter(|used| *used <= limit)
    })
}

/// Bytes of `count` values of a type, without what they point to.
#[must_use]
pub fn bytes_of<T>(count: usize) -> u64 {
    (count as u64).saturating_mul(std::mem::size_of::<T>() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_leaves_the_rest_to_others() {
        let budget = Budget::new(1000);
        let part = budget.part(300);
        let (mut sums, mut leaves) = (part.reservation("sums"), part.reservation("leaves"));
        sums.grow(200).unwrap();
        let refused = leaves.grow(101).unwrap_err();
        assert_eq!((refused.wanted, refused.needed, refused.limit, budget.used()), (101, 301, 300, 200));
        leaves.grow(100).unwrap();
        let mut rows = budget.reservation("rows");
        rows.grow(700).unwrap();
        sums.clear();
        rows.grow(200).unwrap();
        let refused = sums.grow(1).unwrap_err();
        assert_eq!((refused.needed, refused.limit), (1001, 1000));
        rows.clear();
        sums.grow(200).unwrap();
        assert_eq!(sums.grow(1).unwrap_err().limit, 300, "what the budget refused does not count");
    }

    #[test]
    fn sizes_are_written_as_people_write_them() {
        for (text, bytes) in [("512MiB", 512 << 20), ("1 GiB", 1 << 30), ("64m", 64 << 20), ("2097152", 2 << 20)] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for bad in ["", "MiB", "1023", "5 MB/s", "-1MiB", "1.5GiB", "99999999GiB", "18446744073709551615GiB"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
        assert_eq!(Size((64 << 20) + 1).to_string(), "65 MiB");
        assert_eq!(Size(512).to_string(), "512 B");
    }

    #[test]
    fn the_error_names_the_consumer_the_others_and_the_least_that_would_do() {
        let budget = Budget::new(10 << 20);
        let mut texts = budget.reservation("texts");
        texts.grow(4 << 20).unwrap();
        let mut state = budget.reservation("state");
        state.grow(2 << 20).unwrap();
        let error = state.grow(5 << 20).unwrap_err();
        assert_eq!((error.consumer, error.wanted, error.needed), ("state", 7 << 20, 11 << 20));
        assert_eq!(
            error.to_string(),
            "not enough memory for state: the limit is 10 MiB, and 11 MiB would be in use (texts 4 MiB, state 2 MiB); \
             use --memory-limit 11MiB or more"
        );
        assert_eq!(state.bytes(), 2 << 20);
    }

    #[test]
    fn what_is_dropped_or_shrunk_is_free_again_and_the_peak_stays() {
        let budget = Budget::new(100);
        let mut first = budget.reservation("first");
        first.grow(80).unwrap();
        first.resize(30).unwrap();
        let mut second = budget.reservation("second");
        second.grow(70).unwrap();
        assert!(second.grow(1).is_err());
        drop(first);
        assert_eq!((budget.used(), budget.peak()), (70, 100));
        drop(second);
        assert_eq!(budget.used(), 0);
    }
}
