//! Samples of restaked strategies.

use crate::actors::Actors;
use crate::calendar::{days_between, plus};
use crate::cell::Cell;
use crate::chains::{directory, foreign_directory};
use crate::dataset::Sink;
use crate::params::Params;
use crate::registrations::Membership;
use crate::rng::{Rng, Topic};
use crate::schema::OPERATOR_RESTAKED_STRATEGIES;

/// About as many samples as a dataset has at most.
const MOST: usize = 12_000;

/// An operator that restakes a strategy with an avs for some days.
#[derive(Clone, Copy)]
struct Restaking {
    operator: usize,
    avs: usize,
    strategy: usize,
    from: i64,
    to: i64,
    /// Hex digits that are capitals.
    capitals: u64,
}

/// Writes the samples.
pub(crate) fn write(params: &Params, actors: &Actors, membership: &Membership, sink: &mut Sink) {
    let rng = &mut Rng::new(params.seed, Topic::Restaked);
    let style = &params.style;
    let days = days_between(params.first_day, params.end_day());
    let restakings = restakings(params, actors, membership, sink, rng);
    let own = Cell::Address(directory(&params.chain));
    let foreign = Cell::Address(foreign_directory(&params.chain));
    for day in 0..days {
        // Now and then the indexer sleeps a day.
        if rng.chance(style.restaked_gaps / 8) {
            continue;
        }
        let n = if rng.chance(200) { 2 } else { 1 };
        let mut blocks = sink.timeline.several_on(plus(params.first_day, day), n, rng);
        blocks.dedup();
        for restaking in &restakings {
            if day < restaking.from || day > restaking.to || rng.chance(style.restaked_gaps) {
                continue;
            }
            let other = rng.chance(style.foreign_directory);
            for block in &blocks {
                let capitals = if rng.chance(20) { u64::from_be_bytes(rng.bytes()) } else { restaking.capitals };
                sink.push(
                    &OPERATOR_RESTAKED_STRATEGIES,
                    vec![
                        Cell::Integer(i128::from(sink.timeline.number(*block))),
                        Cell::Address(actors.operators[restaking.operator]),
                        Cell::Address(actors.avss[restaking.avs]),
                        Cell::MixedCase(actors.strategies[restaking.strategy], capitals),
                        Cell::Time(sink.timeline.time(*block)),
                        if other { foreign.clone() } else { own.clone() },
                    ],
                );
            }
        }
    }
}

fn restakings(params: &Params, actors: &Actors, membership: &Membership, sink: &Sink, rng: &mut Rng) -> Vec<Restaking> {
    let days = days_between(params.first_day, params.end_day());
    let keys = (membership.avs.len() * actors.strategies.len()).max(1);
    let most_keys = (MOST / days.max(1) as usize).max(4);
    let share = (850 * most_keys / keys).min(850) as u32;
    let capitals: Vec<u64> = actors.strategies.iter().map(|_| u64::from_be_bytes(rng.bytes())).collect();
    let mut restakings = Vec::new();
    for (operator, avs, block) in &membership.avs {
        let joined = days_between(params.first_day, sink.timeline.date(*block));
        for (strategy, capitals) in capitals.iter().enumerate() {
            if rng.chance(share.max(1)) {
                let from = if rng.chance(800) { joined } else { rng.range(0, days - 1) };
                let to = if rng.chance(800) { days } else { rng.range(from, days) };
                let (operator, avs) = (*operator, *avs);
                restakings.push(Restaking { operator, avs, strategy, from, to, capitals: *capitals });
            }
        }
    }
    restakings
}
