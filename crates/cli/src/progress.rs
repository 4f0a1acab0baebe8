//! Progress on stderr: bars on a terminal, nothing otherwise (logs say it with `-v`).

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bronze::ImportProgress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use pipeline::{Event, Observer, Refresh};

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file; a wrong one falls back to the plain bar.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// One bar per file of an import.
#[derive(Default)]
pub(crate) struct ImportBars {
    bars: MultiProgress,
    by_table: Mutex<HashMap<String, ProgressBar>>,
}

impl ImportBars {
    fn with(&self, table: &str, act: impl FnOnce(&ProgressBar)) {
        if let Ok(bars) = self.by_table.lock()
            && let Some(bar) = bars.get(table)
        {
            act(bar);
        }
    }
}

impl ImportProgress for ImportBars {
    fn start(&self, table: &str, bytes: u64) {
        let bar = self.bars.add(ProgressBar::new(bytes));
        bar.set_style(style("{msg:52} {bar:24} {bytes}/{total_bytes} {bytes_per_sec}"));
        bar.set_message(table.to_owned());
        if let Ok(mut bars) = self.by_table.lock() {
            bars.insert(table.to_owned(), bar);
        }
    }

    fn advance(&self, table: &str, bytes: u64) {
        self.with(table, |bar| bar.inc(bytes));
    }

    fn done(&self, table: &str, rows: u64) {
        tracing::info!(table, rows, "imported");
        self.with(table, ProgressBar::finish_and_clear);
    }
}

/// One bar for a run, counting (reward, day) pairs, or for a backfill, counting cutoffs.
pub(crate) struct RunBar {
    bar: ProgressBar,
    /// Rows since the beginning.
    rows: AtomicU64,
    /// Whether cutoffs are counted.
    backfilling: AtomicBool,
}

impl RunBar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(200));
        bar.set_message("checking the source");
        Self { bar, rows: AtomicU64::new(0), backfilling: AtomicBool::new(false) }
    }

    fn add_rows(&self, more: u64) -> u64 {
        let rows = self.rows.fetch_add(more, Ordering::Relaxed) + more;
        let millis = u64::try_from(self.bar.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        rows.saturating_mul(1000) / millis
    }

    fn is_backfilling(&self) -> bool {
        self.backfilling.load(Ordering::Relaxed)
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Says something above the bar.
    pub(crate) fn say(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }
}

impl Observer for RunBar {
    fn event(&self, event: Event) {
        match event {
            Event::Purged { cutoff, status, rows } => self.say(&format!(
                "note: the run for cutoff {cutoff} had not finished (it was {status}); it was removed with its {rows} rows, \
                 which nobody had seen"
            )),
            Event::Resumed { run_id, units } => {
                self.say(&format!("note: going on with run {run_id}, which had not finished; {units} units are left"));
            }
            Event::UnitCommitted { unit } => tracing::info!(unit, "unit committed"),
            Event::Retrying { unit, pause, why } => self.say(&format!(
                "note: {}{why}; trying again in {:.1} s",
                unit.map(|unit| format!("unit {unit}: ")).unwrap_or_default(),
                pause.as_secs_f64()
            )),
            Event::Backfilling { cutoffs } => {
                self.backfilling.store(true, Ordering::Relaxed);
                self.bar.set_length(cutoffs as u64);
                self.bar.set_style(style("{bar:32} {pos}/{len} cutoffs  {msg}  {eta} left"));
                self.bar.set_message("bringing silver up to date");
            }
            Event::Validated { since, warnings } => {
                let since = since.map_or_else(|| "the beginning".to_owned(), |day| day.to_string());
                tracing::info!(since, "checked the rows of the source");
                if warnings > 0 {
                    self.say(&format!(
                        "note: {warnings} odd things in the source, with a defined meaning (-v lists them)"
                    ));
                }
                self.bar.set_message("bringing silver up to date");
            }
            Event::Quarantined { reward_hash, reason } => {
                self.say(&format!("note: set aside {reward_hash}: {reason}"));
            }
            Event::LeavingOut { submissions } => self.say(&format!(
                "note: leaving out {submissions} submission(s) that earlier runs set aside (table quarantine)"
            )),
            Event::NobodyExcluded => self.say(
                "note: excluded_addresses names nobody for mainnet, so nobody is left out of programmatic incentives \
                 before 2024-10-01; the protocol's list is in fixtures/mainnet (paydirt import fixtures/mainnet)",
            ),
            Event::SilverRefreshed { table, refresh, removed, added } => {
                tracing::info!(table, how = ?refresh, removed, added, "silver");
                if let Refresh::Corrected { first_changed } = refresh {
                    self.say(&format!(
                        "note: events of {first_changed} or later that earlier runs had read have changed; {table} is rewound \
                         to that day ({removed} ranges removed, {added} added). Gold that was paid before stays as it is"
                    ));
                }
            }
            Event::Planned(_) if self.is_backfilling() => {}
            Event::Planned(plan) => {
                self.bar.set_length(plan.units);
                self.bar.set_style(style("{bar:32} {pos}/{len} units  {msg}  {eta} left"));
            }
            Event::DayComputed { day, rows, units } => {
                tracing::info!(%day, rows, units, "computed");
                let speed = self.add_rows(rows);
                if !self.is_backfilling() {
                    self.bar.inc(units);
                }
                self.bar.set_message(format!("{day}  {} rows/s", crate::output::count(speed)));
            }
            Event::OracleFile { file, of } => {
                tracing::info!(file, "computed by sql/oracle");
                if self.is_backfilling() {
                    self.bar.set_message(file);
                    return;
                }
                if self.bar.length() != Some(of as u64) || self.bar.position() >= of as u64 {
                    self.bar.set_length(of as u64);
                    self.bar.set_position(0);
                    self.bar.set_style(style("{bar:32} {pos}/{len} statements  {msg}"));
                }
                self.bar.inc(1);
                self.bar.set_message(file);
            }
            Event::Undone { cutoff, rows } => tracing::info!(cutoff, rows, "undone"),
            Event::Compared { what } => {
                tracing::info!(what, "compared");
                self.bar.set_message(what);
            }
            Event::Committed { cutoff, rows } if self.is_backfilling() => {
                tracing::info!(%cutoff, rows, "cutoff complete");
                self.bar.inc(1);
            }
            Event::Committed { .. } => self.clear(),
        }
    }
}
