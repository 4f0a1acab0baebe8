//! `bench`: what whole runs of `paydirt` cost, as a process of its own beside a private PostgreSQL.
//!
//! `bench data` makes the datasets, `bench run` measures and writes JSON, `bench compare` puts two such files side by side.
//! A bench is a module with a function that fills a [`report::Report`]; what it is run with is a preset.
#![deny(missing_docs)]

mod args;
mod compare;
mod dataset;
mod feed;
mod figures;
mod history;
mod machine;
mod measure;
mod nightly;
mod paydirt;
mod presets;
mod reads;
mod report;
mod rss;
mod server;
mod statements;
mod table;
mod targets;
mod yardstick;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use crate::args::{Arguments, Bench, Command, RunOptions};
use crate::paydirt::Paydirt;
use crate::report::Report;

fn main() -> ExitCode {
    match test_support::runtime().block_on(execute(Arguments::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Data { bench, preset, data, paydirt } => {
            let paydirt = Paydirt::find(paydirt, Vec::new())?;
            for parameters in presets::datasets(bench, bench.preset(preset)?) {
                let folder = dataset::ready(&data, &parameters, &paydirt).await?;
                println!("{}", folder.display());
            }
            Ok(())
        }
        Command::Run(options) => run(options).await,
        Command::Targets { files } => {
            targets::print(&files.iter().map(|file| Report::read(file)).collect::<anyhow::Result<Vec<_>>>()?);
            Ok(())
        }
        Command::Compare { old, new } => compare::print(&Report::read(&old)?, &Report::read(&new)?),
    }
}

async fn run(options: RunOptions) -> anyhow::Result<()> {
    let paydirt = Paydirt::find(options.paydirt.clone(), options.paydirt_arg.clone())?;
    let preset = options.bench.preset(options.preset)?;
    let mut report = Report::new(options.bench, preset, &paydirt)?;
    match options.bench {
        Bench::Nightly => nightly::run(&presets::nightly(preset), &options, &paydirt, &mut report).await?,
        Bench::Rss => rss::run(&presets::rss(preset), &options, &paydirt, &mut report).await?,
        Bench::History => history::run(&presets::history(preset), &options, &paydirt, &mut report).await?,
    }
    report.finish();
    let out = options.out.clone().unwrap_or_else(|| match options.bench {
        Bench::Nightly | Bench::Rss => format!("target/bench/{}.json", options.bench.name()).into(),
        Bench::History => format!("target/bench/history-{}.json", preset.name()).into(),
    });
    report.write(&out).with_context(|| format!("writing {}", out.display()))?;
    report.print();
    if options.bench == Bench::History {
        targets::print(std::slice::from_ref(&report));
    }
    println!("written to {}", out.display());
    Ok(())
}
