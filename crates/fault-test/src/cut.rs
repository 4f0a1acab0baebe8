//! A connection is cut after a random number of bytes.

use anyhow::{Context, bail};
use test_support::{Cut, Direction, Proxy};

use crate::chance::Chance;
use crate::laboratory::{Laboratory, Size, run_of};
use crate::scenario::Options;

/// Less than a session's first words.
const FEWEST_BYTES: u64 = 100;

/// A first connection that is cut: unreachable, the user wants to know.
const UNREACHABLE: i32 = 4;

/// More than a connection needs to be made. After that the run goes on by itself.
const FIRST_WORDS: u64 = 4096;

pub(crate) fn run(options: &Options) -> anyhow::Result<String> {
    let laboratory = Laboratory::start(&options.paydirt, Size::Usual)?;
    let stages = laboratory.reference(&laboratory.cutoffs)?;
    let proxy = Proxy::start(&laboratory.server);

    // The whole traffic of each run.
    let database = laboratory.fresh();
    let mut traffic = Vec::new();
    for stage in &stages {
        let _ = proxy.disarm();
        laboratory.program.done(&proxy.url(&database), &run_of(&stage.cutoff))?;
        traffic.push(proxy.traffic());
    }
    drop(database);

    let mut chance = Chance::new(options.seed);
    let (mut cuts, mut missed, mut by_itself, mut sequences) = (0, 0, 0_u32, 0);
    let mut latest_unreachable = 0;
    while cuts < options.times {
        sequences += 1;
        if sequences > options.times + 10 {
            bail!("{cuts} of {} cuts have hit in {sequences} sequences of runs", options.times);
        }
        let database = laboratory.fresh();
        let url = proxy.url(&database);
        for (stage, traffic) in stages.iter().zip(&traffic) {
            let cut = if chance.between(0, 1) == 0 {
                Cut { direction: Direction::ToServer, after: chance.size(FEWEST_BYTES, traffic.to_server) }
            } else {
                Cut { direction: Direction::ToClient, after: chance.size(FEWEST_BYTES, traffic.to_client) }
            };
            let place = || format!("cutoff {}, {cut:?} of {traffic:?}", stage.cutoff);
            proxy.arm(cut);
            let outcome = laboratory.program.run(&url, &run_of(&stage.cutoff)).with_context(place)?;
            let hit = !proxy.disarm();
            cuts += u32::from(hit);
            missed += u32::from(!hit);
            match outcome.code() {
                Some(0) => by_itself += u32::from(hit),
                Some(UNREACHABLE) if hit && cut.after < FIRST_WORDS => {
                    latest_unreachable = latest_unreachable.max(cut.after);
                    laboratory.repeat(&url, &run_of(&stage.cutoff), &[]).with_context(place)?;
                }
                _ => bail!("{}: {outcome}", place()),
            }
            laboratory.verify(&database, &stage.state).with_context(place)?;
            if cuts == options.times {
                break;
            }
        }
    }
    Ok(format!(
        "{cuts} cuts, {by_itself} runs went on by themselves, the others were cut within {latest_unreachable} bytes \
         and repeated ({missed} runs ended before their cut)"
    ))
}
