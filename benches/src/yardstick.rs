//! The yardstick: how long PostgreSQL takes for `COPY FROM` a file with the rows of a run, into the gold table of the spec as
//! it stands, without an index and with one.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use chrono::NaiveDate;

use crate::figures;
use crate::history::{figure, gold_bytes};
use crate::paydirt::SESSION_ENDS;
use crate::report::{Measurement, Report};
use crate::server::Server;

/// The rows of a run in a file, and the table to copy them into.
#[derive(Debug)]
pub(crate) struct Yardstick {
    /// The database with the table.
    pub(crate) plain: Server,
    file: PathBuf,
    rows: u64,
}

impl Yardstick {
    /// With the rows of a database; the file goes with the server. It is on the disk and has been copied once before anything is measured.
    pub(crate) async fn of(server: &Server, gold: &Server) -> anyhow::Result<Self> {
        let file = server.folder().join("gold.copy");
        let rows = gold
            .client
            .execute(
                &format!("COPY ({}) TO {} (FORMAT binary)", include_str!("../sql/yardstick/rows.sql"), quoted(&file)?),
                &[],
            )
            .await
            .context("writing the rows of the run to a file")?;
        let days = gold.client.query_one(include_str!("../sql/yardstick/days.sql"), &[]).await?;
        let plain = server.create(None).await?;
        plain.client.batch_execute(include_str!("../sql/yardstick/create.sql")).await?;
        let (first, last): (NaiveDate, NaiveDate) = (days.get("first"), days.get("last"));
        plain.client.execute("SELECT make_partitions($1, $2)", &[&first, &last]).await?;
        std::fs::File::open(&file)
            .and_then(|file| file.sync_all())
            .with_context(|| format!("writing {} to the disk", file.display()))?;
        let copied =
            plain.client.execute(&format!("COPY gold_table FROM {} (FORMAT binary)", quoted(&file)?), &[]).await?;
        if copied != rows {
            bail!("{copied} rows were copied of {rows}");
        }
        Ok(Self { plain, file, rows })
    }

    /// Fills the empty table; gives the seconds.
    pub(crate) async fn copy(&self, name: String, report: &mut Report) -> anyhow::Result<f64> {
        let Self { plain, file, rows } = self;
        plain.client.batch_execute("TRUNCATE gold_table").await?;
        plain.checkpoint().await?;
        let before = plain.counters().await?;
        let started = Instant::now();
        // A session of its own, as a run has: connecting is part of it, and its processor time counts when it has ended.
        let client = plain.connect().await?;
        let copied = client.execute(&format!("COPY gold_table FROM {} (FORMAT binary)", quoted(file)?), &[]).await?;
        let wall = started.elapsed();
        drop(client);
        tokio::time::sleep(SESSION_ENDS).await;
        if copied != *rows {
            bail!("{copied} rows were copied of {rows}");
        }
        let measured = Measurement { name, wall_seconds: wall.as_secs_f64(), rows: *rows, ..Measurement::default() };
        let measured = measured.with(before, plain.counters().await?);
        let seconds = measured.wall_seconds;
        report.add(measured);
        Ok(seconds)
    }

    /// The same with the index of the spec, several times, and what the table takes on disk then.
    pub(crate) async fn with_index(&self, gold: &Server, times: u32, report: &mut Report) -> anyhow::Result<()> {
        let first_run = report.value("first run").context("there was no first run")?;
        self.plain.client.batch_execute("TRUNCATE gold_table").await?;
        self.plain.client.batch_execute(include_str!("../sql/yardstick/index.sql")).await?;
        let mut seconds = Vec::new();
        for time in 1..=times.max(1) {
            seconds.push(self.copy(format!("COPY with index {time}"), report).await?);
        }
        let with = figures::median(seconds);
        report.figure("COPY of the same rows into the table with its index", with, "s");
        report.figure("first run / that", figures::ratio_of(first_run, with), "for comparison");
        let bytes = self.plain.client.query_one(include_str!("../sql/yardstick/bytes.sql"), &[]).await?;
        let bytes = u64::try_from(bytes.get::<_, i64>("bytes")).unwrap_or_default();
        let ratio = figures::ratio(gold_bytes(&gold.client).await?, bytes);
        report.figure("bytes of a plain table and its index", figures::mebibytes(bytes), "MiB");
        report.figure(figure::BYTES, ratio, "at most 0.4");
        Ok(())
    }
}

/// A path as a literal.
fn quoted(path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().context("a path that is not text")?;
    Ok(format!("'{}'", text.replace('\'', "''")))
}
