//! Whole runs on a real server: the other source, failures, corrections and the invariants of DESIGN.md.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod audit;
mod invariants;
mod life;
mod snapshots;
mod snapshots_trust;
mod strict;
mod support;
mod verify;
