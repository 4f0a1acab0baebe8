//! A dataset on its way into the indexer's tables: block by block, as an indexer would write it.

use std::path::Path;

use anyhow::Context;
use bytes::Bytes;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use futures_util::{SinkExt, pin_mut};
use tokio::io::AsyncReadExt;
use tokio_postgres::Client;

/// Bytes read from a file at a time.
const CHUNK: usize = 256 * 1024;

/// How long after midnight a nightly run begins: so far the indexer has come.
const AFTER_MIDNIGHT: TimeDelta = TimeDelta::minutes(20);

/// Loads the files of a dataset; nothing is in the indexer's tables yet.
pub(crate) async fn load(client: &Client, dataset: &Path) -> anyhow::Result<()> {
    client.batch_execute(include_str!("../sql/create_feed.sql")).await?;
    client.batch_execute(include_str!("../sql/create_advance.sql")).await?;
    let entries = std::fs::read_dir(dataset).with_context(|| format!("reading {}", dataset.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let table = path.file_stem().and_then(|stem| stem.to_str()).context("a file name that is not text")?;
            read_csv(client, table, &path).await.with_context(|| format!("loading {}", path.display()))?;
        }
    }
    client.batch_execute("ANALYZE").await?;
    Ok(())
}

async fn read_csv(client: &Client, table: &str, path: &Path) -> anyhow::Result<()> {
    let sink = client.copy_in::<_, Bytes>(&format!("COPY feed.{table} FROM STDIN (FORMAT csv, HEADER)")).await?;
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
    Ok(())
}

/// Adds the rows that an indexer has when the run for a cutoff begins.
pub(crate) async fn advance(client: &Client, cutoff: NaiveDate) -> anyhow::Result<()> {
    let now = cutoff.and_time(NaiveTime::MIN) + AFTER_MIDNIGHT;
    client.query_one("SELECT feed.advance($1)", &[&now]).await.context("adding the rows of new blocks")?;
    Ok(())
}
