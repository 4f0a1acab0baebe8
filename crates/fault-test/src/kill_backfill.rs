//! `paydirt backfill` is killed at random instants.

use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::chance::Chance;
use crate::laboratory::{Laboratory, Size, backfill_of};
use crate::scenario::Options;

/// Seven nights, the first of which pays months.
const NIGHTS: [&str; 7] =
    ["2026-04-22", "2026-04-23", "2026-04-24", "2026-04-25", "2026-04-26", "2026-04-27", "2026-04-28"];

/// How often the command may be killed before it is left to finish.
const KILLS_IN_A_ROW: u32 = 12;

pub(crate) fn run(options: &Options) -> anyhow::Result<String> {
    let laboratory = Laboratory::start(&options.paydirt, Size::Usual)?;
    let command = backfill_of(NIGHTS[0], NIGHTS[NIGHTS.len() - 1]);
    let help = laboratory.program.run("", &["backfill", "--help"])?;
    ensure!(help.code() == Some(0), "this paydirt has no backfill: {help}");

    let stages = laboratory.reference(&NIGHTS.map(str::to_owned))?;
    let last = stages.last().context("there are nights")?;
    let database = laboratory.fresh();
    let took = laboratory.program.done(&database.url(), &command)?.took;
    laboratory.verify(&database, &last.state).context("a backfill that nothing disturbed")?;
    drop(database);

    let mut chance = Chance::new(options.seed);
    let (mut kills, mut missed, mut refused, mut backfills) = (0, 0, 0, 0_u32);
    while kills < options.times {
        backfills += 1;
        if backfills > options.times + 10 {
            bail!("{kills} of {} kills have hit in {backfills} backfills", options.times);
        }
        let database = laboratory.fresh();
        let url = database.url();
        let mut instants: Vec<Duration> = Vec::new();
        let place = |instants: &[Duration]| format!("backfill {backfills} killed at {instants:?}");
        for _ in 0..KILLS_IN_A_ROW.min(options.times - kills) {
            // What is done already is not done again: the rest is shorter.
            let done = laboratory.number(&database, "SELECT count(*) FROM paydirt.runs WHERE status = 'complete'")?;
            let left = u32::try_from(NIGHTS.len())? - u32::try_from(done)?;
            let running = laboratory.program.start(&url, &command)?;
            let instant = chance.instant(took * left / u32::try_from(NIGHTS.len())?);
            instants.push(instant);
            std::thread::sleep(instant);
            let outcome = running.kill()?;
            if outcome.was_killed() {
                kills += 1;
            } else {
                missed += 1;
                ensure!(matches!(outcome.code(), Some(0 | 5)), "{}: {outcome}", place(&instants));
            }
            laboratory.check(&database).with_context(|| place(&instants))?;
        }
        refused += laboratory.repeat(&url, &command, &[]).with_context(|| place(&instants))?.refused;
        laboratory.verify(&database, &last.state).with_context(|| place(&instants))?;
    }
    Ok(format!(
        "{kills} kills during {backfills} backfills of {} nights ({missed} came too late, {refused} repetitions met a lock)",
        NIGHTS.len()
    ))
}
