//! The server is stopped at once (`pg_ctl stop -m immediate`) in the middle of runs, and started again.

use anyhow::{Context, bail};

use crate::chance::Chance;
use crate::laboratory::{Laboratory, Size, run_of};
use crate::scenario::Options;

/// A run that did not go on by itself: failed, or the server unreachable.
const MAY_FAIL: [i32; 2] = [1, 4];

pub(crate) fn run(options: &Options) -> anyhow::Result<String> {
    let laboratory = Laboratory::start(&options.paydirt, Size::Usual)?;
    let stages = laboratory.reference(&laboratory.cutoffs)?;
    let mut chance = Chance::new(options.seed);
    let (mut crashes, mut missed, mut by_itself, mut sequences) = (0, 0, 0_u32, 0);
    while crashes < options.times {
        sequences += 1;
        if sequences > options.times + 10 {
            bail!("{crashes} of {} crashes have hit in {sequences} sequences of runs", options.times);
        }
        let database = laboratory.fresh();
        let url = database.url();
        for stage in &stages {
            let mut running = laboratory.program.start(&url, &run_of(&stage.cutoff))?;
            let instant = chance.instant(stage.took);
            std::thread::sleep(instant);
            let hit = running.is_alive()?;
            if hit {
                laboratory.server.crash();
                laboratory.server.start_again();
                crashes += 1;
            } else {
                missed += 1;
            }
            let place = || format!("cutoff {}, server stopped after {instant:?} (crash {crashes})", stage.cutoff);
            let outcome = running.finish()?;
            match outcome.code() {
                Some(0) => by_itself += u32::from(hit),
                Some(code) if MAY_FAIL.contains(&code) => {
                    laboratory.repeat(&url, &run_of(&stage.cutoff), &[]).with_context(place)?;
                }
                _ => bail!("{}: {outcome}", place()),
            }
            laboratory.verify(&database, &stage.state).with_context(place)?;
            if crashes == options.times {
                break;
            }
        }
    }
    Ok(format!("{crashes} crashes of the server, {by_itself} runs went on by themselves ({missed} came too late)"))
}
