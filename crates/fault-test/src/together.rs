//! Two runs of the same cutoff at once.

use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::chance::Chance;
use crate::laboratory::{Laboratory, Size, run_of};
use crate::program::{BUSY, Outcome};
use crate::scenario::Options;

const LONGEST_OFFSET: Duration = Duration::from_millis(200);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Wrote,
    FoundItComplete,
    Refused,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<String> {
    let laboratory = Laboratory::start(&options.paydirt, Size::Usual)?;
    let stages = laboratory.reference(&laboratory.cutoffs)?;
    let mut chance = Chance::new(options.seed);
    let (mut times, mut refused, mut late) = (0, 0_u32, 0_u32);
    while times < options.times {
        let database = laboratory.fresh();
        let url = database.url();
        for stage in stages.iter().take(usize::try_from(options.times - times)?) {
            times += 1;
            let offset = chance.instant(LONGEST_OFFSET);
            let place = || format!("cutoff {}, the second run {offset:?} later", stage.cutoff);
            let first = laboratory.program.start(&url, &run_of(&stage.cutoff))?;
            std::thread::sleep(offset);
            let second = laboratory.program.start(&url, &run_of(&stage.cutoff))?;
            let pids = [first.pid(), second.pid()];
            let (first, second) = (first.finish()?, second.finish()?);
            let parts = [part(&first, pids[1]).with_context(place)?, part(&second, pids[0]).with_context(place)?];
            match parts {
                [Part::Wrote, Part::Refused] | [Part::Refused, Part::Wrote] => refused += 1,
                [Part::Wrote, Part::FoundItComplete] | [Part::FoundItComplete, Part::Wrote] => late += 1,
                _ => bail!("{}: {parts:?}: {first}; {second}", place()),
            }
            laboratory.verify(&database, &stage.state).with_context(place)?;
        }
    }
    Ok(format!("{times} pairs of runs: {refused} times the other was refused, {late} times it found the run complete"))
}

/// What a run did, as it says itself. One that is refused names the other.
fn part(outcome: &Outcome, other: Option<u32>) -> anyhow::Result<Part> {
    match outcome.code() {
        Some(0) if outcome.stdout.contains("already complete") => Ok(Part::FoundItComplete),
        Some(0) => Ok(Part::Wrote),
        Some(BUSY) => {
            let other = format!("by process {} on ", other.unwrap_or_default());
            let named = outcome.stderr.contains(&other) && outcome.stderr.contains(" since ");
            ensure!(named, "a run was refused without naming host, process and time: {outcome}");
            Ok(Part::Refused)
        }
        _ => bail!("{outcome}"),
    }
}
