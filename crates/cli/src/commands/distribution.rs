//! `paydirt distribution`.

use std::io::{BufWriter, Write};
use std::path::Path;

use pipeline::{CumulativeAmount, cumulative_amounts};
use reward_rules::Day;
use serde::Serialize;

use crate::args::{DistributionOptions, Global};
use crate::output;
use crate::partial::Partial;
use crate::session::{client, schemas};

/// A line of the file: fields as the reference's service has them.
#[derive(Serialize)]
struct Line {
    earner: String,
    token: String,
    cumulative_amount: String,
    snapshot: String,
}

impl From<CumulativeAmount> for Line {
    fn from(amount: CumulativeAmount) -> Self {
        Self {
            earner: format!("{:#x}", amount.pair.earner),
            token: format!("{:#x}", amount.pair.token),
            cumulative_amount: amount.pair.cumulative.to_string(),
            snapshot: amount.snapshot.to_string(),
        }
    }
}

pub(crate) async fn execute(global: &Global, options: &DistributionOptions) -> anyhow::Result<u8> {
    if options.out == Path::new("-") {
        let mut out = BufWriter::new(std::io::stdout().lock());
        let written = write(global, options, &mut out).await?;
        out.flush()?;
        written.require_any()?;
        return Ok(crate::exit::DONE);
    }
    let mut file = Partial::create(&options.out)?;
    let written = write(global, options, &mut file.writer).await.and_then(Written::require_any)?;
    file.complete()?;
    let pairs = output::counted(written.pairs, "pair");
    output::line(&format!("{}: {pairs} up to snapshot {}", options.out.display(), written.snapshot))?;
    Ok(crate::exit::DONE)
}

/// What was written.
struct Written {
    snapshot: Day,
    pairs: u64,
}

impl Written {
    /// A distribution of nothing is as little of use as its root.
    fn require_any(self) -> anyhow::Result<Self> {
        let Self { snapshot, pairs } = self;
        if pairs == 0 {
            return Err(pipeline::RootError::NoAmounts { snapshot }.into());
        }
        Ok(self)
    }
}

async fn write(global: &Global, options: &DistributionOptions, out: &mut impl Write) -> anyhow::Result<Written> {
    let mut pairs = 0;
    let mut client = client(global).await?;
    let (schemas, budget) = (schemas(global), options.memory.budget());
    let snapshot = cumulative_amounts(&mut client, &schemas, options.snapshot, &budget, |_, amount| {
        serde_json::to_writer(&mut *out, &Line::from(amount)).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        pairs += 1;
        anyhow::Ok(())
    })
    .await?;
    Ok(Written { snapshot, pairs })
}
