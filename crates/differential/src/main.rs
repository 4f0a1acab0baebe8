//! `diff-test`: as many seeds as asked through both engines; see `make diff-test`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use dataset_generator::{Dataset, Params, generate};
use differential::{DifferentialError, Examined, Finding, Shrunk, examine, save, shrink};
use test_support::TestServer;
use tokio::sync::mpsc;
use tokio_postgres::Config;

/// Random datasets through both engines: silver, steps and gold must be equal after every cutoff.
#[derive(Debug, Parser)]
#[command(name = "diff-test")]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 40)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Go on with further seeds until so many seconds have passed
    #[arg(long, default_value_t = 0)]
    at_least_seconds: u64,
    /// Start no seed after so many seconds; then fewer than asked for are a failure
    #[arg(long, default_value_t = 1_000_000)]
    at_most_seconds: u64,
    /// Seeds at the same time; all cores by default
    #[arg(long)]
    jobs: Option<usize>,
    /// Where differing datasets are saved as case folders
    #[arg(long, default_value = "target/differences")]
    save: PathBuf,
    /// How long a differing dataset may be shrunk
    #[arg(long, default_value_t = 300)]
    shrink_seconds: u64,
    /// Stop at the first difference and do not shrink it
    #[arg(long)]
    first_difference: bool,
}

fn main() -> ExitCode {
    match test_support::runtime().block_on(run(&Arguments::parse())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Totals over all seeds.
#[derive(Default)]
struct Summary {
    seeds: u64,
    cutoffs: usize,
    rows: usize,
    gold_rows: usize,
    differing: Vec<u64>,
}

/// One seed's outcome.
type Outcome = (Dataset, Result<Examined, DifferentialError>);

async fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let started = Instant::now();
    let server = TestServer::shared().config();
    let jobs = arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    let seeds = Arc::new(Seeds::new(arguments));
    let (sender, mut outcomes) = mpsc::channel::<Outcome>(jobs);
    for _ in 0..jobs {
        tokio::spawn(work(server.clone(), Arc::clone(&seeds), sender.clone()));
    }
    drop(sender);
    let mut summary = Summary::default();
    while let Some((dataset, examined)) = outcomes.recv().await {
        let seed = dataset.params.seed;
        let examined = examined.with_context(|| format!("seed {seed}"))?;
        summary.add(seed, &dataset, &examined);
        if let Some(finding) = &examined.finding {
            println!("seed {seed} on {} DIFFERS {finding}", dataset.params.chain);
            if arguments.first_difference {
                seeds.stop.store(true, Ordering::Relaxed);
            } else {
                report(&server, arguments, &dataset, finding).await?;
            }
        }
    }
    let Summary { seeds, cutoffs, rows, gold_rows, differing } = &summary;
    println!(
        "{seeds} seeds from {}, {cutoffs} cutoffs, {rows} rows of silver and steps ({gold_rows} of gold) in {:.0} s: {}",
        arguments.first,
        started.elapsed().as_secs_f64(),
        match differing.as_slice() {
            [] => "no difference".to_owned(),
            seeds => format!("{} DIFFER: {seeds:?}", seeds.len()),
        }
    );
    if *seeds < arguments.seeds && differing.is_empty() {
        println!("time was up: {seeds} of {} seeds were run", arguments.seeds);
        return Ok(false);
    }
    Ok(differing.is_empty())
}

/// The seeds that are still to come.
struct Seeds {
    next: AtomicU64,
    end: u64,
    at_least_until: Instant,
    at_most_until: Instant,
    stop: AtomicBool,
}

impl Seeds {
    fn new(arguments: &Arguments) -> Self {
        Self {
            next: AtomicU64::new(arguments.first),
            end: arguments.first.saturating_add(arguments.seeds),
            at_least_until: Instant::now() + Duration::from_secs(arguments.at_least_seconds),
            at_most_until: Instant::now() + Duration::from_secs(arguments.at_most_seconds),
            stop: AtomicBool::new(false),
        }
    }

    fn take(&self) -> Option<u64> {
        if Instant::now() >= self.at_most_until || self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let seed = self.next.fetch_add(1, Ordering::Relaxed);
        (seed < self.end || Instant::now() < self.at_least_until).then_some(seed)
    }
}

/// Examines seeds until there are no more.
async fn work(server: Config, seeds: Arc<Seeds>, outcomes: mpsc::Sender<Outcome>) {
    while let Some(seed) = seeds.take() {
        let dataset = generate(&Params::draw(seed));
        let examined = examine(&server, &dataset).await;
        if outcomes.send((dataset, examined)).await.is_err() {
            break; // the receiver has given up
        }
    }
}

impl Summary {
    fn add(&mut self, seed: u64, dataset: &Dataset, examined: &Examined) {
        self.seeds += 1;
        self.cutoffs += dataset.params.cutoffs.len();
        self.rows += examined.rows;
        self.gold_rows += examined.gold_rows;
        if examined.finding.is_some() {
            self.differing.push(seed);
        }
    }
}

/// Shrinks a differing dataset and saves it.
async fn report(server: &Config, arguments: &Arguments, dataset: &Dataset, finding: &Finding) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(arguments.shrink_seconds);
    let differs = |candidate: Dataset| {
        let server = server.clone();
        async move {
            let found = examine(&server, &candidate).await?.finding;
            anyhow::Ok(found.is_some_and(|found| found.resembles(finding)))
        }
    };
    let Shrunk { dataset: small, tried, finished } = shrink(dataset, finding.cutoffs, deadline, differs).await?;
    let folder: &Path = &arguments.save.join(format!("seed-{}", dataset.params.seed));
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("replacing {}", folder.display()))?;
    }
    let saved = save(server, &small, folder).await;
    println!(
        "  shrunk from {} rows and {} cutoffs to {} and {} ({tried} tried{}); run: paydirt case {}",
        dataset.row_count(),
        dataset.params.cutoffs.len(),
        small.row_count(),
        small.params.cutoffs.len(),
        if finished { "" } else { ", time was up" },
        folder.display()
    );
    if let Err(error) = saved {
        println!("  without expected results, the SQL engine fails on it: {:#}", anyhow::Error::from(error));
    }
    Ok(())
}
