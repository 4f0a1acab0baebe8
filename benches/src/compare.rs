//! Two reports side by side.

use std::collections::BTreeMap;

use anyhow::bail;

use crate::figures::{mebibytes, ratio, ratio_of};
use crate::report::Report;
use crate::table;

/// Prints the ratios new / old of what both reports have: below 1 is less time or memory than before.
pub(crate) fn print(old: &Report, new: &Report) -> anyhow::Result<()> {
    if (old.bench, old.preset) != (new.bench, new.preset) {
        bail!("the files are of different benches or presets: their figures cannot be compared");
    }
    println!("old: {} at {} (load {:.2})", old.paydirt, old.started_at, old.machine.load_before);
    println!("new: {} at {} (load {:.2})", new.paydirt, new.started_at, new.machine.load_before);
    let before: BTreeMap<_, _> = old.measurements.iter().map(|m| (m.name.as_str(), m)).collect();
    let rows = new.measurements.iter().filter_map(|after| {
        let before = before.get(after.name.as_str())?;
        Some(vec![
            after.name.clone(),
            format!("{:.2}", before.wall_seconds),
            format!("{:.2}", after.wall_seconds),
            format!("{:.3}", ratio_of(after.wall_seconds, before.wall_seconds)),
            format!("{:.3}", ratio_of(after.all_seconds(), before.all_seconds())),
            format!("{:.1}", mebibytes(before.peak_rss_bytes)),
            format!("{:.1}", mebibytes(after.peak_rss_bytes)),
            format!("{:.3}", ratio(after.peak_rss_bytes, before.peak_rss_bytes)),
            if after.rows == before.rows { "same".to_owned() } else { format!("{} / {}", after.rows, before.rows) },
        ])
    });
    table::print(
        &["measurement", "old s>", "new s>", "wall>", "CPU>", "old MiB>", "new MiB>", "memory>", "rows>"],
        rows,
    );
    let before: BTreeMap<_, _> = old.figures.iter().map(|f| (f.name.as_str(), f.value)).collect();
    let rows = new.figures.iter().filter_map(|after| {
        let &before = before.get(after.name.as_str())?;
        Some(vec![
            after.name.clone(),
            format!("{before:.3}"),
            format!("{:.3}", after.value),
            format!("{:.3}", ratio_of(after.value, before)),
        ])
    });
    table::print(&["figure", "old>", "new>", "new / old>"], rows);
    Ok(())
}
