//! First runs, nights and backfills over a history of realistic shape, beside two yardsticks on the same server: `COPY` of
//! the same rows from a file into a plain table, and `--engine sql`.
//!
//! The server is set up as paydirt's own, durability included. Each history is loaded once and copied, so that every first
//! run finds a fresh database.

use anyhow::{Context, bail};
use chrono::{Days, NaiveDate};
use tokio_postgres::Client;

use crate::args::RunOptions;
use crate::dataset;
use crate::feed;
use crate::figures;
use crate::paydirt::{Cutoffs, Paydirt};
use crate::presets::History;
use crate::reads;
use crate::report::{Measurement, Report};
use crate::server::{Original, Server};
use crate::yardstick::Yardstick;

/// The figures that targets are about.
pub(crate) mod figure {
    /// Times COPY of the same rows into a table without indexes.
    pub(crate) const FIRST_RUN_PER_COPY: &str = "first run / COPY of the same rows";
    /// Seconds.
    pub(crate) const NIGHT: &str = "night after the longest history";
    /// The longest history by the shortest.
    pub(crate) const NIGHT_GROWTH: &str = "night after the longest history / after the shortest";
    /// The same night by the native engine and by the other.
    pub(crate) const NIGHT_PER_SQL: &str = "night, native / sql";
    /// Gold with its indexes and dictionaries by a plain table with its index.
    pub(crate) const BYTES: &str = "bytes of gold and indexes / of a plain table and its index";
    /// MiB.
    pub(crate) const FIRST_RUN_MEMORY: &str = "peak memory of the first run";
    /// Seconds.
    pub(crate) const BACKFILL: &str = "backfill";
    /// MiB.
    pub(crate) const BACKFILL_MEMORY: &str = "peak memory of the backfill";
}

/// Parts of the bench, for `--only`.
const PARTS: [&str; 6] = ["first", "raw", "read", "sql", "nights", "backfill"];

/// Measures.
pub(crate) async fn run(
    preset: &History,
    options: &RunOptions,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<()> {
    if let Some(other) = options.only.iter().find(|only| !PARTS.contains(&only.as_str())) {
        bail!("history has no part {other}: it has {}", PARTS.join(", "));
    }
    let server = Server::start_like_own().await?;
    report.note_settings(&server.client).await?;
    if preset.is_backfilled || options.only.iter().any(|part| part == "backfill") {
        return backfilled(preset, &server, options, paydirt, report).await;
    }
    let mut originals = Vec::new();
    for (days, parameters) in &preset.histories {
        let folder = dataset::ready(&options.data, parameters, paydirt).await?;
        let database = server.create(Some(paydirt)).await?;
        feed::load_until(&database.client, &folder, preset.history_ends).await?;
        database.settle().await?;
        originals.push((*days, database.disconnect().context("a database of its own")?));
    }
    let mut histories = Vec::new();
    for (days, original) in &originals {
        // The shortest histories are only there for their nights.
        let longest = histories.is_empty();
        let times = if longest && (["first", "raw", "read"].iter().any(|part| options.wants(part))) {
            options.repeat
        } else {
            1
        };
        let (database, yardstick) = {
            let beside = (longest && (options.wants("raw") || options.wants("read"))).then_some(&server);
            let runs = FirstRuns { days: *days, times, cutoff: preset.history_ends };
            runs.measure(original, beside, paydirt, report).await?
        };
        if let Some(yardstick) = yardstick {
            yardstick.with_index(&database, options.repeat, report).await?;
            if options.wants("read") {
                reads::compare(&database, &yardstick.plain, options.repeat, report).await?;
            }
        }
        histories.push((*days, database));
    }
    drop(originals);
    for (_, database) in &histories {
        database.settle().await?;
    }
    let mut sql = None;
    if options.wants("sql") && options.sql_repeat > 0 {
        let (days, database) = histories.remove(0);
        let original = database.disconnect().context("a database of its own")?;
        sql = Some(sql_nights(&original, options.sql_repeat, preset, paydirt, report).await?);
        histories.insert(0, (days, original.copy().await?));
    }
    if options.wants("nights") {
        nights(&histories, preset, paydirt, report).await?;
        if let Some(sql) = sql {
            let (days, _) = &histories[0];
            let night = report.measurements.iter().find(|m| m.name == format!("{days} days, night 1"));
            let Some(night) = night else { bail!("the night that the other engine did as well is not there") };
            if night.rows != sql.rows {
                bail!("{} has {} rows and {} has {}", night.name, night.rows, sql.name, sql.rows);
            }
            let (value, times) = (
                figures::ratio_of(night.wall_seconds, sql.wall_seconds),
                figures::ratio_of(sql.wall_seconds, night.wall_seconds),
            );
            report.figure(figure::NIGHT_PER_SQL, value, format!("the other way round {times:.0}"));
        }
    }
    Ok(())
}

/// First runs after one history.
struct FirstRuns {
    days: u32,
    times: u32,
    cutoff: NaiveDate,
}

impl FirstRuns {
    /// Each in a copy of its own; gives the last copy. On a server, each is followed by COPY of the same rows, and the two are compared pair
    /// by pair: a machine that others use is not as fast now as it was a minute ago.
    async fn measure(
        self,
        original: &Original,
        beside: Option<&Server>,
        paydirt: &Paydirt,
        report: &mut Report,
    ) -> anyhow::Result<(Server, Option<Yardstick>)> {
        let Self { days, times, cutoff } = self;
        let mut last = None;
        let mut yardstick = None;
        let (mut runs, mut copies, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for time in 1..=times.max(1) {
            // The one before goes first: there need not be room for two.
            drop(last.take());
            let database = original.copy().await?;
            let run = paydirt.run(format!("{days} days, first run {time}"), &database, cutoff).await?;
            report.add(run.clone());
            if let Some(server) = beside {
                let yardstick = match &mut yardstick {
                    Some(yardstick) => yardstick,
                    none => none.insert(Yardstick::of(server, &database).await?),
                };
                let copied = yardstick.copy(format!("COPY without index {time}"), report).await?;
                copies.push(copied);
                ratios.push(figures::ratio_of(run.wall_seconds, copied));
            }
            runs.push(run);
            last = Some(database);
        }
        let database = last.context("no first run")?;
        if report.value("first run").is_none() {
            conclude_first_runs(&runs, &database, report).await?;
        }
        if yardstick.is_some() {
            report.figure("COPY of the same rows", figures::median(copies), "s");
            report.figure(figure::FIRST_RUN_PER_COPY, figures::median(ratios), "at most 1.0; median of the pairs");
        }
        Ok((database, yardstick))
    }
}

async fn conclude_first_runs(runs: &[Measurement], database: &Server, report: &mut Report) -> anyhow::Result<()> {
    let median = |value: fn(&Measurement) -> f64| figures::median(runs.iter().map(value));
    let rows = runs.last().map_or(0, |run| run.rows);
    let (wall, all) = (median(|run| run.wall_seconds), median(Measurement::all_seconds));
    let memory = median(|run| figures::mebibytes(run.peak_rss_bytes));
    let bytes = gold_bytes(&database.client).await?;
    report.figure("first run", wall, "s");
    report.figure("first run, processor time of paydirt and server", all, "s");
    report.figure("first run, throughput", figures::per_second(rows, wall), "rows/s");
    report.figure(figure::FIRST_RUN_MEMORY, memory, "MiB");
    report.figure("bytes of gold and indexes", figures::mebibytes(bytes), "MiB");
    Ok(())
}

/// What gold takes on disk.
pub(crate) async fn gold_bytes(client: &Client) -> anyhow::Result<u64> {
    let row = client.query_one(include_str!("../sql/gold_bytes.sql"), &[]).await?;
    Ok(u64::try_from(row.get::<_, i64>("bytes")).unwrap_or_default())
}

/// The first night, by `--engine sql`; gives the fastest.
async fn sql_nights(
    original: &Original,
    times: u32,
    preset: &History,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<Measurement> {
    let mut fastest: Option<Measurement> = None;
    for time in 1..=times {
        let database = original.copy().await?;
        let cutoff = preset.history_ends + Days::new(1);
        feed::advance(&database.client, cutoff).await?;
        database.checkpoint().await?;
        let night = paydirt.run_with(format!("sql, night 1, {time}"), &database, cutoff, &["--engine", "sql"]).await?;
        report.add(night.clone());
        fastest = Some(match fastest {
            Some(fastest) if fastest.wall_seconds <= night.wall_seconds => fastest,
            _ => night,
        });
    }
    fastest.context("no night by --engine sql")
}

/// Night by night, on each history in turn, so that other work on the machine hits all alike.
async fn nights(
    histories: &[(u32, Server)],
    preset: &History,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut measured: Vec<Vec<Measurement>> = vec![Vec::new(); histories.len()];
    for night in 1..=preset.nights {
        for ((days, database), measured) in histories.iter().zip(&mut measured) {
            let one = one_night(database, format!("{days} days, night {night}"), night, preset, paydirt).await?;
            report.add(one.clone());
            measured.push(one);
        }
    }
    let (Some((days, longest)), Some(of_longest), Some(of_shortest)) =
        (histories.first(), measured.first(), measured.last())
    else {
        bail!("there is no history")
    };
    // Otherwise more than history differs.
    for (a, b) in of_longest.iter().zip(of_shortest) {
        if a.rows != b.rows {
            bail!("{} has {} rows and {} has {}: the nights are not the same", a.name, a.rows, b.name, b.rows);
        }
    }
    let late = one_night(longest, format!("{days} days, late night"), preset.nights + 1, preset, paydirt).await?;
    report.add(late.clone());
    let median = |nights: &[Measurement], value: fn(&Measurement) -> f64| figures::median(nights.iter().map(value));
    report.figure(figure::NIGHT, median(of_longest, |night| night.wall_seconds), "s");
    let slowest = of_longest.iter().map(|night| night.wall_seconds).fold(0.0, f64::max);
    report.figure("the same, the slowest", slowest, "s");
    report.figure("the same, processor time of paydirt and server", median(of_longest, Measurement::all_seconds), "s");
    report.figure("night with a submission that is 80 days late", late.wall_seconds, "s");
    if histories.len() > 1 {
        let growth =
            |value: fn(&Measurement) -> f64| figures::ratio_of(median(of_longest, value), median(of_shortest, value));
        report.figure(figure::NIGHT_GROWTH, growth(|night| night.wall_seconds), "at most 1.2");
        report.figure("the same, processor time", growth(Measurement::all_seconds), "for comparison");
    }
    Ok(())
}

async fn one_night(
    database: &Server,
    name: String,
    night: u32,
    preset: &History,
    paydirt: &Paydirt,
) -> anyhow::Result<Measurement> {
    let cutoff = preset.history_ends + Days::new(u64::from(night));
    feed::advance(&database.client, cutoff).await?;
    database.checkpoint().await?;
    paydirt.run(name, database, cutoff).await
}

/// A history that is too long for one run: a night after another at once, then one more, and one more.
async fn backfilled(
    preset: &History,
    server: &Server,
    options: &RunOptions,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (days, parameters) = preset.histories.first().context("there is no history")?;
    let folder = dataset::ready(&options.data, parameters, paydirt).await?;
    let database = server.create(Some(paydirt)).await?;
    feed::load_until(&database.client, &folder, preset.history_ends).await?;
    database.settle().await?;
    let cutoffs = Cutoffs { from: parameters.first_day + Days::new(1), to: preset.history_ends, count: *days };
    let measured = paydirt.backfill(format!("{days} days, backfill"), &database, cutoffs).await?;
    let (rows, wall, memory) = (measured.rows, measured.wall_seconds, measured.peak_rss_bytes);
    report.add(measured);
    report.figure(figure::BACKFILL, wall, "s");
    report.figure("backfill, throughput", figures::per_second(rows, wall), "rows/s");
    report.figure(figure::BACKFILL_MEMORY, figures::mebibytes(memory), "MiB");
    report.figure("bytes of gold and indexes", figures::mebibytes(gold_bytes(&database.client).await?), "MiB");
    if options.wants("nights") {
        database.settle().await?;
        nights(&[(*days, database)], preset, paydirt, report).await?;
    }
    Ok(())
}
