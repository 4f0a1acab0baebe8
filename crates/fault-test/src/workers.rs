//! A run with two workers and two helping processes, all of which are killed one by one.

use anyhow::{Context, ensure};

use crate::chance::Chance;
use crate::laboratory::{Laboratory, Size, run_of};
use crate::program::{Outcome, Running};
use crate::scenario::Options;

/// The cutoff that pays two months, the nights after it, and the cutoffs before.
const BEFORE: usize = 2;
const HELPER: [&str; 3] = ["work", "--wait", "5"];
const HELPERS: usize = 2;

pub(crate) fn run(options: &Options) -> anyhow::Result<String> {
    let laboratory = Laboratory::start(&options.paydirt, Size::Usual)?;
    let help = laboratory.program.run("", &["work", "--help"])?;
    ensure!(help.code() == Some(0), "this paydirt has no work: {help}");
    let cutoff = laboratory.cutoffs.get(BEFORE).context("the dataset has too few cutoffs")?.clone();
    let before = laboratory.fresh();
    laboratory.undisturbed(&before, &laboratory.cutoffs[..BEFORE])?;
    let reference = laboratory.server.copy_database(&before);
    let stages = laboratory.undisturbed(&reference, std::slice::from_ref(&cutoff))?;
    let stage = stages.first().context("one cutoff was run")?;
    drop(reference);

    let mut command = run_of(&cutoff).to_vec();
    command.extend(["--workers", "2"]);
    let mut chance = Chance::new(options.seed);
    let (mut kills, mut missed, mut refused) = (0_u32, 0_u32, 0);
    for time in 1..=options.times {
        let database = laboratory.server.copy_database(&before);
        let url = database.url();
        let place = || format!("cutoff {cutoff} (time {time})");
        let mut running = vec![laboratory.program.start(&url, &command)?];
        for _ in 0..HELPERS {
            running.push(laboratory.program.start(&url, &HELPER)?);
        }
        // All of them are gone, or done, about when the run would have been.
        let span = stage.took / u32::try_from(running.len())?;
        while !running.is_empty() {
            std::thread::sleep(chance.instant(span));
            let victim = running.swap_remove(chance.index(running.len()));
            let outcome = victim.kill()?;
            if outcome.was_killed() {
                kills += 1;
            } else {
                missed += 1;
                ended_well(&outcome).with_context(place)?;
            }
        }
        laboratory.check(&database).with_context(place)?;

        let helpers =
            (0..HELPERS).map(|_| laboratory.program.start(&url, &HELPER)).collect::<anyhow::Result<Vec<Running>>>()?;
        refused += laboratory.repeat(&url, &command, &[]).with_context(place)?.refused;
        for helper in helpers {
            let outcome = helper.finish()?;
            ended_well(&outcome).with_context(place)?;
        }
        laboratory.verify(&database, &stage.state).with_context(place)?;
    }
    Ok(format!(
        "{kills} kills of runs and helpers in {} runs ({missed} had ended, {refused} repetitions met a lock)",
        options.times
    ))
}

/// A process that was not killed is done, or was told that somebody else works.
fn ended_well(outcome: &Outcome) -> anyhow::Result<()> {
    ensure!(matches!(outcome.code(), Some(0 | 5)), "{outcome}");
    Ok(())
}
