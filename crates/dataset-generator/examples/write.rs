//! Writes a dataset: `cargo run -p dataset-generator --example write -- SEED DIR [demo]`.

use anyhow::{Context, bail};
use dataset_generator::{Params, generate};
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (seed, dir, demo) = match arguments.as_slice() {
        [seed, dir] => (seed, dir, false),
        [seed, dir, preset] if preset == "demo" => (seed, dir, true),
        _ => bail!("usage: write SEED DIR [demo]"),
    };
    let seed = seed.parse().with_context(|| format!("seed {seed:?}"))?;
    let dataset = generate(&if demo { Params::demo(seed) } else { Params::draw(seed) });
    dataset.write(Path::new(dir)).with_context(|| format!("write to {dir}"))?;
    print!("{}", dataset.summary());
    Ok(())
}
