//! What is to be reached, and whether it is.

use crate::args::{Bench, Preset};
use crate::history::figure;
use crate::report::Report;
use crate::table;

/// A figure that is to be reached.
struct Target {
    /// What, for the reader.
    what: &'static str,
    preset: Preset,
    figures: &'static [Limit],
}

/// A figure of the bench `history`, and what it may be at most.
struct Limit {
    figure: &'static str,
    at_most: f64,
    unit: &'static str,
}

const fn limit(figure: &'static str, at_most: f64, unit: &'static str) -> Limit {
    Limit { figure, at_most, unit }
}

/// Two cores, embedded server, medians.
const TARGETS: [Target; 7] = [
    Target {
        what: "first run: wall / COPY of the same rows",
        preset: Preset::Medium,
        figures: &[limit(figure::FIRST_RUN_PER_COPY, 1.0, "")],
    },
    Target {
        what: "nightly run, one new day; day 90 / day 30",
        preset: Preset::Medium,
        figures: &[limit(figure::NIGHT, 0.5, " s"), limit(figure::NIGHT_GROWTH, 1.2, "")],
    },
    Target {
        what: "native / sql, nightly",
        preset: Preset::Medium,
        figures: &[limit(figure::NIGHT_PER_SQL, 0.01, "")],
    },
    Target {
        what: "bytes of gold and indexes / of text columns and the index",
        preset: Preset::Medium,
        figures: &[limit(figure::BYTES, 0.4, "")],
    },
    Target {
        what: "peak memory, first run",
        preset: Preset::Medium,
        figures: &[limit(figure::FIRST_RUN_MEMORY, 256.0, " MiB")],
    },
    Target {
        what: "mainnet, backfill of 850 nightly cutoffs; its peak memory",
        preset: Preset::Mainnet,
        figures: &[limit(figure::BACKFILL, 600.0, " s"), limit(figure::BACKFILL_MEMORY, 1024.0, " MiB")],
    },
    Target { what: "mainnet, one more night", preset: Preset::Mainnet, figures: &[limit(figure::NIGHT, 5.0, " s")] },
];

/// Prints what was measured of the targets, from reports of `history`; what none of them has is left open.
pub(crate) fn print(reports: &[Report]) {
    let rows = TARGETS.iter().map(|target| {
        let report =
            reports.iter().rev().find(|report| report.bench == Bench::History && report.preset == target.preset);
        let measured: Vec<Option<f64>> =
            target.figures.iter().map(|limit| report.and_then(|report| report.value(limit.figure))).collect();
        let each = |text: &dyn Fn(&Limit, Option<f64>) -> String| {
            let texts = target.figures.iter().zip(&measured).map(|(limit, measured)| text(limit, *measured));
            texts.collect::<Vec<_>>().join("; ")
        };
        let mut reached =
            target.figures.iter().zip(&measured).map(|(limit, measured)| measured.map(|value| value <= limit.at_most));
        let reached = reached.try_fold(true, |all, one| Some(all && one?));
        vec![
            target.what.to_owned(),
            target.preset.name().to_owned(),
            each(&|limit, _| format!("<= {}{}", limit.at_most, limit.unit)),
            each(&|limit, measured| match measured {
                Some(value) if value < 0.1 => format!("{value:.4}{}", limit.unit),
                Some(value) => format!("{value:.2}{}", limit.unit),
                None => "-".to_owned(),
            }),
            match reached {
                Some(true) => "reached",
                Some(false) => "not reached",
                None => "not measured",
            }
            .to_owned(),
        ]
    });
    table::print(&["figure", "preset", "to reach>", "measured>", ""], rows);
}
