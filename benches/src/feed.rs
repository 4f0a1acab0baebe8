//! A dataset on its way into the indexer's tables: block by block, as an indexer would write it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bytes::Bytes;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use futures_util::{SinkExt, pin_mut};
use tokio::io::AsyncReadExt;
use tokio_postgres::Client;

/// Bytes read from a file at a time.
const CHUNK: usize = 256 * 1024;

/// How long after midnight a nightly run begins: so far the indexer has come.
const AFTER_MIDNIGHT: TimeDelta = TimeDelta::minutes(20);

/// Loads the files of a dataset; nothing is in the indexer's tables yet.
pub(crate) async fn load(client: &Client, dataset: &Path) -> anyhow::Result<()> {
    prepare(client).await?;
    for (table, path) in files(dataset)? {
        read_csv(client, &format!("feed.{table}"), "", &path).await?;
    }
    client.batch_execute("ANALYZE").await?;
    Ok(())
}

/// Loads the files of a dataset: what an indexer has when the run for a cutoff begins into its tables, the rest waits. For
/// large datasets: no row is there twice.
pub(crate) async fn load_until(client: &Client, dataset: &Path, cutoff: NaiveDate) -> anyhow::Result<()> {
    prepare(client).await?;
    let mut files = files(dataset)?;
    let blocks = files.remove("blocks").context("the dataset has no blocks")?;
    let now = now(cutoff);
    read_csv(client, "public.blocks", &format!("WHERE block_time < '{now}'"), &blocks).await?;
    read_csv(client, "feed.blocks", &format!("WHERE block_time >= '{now}'"), &blocks).await?;
    let newest: i64 = client.query_one("SELECT max(number) FROM public.blocks", &[]).await?.get(0);
    for (table, path) in files {
        if table == "excluded_addresses" {
            read_csv(client, "public.excluded_addresses", "", &path).await?;
        } else {
            read_csv(client, &format!("public.{table}"), &format!("WHERE block_number <= {newest}"), &path).await?;
            read_csv(client, &format!("feed.{table}"), &format!("WHERE block_number > {newest}"), &path).await?;
        }
    }
    client.batch_execute("ANALYZE").await?;
    Ok(())
}

async fn prepare(client: &Client) -> anyhow::Result<()> {
    client.batch_execute(include_str!("../sql/create_feed.sql")).await?;
    client.batch_execute(include_str!("../sql/create_advance.sql")).await?;
    Ok(())
}

/// The files of a dataset, by table.
fn files(dataset: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let entries = std::fs::read_dir(dataset).with_context(|| format!("reading {}", dataset.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let table = path.file_stem().and_then(|stem| stem.to_str()).context("a file name that is not text")?;
            files.insert(table.to_owned(), path);
        }
    }
    Ok(files)
}

async fn read_csv(client: &Client, table: &str, condition: &str, path: &Path) -> anyhow::Result<()> {
    let copy = async || {
        let statement = format!("COPY {table} FROM STDIN (FORMAT csv, HEADER) {condition}");
        let sink = client.copy_in::<_, Bytes>(&statement).await?;
        pin_mut!(sink);
        let mut file = tokio::fs::File::open(path).await?;
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            if (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await? == 0 {
                break;
            }
            sink.send(chunk.into()).await?;
        }
        sink.finish().await?;
        anyhow::Ok(())
    };
    copy().await.with_context(|| format!("loading {}", path.display()))
}

/// How far the indexer has come when the run for a cutoff begins.
fn now(cutoff: NaiveDate) -> NaiveDateTime {
    cutoff.and_time(NaiveTime::MIN) + AFTER_MIDNIGHT
}

/// Adds the rows that an indexer has when the run for a cutoff begins.
pub(crate) async fn advance(client: &Client, cutoff: NaiveDate) -> anyhow::Result<()> {
    client.query_one("SELECT feed.advance($1)", &[&now(cutoff)]).await.context("adding the rows of new blocks")?;
    Ok(())
}
