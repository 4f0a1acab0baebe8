//! The life of an installation on a real server: migrations, runs that are refused, fail or are repeated, and what they
//! leave behind. Whole cases, daily tables and the numbered invariants are tested in case-runner.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod audit;
mod backfill;
mod balances;
mod bisect_corrections;
mod bisect_files;
mod bisect_steps;
mod cutoffs;
mod daily;
mod delta;
mod explain;
mod failures;
mod indexes;
mod lease;
mod manifest_days;
mod manifest_roots;
mod manifests;
mod memory;
mod migrations;
mod partitions;
mod roots;
mod schema_names;
mod silver;
mod source_checks;
mod support;
mod undo;
mod workers;
