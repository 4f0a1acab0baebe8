//! Datasets: an indexer's tables as CSV files, drawn by the statements of `sql/dataset` and kept until those change.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::NaiveDate;
use futures_util::{StreamExt, pin_mut};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio_postgres::Client;

use crate::paydirt::Paydirt;
use crate::server::Server;

macro_rules! steps {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../sql/dataset/", $name, ".sql")))),*]
    };
}

/// The statements, in order; the first makes `draft.params`, which the others read.
const STEPS: [(&str, &str); 8] = steps![
    "01_tools",
    "02_actors",
    "03_calendar",
    "04_blocks",
    "05_shares",
    "06_registrations",
    "07_restaked",
    "08_submissions",
];

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
        write_csv(&server.client, &table, &folder.join(format!("{table}.csv"))).await?;
    }
    // Last: a folder without it is made anew.
    std::fs::write(folder.join(LABEL), label)?;
    Ok(folder)
}

/// A dataset is what its parameters and the statements say.
fn label(parameters: &Parameters) -> String {
    let mut hash = Sha256::new();
    for (_, statements) in STEPS {
        hash.update(statements);
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{parameters:#?}\nstatements: sha256 {digest}\n")
}

async fn draw(client: &Client, parameters: &Parameters) -> anyhow::Result<()> {
    for (index, (name, statements)) in STEPS.into_iter().enumerate() {
        client.batch_execute(statements).await.with_context(|| format!("dataset step {name}"))?;
        if index == 0 {
            let Parameters { name: _, calendar_start, first_day, last_day, stakers, operators, avss, strategies } =
                parameters;
            client
                .execute(
                    include_str!("../sql/dataset_params.sql"),
                    &[calendar_start, first_day, last_day, stakers, operators, avss, strategies],
                )
                .await?;
        }
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

async fn write_csv(client: &Client, table: &str, path: &Path) -> anyhow::Result<()> {
    let order = if table == "blocks" { "number" } else { "block_number" };
    let copy = format!("COPY (SELECT * FROM {table} ORDER BY {order}) TO STDOUT (FORMAT csv, HEADER)");
    let stream = client.copy_out(&copy).await?;
    pin_mut!(stream);
    let file = tokio::fs::File::create(path).await.with_context(|| format!("creating {}", path.display()))?;
    let mut file = tokio::io::BufWriter::new(file);
    while let Some(bytes) = stream.next().await {
        file.write_all(&bytes?).await?;
    }
    file.flush().await?;
    Ok(())
}
