//! Who gets nothing from programmatic incentives before Panama (Q28).

use crate::actors::Actors;
use crate::cell::Cell;
use crate::chains::{CHAINS, excluded_on_mainnet};
use crate::dataset::Sink;
use crate::params::Params;
use crate::rng::{Rng, Topic};
use crate::schema::EXCLUDED_ADDRESSES;
use std::collections::BTreeSet;

/// Lists the mainnet addresses, some stakers of the dataset's chain, and some of other chains, where it must not matter.
pub(crate) fn write(params: &Params, actors: &Actors, sink: &mut Sink) {
    let chance = params.style.excluded_stakers;
    if chance == 0 {
        return;
    }
    let mut rng = Rng::new(params.seed, Topic::Excluded);
    let mut listed = BTreeSet::new();
    let mut list = |address, network: &str| {
        if listed.insert(address) {
            sink.push(&EXCLUDED_ADDRESSES, vec![Cell::Address(address), Cell::Text(network.to_owned())]);
        }
    };
    for address in excluded_on_mainnet() {
        list(address, "mainnet");
    }
    for &staker in actors.stakers.iter().chain(&actors.operators) {
        if rng.chance(chance / 2) {
            list(staker, &params.chain);
        } else if rng.chance(chance / 2) {
            let other = CHAINS[rng.below(CHAINS.len() as u64) as usize];
            if other != params.chain {
                list(staker, other);
            }
        }
    }
}
