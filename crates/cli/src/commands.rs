//! One module per command.

pub(crate) mod audit;
pub(crate) mod backfill;
pub(crate) mod bisect;
pub(crate) mod case;
pub(crate) mod check;
pub(crate) mod db;
pub(crate) mod diff;
pub(crate) mod distribution;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod manifest;
pub(crate) mod migrate;
pub(crate) mod partitions;
pub(crate) mod plan;
pub(crate) mod proof;
pub(crate) mod root;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod undo;
pub(crate) mod verify;
pub(crate) mod work;
