//! `paydirt run` is killed at random instants of nightly runs.

use anyhow::{Context, bail};

use crate::chance::Chance;
use crate::laboratory::{Laboratory, Size, run_of};
use crate::scenario::Options;

/// How often the same command may be killed before it is left to finish.
const KILLS_IN_A_ROW: u64 = 4;

pub(crate) fn run(options: &Options) -> anyhow::Result<String> {
    let laboratory = Laboratory::start(&options.paydirt, Size::Usual)?;
    let stages = laboratory.reference(&laboratory.cutoffs)?;
    let mut chance = Chance::new(options.seed);
    let (mut kills, mut missed, mut commands, mut refused, mut sequences) = (0, 0, 0_u32, 0, 0);
    while kills < options.times {
        sequences += 1;
        if sequences > options.times + 10 {
            bail!("{kills} of {} kills have hit in {sequences} sequences of runs", options.times);
        }
        let database = laboratory.fresh();
        let url = database.url();
        for stage in &stages {
            commands += 1;
            let mut instants = Vec::new();
            for _ in 0..chance.between(1, KILLS_IN_A_ROW) {
                if kills == options.times {
                    break;
                }
                let running = laboratory.program.start(&url, &run_of(&stage.cutoff))?;
                let instant = chance.instant(stage.took);
                instants.push(instant);
                std::thread::sleep(instant);
                if running.kill()?.was_killed() {
                    kills += 1;
                } else {
                    missed += 1;
                    break;
                }
            }
            let place = || format!("cutoff {} killed at {instants:?} (kill {kills})", stage.cutoff);
            refused += laboratory.repeat(&url, &run_of(&stage.cutoff), &[]).with_context(place)?.refused;
            laboratory.verify(&database, &stage.state).with_context(place)?;
            if kills == options.times {
                break;
            }
        }
    }
    Ok(format!("{kills} kills during {commands} runs ({missed} came too late, {refused} repetitions met a lock)"))
}
