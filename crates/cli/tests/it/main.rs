//! The command as other programs see it: arguments, stdout, stderr, exit codes.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod audit;
mod cases;
mod claims;
mod commands;
mod embedded;
mod explain;
mod generate;
mod manifests;
mod strict;
mod support;
