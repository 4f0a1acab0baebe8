//! Tests of the indexer's tables, their import and their checks, against a real server.

#![allow(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod cases;
mod clean;
mod ddl;
mod import;
mod presence;
mod refused;
mod support;
mod validate;
