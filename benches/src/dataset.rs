//! Datasets: an indexer's tables as CSV files, drawn by the statements of `sql/dataset` and kept until those change.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{Days, NaiveDate};
use futures_util::{StreamExt, pin_mut};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio_postgres::Client;

use crate::paydirt::Paydirt;
use crate::server::Server;

macro_rules! steps {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../sql/", $name, ".sql")))),*]
    };
}

/// Statements in order, by name.
type Steps = &'static [(&'static str, &'static str)];

/// Makes `draft.params`, which the others read.
const TOOLS: Steps = steps!["dataset/01_tools"];

/// The story of `nightly` and `rss`.
const STEADY: Steps = steps![
    "dataset/02_actors",
    "dataset/03_calendar",
    "dataset/04_blocks",
    "dataset/05_shares",
    "dataset/06_registrations",
    "dataset/07_restaked",
    "dataset/08_submissions",
    "dataset/09_submission_tables",
];

/// Makes `draft.shape`, which the statements of the stories of `history` read.
const SHAPE: Steps = steps!["history/02_shape"];

/// The stories of `history`.
const HISTORY: Steps = steps![
    "history/03_actors",
    "history/04_calendar",
    "dataset/05_shares",
    "history/06_streams",
    "history/07_registrations",
    "history/08_submissions",
    "dataset/09_submission_tables",
];

/// The tables of `history` that are written day range by day range, by functions of `history/06_streams`.
const STREAMED: [&str; 2] = ["blocks", "operator_restaked_strategies"];

/// Days of a streamed table that are drawn at a time.
const DAYS_AT_A_TIME: u64 = 30;

/// The file beside the tables that says what they were made from.
const LABEL: &str = "dataset.txt";

/// What a dataset is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// The name of its folder.
    pub(crate) name: String,
    /// Where the story begins.
    pub(crate) calendar_start: NaiveDate,
    /// The first day in the tables; what was before is summed up in its first blocks.
    pub(crate) first_day: NaiveDate,
    /// The last day in the tables.
    pub(crate) last_day: NaiveDate,
    /// How many stakers.
    pub(crate) stakers: i32,
    /// How many operators.
    pub(crate) operators: i32,
    /// How many AVSs.
    pub(crate) avss: i32,
    /// How many strategies.
    pub(crate) strategies: i32,
    /// What happens.
    pub(crate) story: Story,
}

/// What happens in a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    /// Everybody and every day alike: what `nightly` and `rss` compare is the length of the story.
    Steady,
    /// Few have most, most do nothing, some things happen once a week or once.
    History(Shape),
}

/// Numbers of streams of submissions, and what is special about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// v1 pools of AVSs.
    pub(crate) avs: i32,
    /// Programmes.
    pub(crate) all_earners: i32,
    /// Pools for all stakers.
    pub(crate) all_stakers: i32,
    /// Operator-directed, of AVSs.
    pub(crate) od: i32,
    /// Operator-directed, of operator sets.
    pub(crate) od_set: i32,
    /// Pools by allocated stake.
    pub(crate) unique_stake: i32,
    /// Pools by total stake.
    pub(crate) total_stake: i32,
    /// Programmes are submitted week by week, afterwards; otherwise ahead, for four weeks.
    pub(crate) retroactive_programmes: bool,
    /// On this day a programme's week is submitted that ended `late_days` before.
    pub(crate) late_day: NaiveDate,
    /// How late.
    pub(crate) late_days: i32,
}

impl Story {
    fn steps(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let steps: &[Steps] = match self {
            Self::Steady => &[TOOLS, STEADY],
            Self::History(_) => &[TOOLS, SHAPE, HISTORY],
        };
        steps.iter().copied().flatten()
    }
}

/// The folder of a dataset; it is made if it is not there, or was made by other statements.
pub(crate) async fn ready(data: &Path, parameters: &Parameters, paydirt: &Paydirt) -> anyhow::Result<PathBuf> {
    let folder = data.join(&parameters.name);
    let label = label(parameters);
    if std::fs::read_to_string(folder.join(LABEL)).is_ok_and(|found| found == label) {
        return Ok(folder);
    }
    eprintln!("making dataset {}", parameters.name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("removing the old {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let server = Server::start(&[], paydirt).await?;
    draw(&server.client, parameters).await?;
    for table in tables(&server.client).await? {
        let order = match table.as_str() {
            "blocks" => "number",
            "excluded_addresses" => "address",
            _ => "block_number",
        };
        let rows = format!("SELECT * FROM {table} ORDER BY {order}");
        let mut file = csv(&folder, &table).await?;
        append_csv(&server.client, &rows, true, &mut file).await?;
    }
    if matches!(parameters.story, Story::History(_)) {
        for table in STREAMED {
            stream_csv(&server.client, table, parameters, csv(&folder, table).await?).await?;
        }
    }
    // Last: a folder without it is made anew.
    std::fs::write(folder.join(LABEL), label)?;
    Ok(folder)
}

/// A dataset is what its parameters and the statements say.
fn label(parameters: &Parameters) -> String {
    let mut hash = Sha256::new();
    for (_, statements) in parameters.story.steps() {
        hash.update(statements);
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{parameters:#?}\nstatements: sha256 {digest}\n")
}

async fn draw(client: &Client, parameters: &Parameters) -> anyhow::Result<()> {
    let Parameters { name: _, calendar_start, first_day, last_day, stakers, operators, avss, strategies, story } =
        parameters;
    run_steps(client, TOOLS).await?;
    client
        .execute(
            include_str!("../sql/dataset_params.sql"),
            &[calendar_start, first_day, last_day, stakers, operators, avss, strategies],
        )
        .await?;
    match story {
        Story::Steady => run_steps(client, STEADY).await,
        Story::History(Shape {
            avs,
            all_earners,
            all_stakers,
            od,
            od_set,
            unique_stake,
            total_stake,
            retroactive_programmes,
            late_day,
            late_days,
        }) => {
            run_steps(client, SHAPE).await?;
            client
                .execute(
                    include_str!("../sql/history_shape.sql"),
                    &[
                        avs,
                        all_earners,
                        all_stakers,
                        od,
                        od_set,
                        unique_stake,
                        total_stake,
                        retroactive_programmes,
                        late_day,
                        late_days,
                    ],
                )
                .await?;
            run_steps(client, HISTORY).await
        }
    }
}

async fn run_steps(client: &Client, steps: Steps) -> anyhow::Result<()> {
    for (name, statements) in steps {
        client.batch_execute(statements).await.with_context(|| format!("dataset step {name}"))?;
    }
    Ok(())
}

/// The indexer's tables that have rows.
async fn tables(client: &Client) -> anyhow::Result<Vec<String>> {
    let mut tables = Vec::new();
    for row in client.query(include_str!("../sql/tables.sql"), &[]).await? {
        let table: String = row.get("name");
        if client.query_opt(&format!("SELECT FROM {table} LIMIT 1"), &[]).await?.is_some() {
            tables.push(table);
        }
    }
    Ok(tables)
}

type File = tokio::io::BufWriter<tokio::fs::File>;

async fn csv(folder: &Path, table: &str) -> anyhow::Result<File> {
    let path = folder.join(format!("{table}.csv"));
    let file = tokio::fs::File::create(&path).await.with_context(|| format!("creating {}", path.display()))?;
    Ok(tokio::io::BufWriter::new(file))
}

/// A table that is drawn while it is written.
async fn stream_csv(client: &Client, table: &str, parameters: &Parameters, mut file: File) -> anyhow::Result<()> {
    let mut first = parameters.first_day;
    while first <= parameters.last_day {
        let last = (first + Days::new(DAYS_AT_A_TIME - 1)).min(parameters.last_day);
        let rows = format!("SELECT * FROM draft.stream_{table}('{first}', '{last}')");
        append_csv(client, &rows, first == parameters.first_day, &mut file).await?;
        first = last + Days::new(1);
    }
    Ok(())
}

/// Appends the rows of a query to a file.
async fn append_csv(client: &Client, rows: &str, with_header: bool, file: &mut File) -> anyhow::Result<()> {
    let header = if with_header { ", HEADER" } else { "" };
    let stream = client.copy_out(&format!("COPY ({rows}) TO STDOUT (FORMAT csv{header})")).await?;
    pin_mut!(stream);
    while let Some(bytes) = stream.next().await {
        file.write_all(&bytes?).await?;
    }
    file.flush().await?;
    Ok(())
}
