//! What a bench found out, as JSON and as tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

use crate::args::{Bench, Preset};
use crate::figures;
use crate::machine::{self, Machine};
use crate::paydirt::Paydirt;
use crate::server::Counters;
use crate::statements::StatementCost;
use crate::table;

/// Everything about one `bench run`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Which bench.
    pub(crate) bench: Bench,
    /// How large.
    pub(crate) preset: Preset,
    /// When it began (UTC, RFC 3339).
    pub(crate) started_at: String,
    /// The version of paydirt.
    pub(crate) paydirt: String,
    /// Further arguments of `paydirt run`.
    pub(crate) arguments: Vec<String>,
    /// Where.
    pub(crate) machine: Machine,
    /// The server's settings that figures depend on, durability among them.
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, String>,
    /// Every process that was measured, in order.
    pub(crate) measurements: Vec<Measurement>,
    /// What it comes to.
    pub(crate) figures: Vec<Figure>,
    /// What statements cost, if asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) statements: Vec<StatementCost>,
}

/// One process that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measurement {
    /// Which; unique within a report, and the same in every report of the bench.
    pub(crate) name: String,
    /// From start to end.
    pub(crate) wall_seconds: f64,
    /// Processor time of the process.
    pub(crate) user_seconds: f64,
    /// Processor time of the kernel for it.
    pub(crate) system_seconds: f64,
    /// Processor time of the server's sessions meanwhile; `None` where the system does not tell.
    pub(crate) server_seconds: Option<f64>,
    /// Most memory of the process at once (resident set).
    pub(crate) peak_rss_bytes: u64,
    /// Rows it appended to the gold table.
    pub(crate) rows: u64,
    /// The same by second of the wall.
    #[serde(default)]
    pub(crate) rows_per_second: f64,
    /// What the server wrote to its log meanwhile.
    #[serde(default)]
    pub(crate) wal_bytes: u64,
    /// What the server wrote to temporary files for it.
    #[serde(default)]
    pub(crate) temporary_bytes: u64,
    /// Seconds by stage, as paydirt says; workers beside each other are added up.
    #[serde(default)]
    pub(crate) stages: BTreeMap<String, f64>,
}

impl Measurement {
    /// Processor time of the process and of the kernel for it.
    pub(crate) fn own_seconds(&self) -> f64 {
        figures::sum([self.user_seconds, self.system_seconds])
    }

    /// With what the server has counted meanwhile.
    pub(crate) fn with(self, before: Counters, after: Counters) -> Self {
        let more = |before: i64, after: i64| u64::try_from(after - before).unwrap_or_default();
        Self {
            server_seconds: before.processor.zip(after.processor).map(|(before, after)| figures::minus(after, before)),
            wal_bytes: more(before.wal, after.wal),
            temporary_bytes: more(before.temporary, after.temporary),
            ..self
        }
    }

    /// Processor time of process and server.
    pub(crate) fn all_seconds(&self) -> f64 {
        figures::sum([self.own_seconds(), self.server_seconds.unwrap_or_default()])
    }
}

/// A number that the measurements come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What it is.
    pub(crate) name: String,
    /// The number.
    pub(crate) value: f64,
    /// Its unit, or what it should be.
    pub(crate) unit: String,
}

impl Report {
    /// An empty report.
    pub(crate) fn new(bench: Bench, preset: Preset, paydirt: &Paydirt) -> anyhow::Result<Self> {
        Ok(Self {
            bench,
            preset,
            started_at: chrono::Utc::now().to_rfc3339(),
            paydirt: paydirt.version()?,
            arguments: paydirt.run_arguments().to_vec(),
            machine: Machine::look(),
            settings: BTreeMap::new(),
            measurements: Vec::new(),
            figures: Vec::new(),
            statements: Vec::new(),
        })
    }

    /// Adds a measurement, and says so.
    pub(crate) fn add(&mut self, measurement: Measurement) {
        eprintln!(
            "{}: {:.2} s, {} rows, {:.1} MiB",
            measurement.name,
            measurement.wall_seconds,
            measurement.rows,
            figures::mebibytes(measurement.peak_rss_bytes)
        );
        let rows_per_second = figures::per_second(measurement.rows, measurement.wall_seconds);
        self.measurements.push(Measurement { rows_per_second, ..measurement });
    }

    /// Notes the settings of the server.
    pub(crate) async fn note_settings(&mut self, client: &Client) -> anyhow::Result<()> {
        let rows = client.query(include_str!("../sql/settings.sql"), &[]).await?;
        self.settings = rows.iter().map(|row| (row.get("name"), row.get("value"))).collect();
        Ok(())
    }

    /// A figure that was added.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }

    /// Adds a figure.
    pub(crate) fn figure(&mut self, name: impl Into<String>, value: f64, unit: impl Into<String>) {
        self.figures.push(Figure { name: name.into(), value, unit: unit.into() });
    }

    /// Notes the load at the end.
    pub(crate) fn finish(&mut self) {
        self.machine.load_after = machine::load();
    }

    /// Reads a report.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not a report of bench run", path.display()))
    }

    /// Writes the report.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }

    /// Prints the report.
    pub(crate) fn print(&self) {
        let Machine { processors, load_before, load_after } = &self.machine;
        if !self.settings.is_empty() {
            let settings: Vec<String> = self.settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            println!("server: {}\n", settings.join(", "));
        }
        println!("{}, {processors} processors, load {load_before:.2} before and {load_after:.2} after", self.paydirt);
        table::print(
            &[
                "measurement",
                "rows>",
                "wall s>",
                "paydirt s>",
                "server s>",
                "rows/s>",
                "peak MiB>",
                "WAL MiB>",
                "temp MiB>",
            ],
            self.measurements.iter().map(|m| {
                vec![
                    m.name.clone(),
                    m.rows.to_string(),
                    format!("{:.2}", m.wall_seconds),
                    format!("{:.2}", m.own_seconds()),
                    m.server_seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.2}")),
                    format!("{:.0}", m.rows_per_second),
                    format!("{:.1}", figures::mebibytes(m.peak_rss_bytes)),
                    format!("{:.1}", figures::mebibytes(m.wal_bytes)),
                    format!("{:.1}", figures::mebibytes(m.temporary_bytes)),
                ]
            }),
        );
        table::print(
            &["figure", "value>", "unit"],
            self.figures.iter().map(|f| vec![f.name.clone(), format!("{:.3}", f.value), f.unit.clone()]),
        );
        self.print_stages();
        if !self.statements.is_empty() {
            StatementCost::print(&self.statements);
        }
    }

    /// Where the time of the measurements went, in seconds.
    fn print_stages(&self) {
        let staged: Vec<&Measurement> = self.measurements.iter().filter(|m| !m.stages.is_empty()).collect();
        let stages: BTreeSet<&str> = staged.iter().flat_map(|m| m.stages.keys()).map(String::as_str).collect();
        let headings: Vec<String> = stages.iter().map(|stage| format!("{stage}>")).collect();
        let columns: Vec<&str> =
            ["measurement", "wall s>"].into_iter().chain(headings.iter().map(String::as_str)).collect();
        let rows = staged.iter().map(|m| {
            let of = |stage: &&str| m.stages.get(*stage).map_or_else(String::new, |seconds| format!("{seconds:.2}"));
            [m.name.clone(), format!("{:.2}", m.wall_seconds)].into_iter().chain(stages.iter().map(of)).collect()
        });
        if !staged.is_empty() {
            table::print(&columns, rows);
        }
    }
}
