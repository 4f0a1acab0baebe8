//! How much memory the first run over a history takes, by the rows it writes.
//!
//! Every size gets a server of its own, which is gone before the next: at ten million rows it takes a few GB of disk.

use crate::args::RunOptions;
use crate::dataset;
use crate::feed;
use crate::figures;
use crate::paydirt::Paydirt;
use crate::presets::RssSize;
use crate::report::Report;
use crate::server::Server;

/// Measures.
pub(crate) async fn run(
    sizes: &[RssSize],
    options: &RunOptions,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<()> {
    for size in sizes.iter().filter(|size| options.wants(size.name)) {
        let folder = dataset::ready(&options.data, &size.parameters, paydirt).await?;
        let server = Server::start(&[], paydirt).await?;
        feed::load(&server.client, &folder).await?;
        feed::advance(&server.client, size.cutoff).await?;
        server.settle().await?;
        let measured = paydirt.run(format!("{} rows", size.name), &server, size.cutoff).await?;
        let (rows, seconds, bytes) = (measured.rows, measured.wall_seconds, measured.peak_rss_bytes);
        report.add(measured);
        report.figure(format!("{}: peak memory", size.name), figures::mebibytes(bytes), "MiB");
        report.figure(format!("{}: throughput", size.name), figures::per_second(rows, seconds), "rows/s");
    }
    Ok(())
}
