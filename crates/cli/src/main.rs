//! The `paydirt` command.
//!
//! Data goes to stdout, logs and progress to stderr. Exit codes: see [`exit`].

mod args;
mod commands;
mod exit;
mod logs;
mod output;
mod partial;
mod progress;
mod retry;
mod session;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logs::start(arguments.global.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: could not start: {error}");
            return exit::FAILED.into();
        }
    };
    match runtime.block_on(dispatch(&arguments)) {
        Ok(code) => code.into(),
        Err(error) => exit::report(&error).into(),
    }
}

async fn dispatch(arguments: &Arguments) -> anyhow::Result<u8> {
    let global = &arguments.global;
    match &arguments.command {
        Command::Migrate(options) => commands::migrate::execute(global, options).await,
        Command::Import(options) => commands::import::execute(global, options).await,
        Command::Run(options) => commands::run::execute(global, options).await,
        Command::Backfill(options) => commands::backfill::execute(global, options).await,
        Command::Work(options) => commands::work::execute(global, options).await,
        Command::Plan(options) => commands::plan::execute(global, options).await,
        Command::Status(options) => commands::status::execute(global, options).await,
        Command::Partitions(options) => commands::partitions::execute(global, options).await,
        Command::Undo(options) => commands::undo::execute(global, options).await,
        Command::Verify(options) => commands::verify::execute(global, options).await,
        Command::Explain(options) => commands::explain::execute(global, options).await,
        Command::Check(options) => commands::check::execute(global, options).await,
        Command::Root(options) => commands::root::execute(global, options).await,
        Command::Proof(options) => commands::proof::execute(global, options).await,
        Command::Distribution(options) => commands::distribution::execute(global, options).await,
        Command::Audit(options) => commands::audit::execute(global, options).await,
        Command::Diff(options) => commands::diff::execute(global, options).await,
        Command::Manifest(options) => commands::manifest::execute(global, options).await,
        Command::Bisect(options) => commands::bisect::execute(options),
        Command::Case(options) => commands::case::execute(global, options).await,
        Command::Db(options) => commands::db::execute(global, options).await,
        Command::Generate(options) => commands::generate::execute(options),
    }
}
