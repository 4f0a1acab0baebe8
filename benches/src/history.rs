//! First runs and nights over a history of realistic shape.

use chrono::Days;

use crate::args::RunOptions;
use crate::dataset;
use crate::feed;
use crate::paydirt::Paydirt;
use crate::presets::History;
use crate::report::Report;
use crate::server::Server;

/// Measures.
pub(crate) async fn run(
    preset: &History,
    options: &RunOptions,
    paydirt: &Paydirt,
    report: &mut Report,
) -> anyhow::Result<()> {
    for (days, parameters) in &preset.histories {
        let folder = dataset::ready(&options.data, parameters, paydirt).await?;
        let server = Server::start(&[], paydirt).await?;
        feed::load_until(&server.client, &folder, preset.history_ends).await?;
        server.settle().await?;
        report.add(paydirt.run(format!("{days} days, first run"), &server, preset.history_ends)?);
        server.settle().await?;
        for night in 1..=preset.nights {
            let cutoff = preset.history_ends + Days::new(u64::from(night));
            feed::advance(&server.client, cutoff).await?;
            server.checkpoint().await?;
            report.add(paydirt.run(format!("{days} days, night {night}"), &server, cutoff)?);
        }
    }
    Ok(())
}
