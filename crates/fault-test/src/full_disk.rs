//! Gold's partitions cannot grow: the server runs with a limit on the size of files (RLIMIT_FSIZE).
//!
//! A small file system would need the right to mount. The limit works for everybody, in containers too, and takes the
//! same way through the server: a write that comes to less than a page is a full disk (SQLSTATE 53100). The limit lies
//! above every file there is before, and above a segment of the log, so that only gold's partitions reach it.

use anyhow::{Context, ensure};

use crate::chance::Chance;
use crate::laboratory::{Laboratory, Size, run_of};
use crate::scenario::Options;

const PAGE: u64 = 8192;
/// A segment of the server's log.
const SEGMENT: u64 = 4 << 20;

const LARGEST_FILE: &str = "SELECT max(pg_relation_size(oid)) FROM pg_class";
const LARGEST_PARTITION: &str =
    "SELECT max(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'paydirt.gold_rows'::regclass";

pub(crate) fn run(options: &Options) -> anyhow::Result<String> {
    let laboratory = Laboratory::start(&options.paydirt, Size::Large)?;
    // A run that pays all days between the first cutoff and the last: its partition has to outgrow the source's files.
    let (cutoff, earlier) = laboratory.cutoffs.split_last().context("the dataset has cutoffs")?;
    let earlier = earlier.get(..1).context("the dataset has two cutoffs")?;
    let before = laboratory.fresh();
    laboratory.undisturbed(&before, earlier)?;
    let visible = laboratory.state(&before)?;
    let reference = laboratory.server.copy_database(&before);
    let stages = laboratory.undisturbed(&reference, std::slice::from_ref(cutoff))?;
    let stage = stages.first().context("one cutoff was run")?;
    let lowest = laboratory.number(&before, LARGEST_FILE)?.max(SEGMENT) / PAGE + 1;
    let highest = laboratory.number(&reference, LARGEST_PARTITION)? / PAGE - 1;
    ensure!(lowest < highest, "the dataset is too small: a partition of {highest} pages, other files of {lowest}");
    drop(reference);

    let mut chance = Chance::new(options.seed);
    for time in 1..=options.times {
        let database = laboratory.server.copy_database(&before);
        let url = database.url();
        let pages = chance.between(lowest, highest - 1);
        let place = || format!("cutoff {cutoff} with files of at most {pages} pages (time {time})");
        laboratory.server.shut_down();
        laboratory.server.start_again_with_small_files(pages * PAGE + PAGE / 2);
        let outcome = laboratory.program.run(&url, &run_of(cutoff)).with_context(place)?;
        ensure!(outcome.code() == Some(1), "{}: a run on a full disk: {outcome}", place());
        ensure!(
            outcome.stderr.contains("could not extend file") && outcome.stderr.contains("53100"),
            "{}: the server's message is missing: {outcome}",
            place()
        );

        // Room again. Only now do we look: comparing sorts, and needs files too.
        laboratory.server.shut_down();
        laboratory.server.start_again();
        let state = laboratory.state(&database)?;
        ensure!(state.gold() == visible.gold(), "{}: gold is half-shown: {:?}", place(), state.gold());
        laboratory.check(&database).with_context(place)?;
        laboratory.repeat(&url, &run_of(cutoff), &[]).with_context(place)?;
        laboratory.verify(&database, &stage.state).with_context(place)?;
    }
    Ok(format!("{} full disks, files limited to {lowest} to {highest} pages", options.times))
}
