//! The command line.

mod claims;
mod diff;
mod manifests;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::RangedI64ValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use pipeline::{AHEAD_MONTHS, Budget, CutoffArgument, MAX_AHEAD_MONTHS, RunRequest, Size, Stop, StoreRoot};
use reward_rules::{Chain, Day, Mode};

pub(crate) use claims::{DistributionOptions, ProofAction, ProofOptions, RootOptions};
pub(crate) use diff::DiffOptions;
pub(crate) use manifests::{BisectOptions, ManifestOptions};

const EXIT_CODES: &str = "Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage, 3 a check failed, 4 database unreachable, 5 somebody else works on the schema, 130 or 143 stopped by a signal.";

/// Exact, incremental EigenLayer rewards on PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "paydirt", version, about, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The database; else DATABASE_URL, else PG* variables, else a PostgreSQL of paydirt's own
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Where paydirt's own PostgreSQL keeps its data
    #[arg(long, global = true, value_name = "DIR", env = "PAYDIRT_HOME", default_value = ".paydirt")]
    pub(crate) home: PathBuf,
    /// The schema for everything paydirt owns
    #[arg(long, global = true, value_name = "NAME", default_value = "paydirt")]
    pub(crate) schema: String,
    /// The schema of the indexer's tables
    #[arg(long, global = true, value_name = "NAME", default_value = "public")]
    pub(crate) source_schema: String,
    /// More logs on stderr; twice for all. RUST_LOG has its usual meaning and wins
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create or remove paydirt's relations (and the indexer's tables, if there are none)
    Migrate(MigrateOptions),
    /// Load an indexer's tables from CSV files, all or nothing
    Import(ImportOptions),
    /// Compute the rewards up to a cutoff date and append them to the gold table
    Run(RunOptions),
    /// Run many cutoffs one after another, reading everything once; goes on where it was interrupted
    Backfill(BackfillOptions),
    /// Help with the run that another process has begun, on this host or another: take its units until none is left
    Work(WorkOptions),
    /// Show what a run would compute, and why; changes nothing
    Plan(PlanOptions),
    /// Show the runs so far
    Status(StatusOptions),
    /// Show, make or drop the monthly partitions of the gold table
    Partitions(PartitionsOptions),
    /// Remove what the newest runs wrote; shows it first and asks
    Undo(UndoOptions),
    /// Recompute and compare with what is stored, or with an indexer's tables; writes nothing
    Verify(VerifyOptions),
    /// Derive an amount of gold in words and numbers, from silver, or say why there is none; writes nothing
    Explain(ExplainOptions),
    /// Run the stored invariants: each query of sql/checks must return no row
    Check(CheckOptions),
    /// Print the Merkle root of a snapshot, or compare the roots that were posted with ours
    Root(RootOptions),
    /// Print what an earner can claim under a root, with its proofs, as the rewards coordinator takes it; or verify a claim
    Proof(ProofOptions),
    /// Write the cumulative amount of every earner and token as JSON lines
    Distribution(DistributionOptions),
    /// Add up where the money of every submission went, to the last unit; names what the rules overpaid
    Audit(AuditOptions),
    /// Show what strict runs would pay instead, or compatible ones instead of strict, per submission and earner; writes nothing
    Diff(DiffOptions),
    /// Show what a run was made of and what it made, in few bytes; or compare its rows with that
    Manifest(ManifestOptions),
    /// Name the first day and step where two deployments part, from their manifests
    Bisect(BisectOptions),
    /// Run conformance cases and compare every relation with what is expected
    Case(CaseOptions),
    /// Control paydirt's own PostgreSQL
    Db(DbOptions),
    /// Write a random indexer dataset as CSV files
    Generate(GenerateOptions),
}

#[derive(Debug, Args)]
pub(crate) struct MigrateOptions {
    #[command(subcommand)]
    pub(crate) action: Option<MigrateAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateAction {
    /// Apply every missing migration (the default)
    Up,
    /// Undo the migrations above a version
    Down {
        /// The version to keep; 0 undoes all
        #[arg(long, value_name = "N")]
        to: i32,
        /// Undo although gold rows or runs would be lost
        #[arg(long)]
        yes: bool,
    },
    /// Show which migrations are applied
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// A folder with bronze/<table>.csv or <table>.csv; the header line names the columns
    pub(crate) dir: PathBuf,
    /// The counts as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which run: chain and cutoff.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The chain: mainnet, holesky, preprod, sepolia, hoodi or preprod-hoodi
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Chain,
    /// The cutoff date D (YYYY-MM-DD): events before D 00:00 UTC count; or latest, the newest possible
    #[arg(long, value_name = "DATE")]
    pub(crate) cutoff: CutoffArgument,
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) how: How,
}

/// How to run.
#[derive(Debug, Args)]
pub(crate) struct How {
    /// Where daily state comes from
    #[arg(long, value_enum, default_value_t = SourceArgument::Events)]
    pub(crate) source: SourceArgument,
    /// compatible: what the reference pays, quirks included. strict: no submission pays out more than it funds, whatever runs
    /// there were; needs a schema of its own (docs/strict-mode.md)
    #[arg(long, value_name = "MODE", default_value_t = Mode::Compatible, env = "PAYDIRT_MODE")]
    pub(crate) mode: Mode,
    /// Which implementation of the rules computes the rows
    #[arg(long, value_enum, default_value_t = EngineArgument::Native)]
    pub(crate) engine: EngineArgument,
    /// Set submissions aside that no rule is defined for, instead of refusing the run
    #[arg(long)]
    pub(crate) quarantine: bool,
    #[command(flatten)]
    pub(crate) resources: Resources,
    /// The result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl How {
    /// A run up to a cutoff that can be stopped.
    pub(crate) fn request(&self, chain: Chain, cutoff: CutoffArgument, stop: &Stop) -> RunRequest {
        RunRequest {
            mode: self.mode,
            source: self.source.into(),
            engine: self.engine.into(),
            quarantine: self.quarantine,
            workers: self.resources.workers,
            memory: Budget::new(self.resources.memory_limit.0),
            ahead_months: self.resources.ahead,
            root: self.resources.root.into(),
            stop: stop.clone(),
            ..RunRequest::new(chain, cutoff)
        }
    }
}

/// What a run may use.
#[derive(Debug, Args)]
pub(crate) struct Resources {
    /// Units computed at the same time, each with a connection of its own; the rows are the same
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) workers: NonZeroUsize,
    /// Memory for state and rows, all workers together; the process needs up to 64 MiB besides
    #[arg(long, value_name = "SIZE", default_value_t = Size(Budget::default().limit()), value_parser = size)]
    pub(crate) memory_limit: Size,
    /// Make partitions for the days up to so many months after the cutoff
    #[arg(long, value_name = "MONTHS", default_value_t = AHEAD_MONTHS, value_parser = months())]
    pub(crate) ahead: u32,
    /// When a run stores its root with its manifest
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = RootArgument::Now)]
    pub(crate) root: RootArgument,
}

/// What a command that changes nothing may use.
#[derive(Debug, Args)]
pub(crate) struct Memory {
    /// Memory for what is read or computed; the process needs up to 64 MiB besides
    #[arg(long, value_name = "SIZE", default_value_t = Size(Budget::default().limit()), value_parser = size)]
    pub(crate) memory_limit: Size,
}

impl Memory {
    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.memory_limit.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RootArgument {
    /// At its end
    Now,
    /// When paydirt manifest is first asked for it
    Later,
}

impl From<RootArgument> for StoreRoot {
    fn from(when: RootArgument) -> Self {
        match when {
            RootArgument::Now => Self::Now,
            RootArgument::Later => Self::Later,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct BackfillOptions {
    /// The chain: mainnet, holesky, preprod, sepolia, hoodi or preprod-hoodi
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Chain,
    /// The first cutoff
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Day,
    /// No cutoff is later than this; or latest, the newest possible
    #[arg(long, value_name = "DATE")]
    pub(crate) to: CutoffArgument,
    /// Days from one cutoff to the next, such as 1d or 7d
    #[arg(long, value_name = "DAYS", default_value = "1d", value_parser = days)]
    pub(crate) every: u32,
    /// Print the cutoffs, what is to be paid, and how many rows and bytes to expect; changes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) how: How,
}

#[derive(Debug, Args)]
pub(crate) struct WorkOptions {
    /// How long to wait for a run to begin, and for the next one after it
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) wait: u64,
    /// Memory for state and rows; the process needs up to 64 MiB besides
    #[arg(long, value_name = "SIZE", default_value_t = Size(Budget::default().limit()), value_parser = size)]
    pub(crate) memory_limit: Size,
    /// The result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn size(text: &str) -> Result<Size, String> {
    text.parse()
}

/// A number of days: `7d`, or `7`.
fn days(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('d').unwrap_or(text);
    match number.parse() {
        Ok(days @ 1..=3660) => Ok(days),
        _ => Err(format!("'{text}' is not a number of days like 1d or 7d")),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceArgument {
    /// The indexer's events
    Events,
    /// The daily *_snapshots tables that the indexer keeps in the source schema
    Snapshots,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArgument {
    /// In this process, on all cores
    Native,
    /// By the rules restated in plain SQL, in the server: slow, and an independent check of the other
    Sql,
}

#[derive(Debug, Args)]
pub(crate) struct PlanOptions {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Where daily state would come from; the plan is the same
    #[arg(long, value_enum, default_value_t = SourceArgument::Events)]
    pub(crate) source: SourceArgument,
    /// As for run: compatible or strict
    #[arg(long, value_name = "MODE", default_value_t = Mode::Compatible, env = "PAYDIRT_MODE")]
    pub(crate) mode: Mode,
    /// As for run; the plan leaves out what is in quarantine already
    #[arg(long)]
    pub(crate) quarantine: bool,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    #[command(flatten)]
    pub(crate) which: Which,
    /// sql: the first cutoff to verify (by default the cutoff alone). snapshots, gold: the first day (by default all)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Day>,
    /// What to compare with
    #[arg(long, value_enum, default_value_t = AgainstArgument::Sql)]
    pub(crate) against: AgainstArgument,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainOptions {
    /// The chain: mainnet, holesky, preprod, sepolia, hoodi or preprod-hoodi; that of the runs by default
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Option<Chain>,
    /// Whose amount: a staker, an operator or an AVS
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) earner: String,
    /// The day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) snapshot: Day,
    /// Of this submission alone; otherwise of all that have the day
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub(crate) reward_hash: Option<String>,
    /// Of the submissions that pay this token
    #[arg(long, value_name = "ADDRESS", value_parser = address, conflicts_with = "reward_hash")]
    pub(crate) token: Option<String>,
    #[command(flatten)]
    pub(crate) memory: Memory,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// An address, in lower case.
fn address(text: &str) -> Result<String, String> {
    hex(text, 40).ok_or_else(|| format!("'{text}' is not an address: 0x and 40 hex digits"))
}

/// A hash, in lower case.
fn hash(text: &str) -> Result<String, String> {
    hex(text, 64).ok_or_else(|| format!("'{text}' is not a hash: 0x and 64 hex digits"))
}

fn hex(text: &str, digits: usize) -> Option<String> {
    let number = text.strip_prefix("0x")?;
    let is_hex = number.len() == digits && number.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| text.to_ascii_lowercase())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AgainstArgument {
    /// Both engines with each other and with the stored silver and gold
    Sql,
    /// The daily *_snapshots tables of the source schema, with paydirt's silver
    Snapshots,
    /// gold_table of the source schema, with every run up to the cutoff repeated; paydirt's stored gold is not read
    Gold,
}

/// A date as the reference writes it.
fn date(text: &str) -> Result<Day, String> {
    match text.parse()? {
        CutoffArgument::Date(day) => Ok(day),
        CutoffArgument::Latest => Err("a date YYYY-MM-DD is needed".to_owned()),
    }
}

/// A number of months ahead.
fn months() -> RangedI64ValueParser<u32> {
    RangedI64ValueParser::new().range(0..=i64::from(MAX_AHEAD_MONTHS))
}

#[derive(Debug, Args)]
pub(crate) struct PartitionsOptions {
    #[command(subcommand)]
    pub(crate) action: PartitionsAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartitionsAction {
    /// Show the partitions, with estimated rows, size and the runs that wrote them
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make those that the next run needs, and some ahead; blocks nobody. Every run does this too
    Ensure {
        /// Up to so many months after the newest cutoff or block
        #[arg(long, value_name = "MONTHS", default_value_t = AHEAD_MONTHS, value_parser = months())]
        ahead: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Drop those whose days are all before a date, unless a submission or a run still needs them; shows them first and asks
    Drop {
        /// The first day to keep (YYYY-MM-DD)
        #[arg(long, value_name = "DATE", value_parser = date)]
        before: Day,
        /// Only show what would go
        #[arg(long)]
        dry_run: bool,
        /// Drop without asking
        #[arg(long, conflicts_with = "dry_run")]
        yes: bool,
        /// As JSON; needs --yes or --dry-run
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UndoOptions {
    #[command(flatten)]
    pub(crate) target: UndoTarget,
    /// Undo without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// What was undone as JSON; needs --yes
    #[arg(long, requires = "yes")]
    pub(crate) json: bool,
}

/// What to undo.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct UndoTarget {
    /// This run, which has to be the newest
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<i64>,
    /// Every run with this cutoff or a later one
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from_cutoff: Option<Day>,
    /// Every run that has read this block or a later one
    #[arg(long, value_name = "NUMBER")]
    pub(crate) from_block: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuditOptions {
    /// The chain: mainnet, holesky, preprod, sepolia, hoodi or preprod-hoodi
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Chain,
    /// Only submissions that have this day or a later one, each with all its days
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<Day>,
    /// Only submissions that have this day or an earlier one
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: Option<Day>,
    /// Only this submission
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub(crate) reward_hash: Option<String>,
    #[command(flatten)]
    pub(crate) memory: Memory,
    /// As JSON, amounts as texts
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusOptions {
    /// The units of this run instead of all runs
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<i64>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CaseOptions {
    /// Case folders, each with case.toml, bronze/ and expected/
    #[arg(required = true)]
    pub(crate) dirs: Vec<PathBuf>,
    /// Which implementation of the rules computes them
    #[arg(long, value_enum, default_value_t = EngineArgument::Native)]
    pub(crate) engine: EngineArgument,
    /// Keep the databases
    #[arg(long)]
    pub(crate) keep: bool,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DbOptions {
    #[command(subcommand)]
    pub(crate) action: DbAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbAction {
    /// Start it, creating it first if need be
    Start,
    /// Stop it
    Stop,
    /// Show whether it runs, and where
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print its connection URL
    Url,
    /// Open psql on it; further arguments go to psql
    Psql {
        /// Arguments of psql
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GenerateOptions {
    /// The same seed and options give the same files
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The small, readable dataset of fixtures/demo instead of random parameters
    #[arg(long)]
    pub(crate) demo: bool,
    /// The chain instead of a random one
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Option<Chain>,
    /// How many stakers instead of a random number
    #[arg(long)]
    pub(crate) stakers: Option<u32>,
    /// The folder to write; must be missing or empty
    pub(crate) dir: PathBuf,
}
