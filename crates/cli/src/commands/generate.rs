//! `paydirt generate`.

use anyhow::{Context, bail};
use dataset_generator::{Params, generate};

use crate::args::GenerateOptions;
use crate::output;

pub(crate) fn execute(options: &GenerateOptions) -> anyhow::Result<u8> {
    let dir = &options.dir;
    let occupied = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        bail!("{} is not empty; name a new folder", dir.display());
    }
    let mut params = if options.demo { Params::demo(options.seed) } else { Params::draw(options.seed) };
    if let Some(chain) = options.chain {
        chain.name().clone_into(&mut params.chain);
    }
    if let Some(stakers) = options.stakers {
        params.stakers = stakers;
    }
    let dataset = generate(&params);
    dataset.write(dir).with_context(|| format!("writing {}", dir.display()))?;
    output::line(dataset.summary().trim_end())?;
    Ok(crate::exit::DONE)
}
