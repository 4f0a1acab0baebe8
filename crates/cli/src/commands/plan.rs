//! `paydirt plan`.

use crate::args::{Global, PlanOptions};
use crate::output;
use crate::session::{client, schemas};

pub(crate) async fn execute(global: &Global, options: &PlanOptions) -> anyhow::Result<u8> {
    let mut client = client(global).await?;
    let report =
        pipeline::plan_run(&mut client, &schemas(global), options.which.chain, options.mode, options.which.cutoff)
            .await?;
    if options.json {
        output::json(&report)?;
    } else {
        output::line(report.to_string().trim_end())?;
    }
    Ok(crate::exit::DONE)
}
