//! Random indexer datasets from a seed, for the fixtures, the demo and the differential tests.
//!
//! [`Params::draw`] turns a seed into a shape, [`generate`] turns a shape into a [`Dataset`]; the same parameters give the
//! same bytes on every platform. Every topic draws from its own stream of the generator, so a change to one topic leaves
//! the decisions of the others alone.

mod actors;
mod allocations;
mod blocks;
mod calendar;
mod cell;
mod chains;
mod dataset;
mod delegations;
mod excluded;
mod numbers;
mod params;
mod registrations;
mod restaked;
mod rng;
mod schema;
mod shares;
mod shrink;
mod splits;
mod style;
mod submissions;
mod windows;
mod write;

pub use cell::{Address, Cell, Hash, Row};
pub use chains::{CHAINS, Fork, directory, excluded_on_mainnet, forks};
pub use dataset::Dataset;
pub use params::Params;
pub use schema::{SUBMISSION_TABLES, TABLES, Table, table};
pub use style::Style;

use actors::Actors;
use blocks::Timeline;
use dataset::Sink;

/// Makes the dataset that the parameters describe.
pub fn generate(params: &Params) -> Dataset {
    let mut sink = Sink::new(Timeline::draw(params));
    let actors = Actors::draw(params, &mut sink);
    let membership = registrations::write(params, &actors, &mut sink);
    shares::write(params, &actors, &mut sink);
    restaked::write(params, &actors, &membership, &mut sink);
    splits::write(params, &actors, &mut sink);
    allocations::write(params, &actors, &membership, &mut sink);
    submissions::write(params, &actors, &membership, &mut sink);
    excluded::write(params, &actors, &mut sink);
    sink.finish(params)
}
