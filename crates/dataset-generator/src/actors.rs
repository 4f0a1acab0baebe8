//! Who takes part: stakers, operators, avss with their sets, strategies and tokens.

use crate::calendar::plus;
use crate::cell::{Address, Cell};
use crate::chains::{NATIVE, excluded_on_mainnet};
use crate::dataset::Sink;
use crate::params::Params;
use crate::rng::{Rng, Topic};
use crate::schema::OPERATOR_SETS;
use std::collections::BTreeMap;

/// An operator set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OperatorSet {
    /// Position of its avs.
    pub(crate) avs: usize,
    pub(crate) id: i128,
}

/// All participants; they are named by their positions.
pub(crate) struct Actors {
    pub(crate) stakers: Vec<Address>,
    pub(crate) operators: Vec<Address>,
    pub(crate) avss: Vec<Address>,
    /// Ascending.
    pub(crate) strategies: Vec<Address>,
    /// Usual digits of a deposit, by strategy.
    pub(crate) digits: Vec<i64>,
    pub(crate) tokens: Vec<Address>,
    pub(crate) sets: Vec<OperatorSet>,
    /// Addresses that appear as operators of submissions and nowhere else.
    pub(crate) strangers: Vec<Address>,
    /// The small prime that bounds the magnitudes of an operator and strategy.
    pub(crate) small_magnitudes: BTreeMap<(usize, usize), i128>,
}

fn addresses(rng: &mut Rng, n: u32) -> Vec<Address> {
    (0..n).map(|_| Address(rng.bytes())).collect()
}

impl Actors {
    /// Draws the participants and writes the sets' creation.
    pub(crate) fn draw(params: &Params, sink: &mut Sink) -> Self {
        let rng = &mut Rng::new(params.seed, Topic::Actors);
        let style = &params.style;
        let mut stakers = addresses(rng, params.stakers);
        exclude(params, rng, &mut stakers);
        let operators = addresses(rng, params.operators.max(1));
        let mut avss = addresses(rng, params.avss.max(1));
        if rng.chance(style.avs_is_operator) {
            avss[0] = rng.pick(&operators);
        }
        let mut strategies = addresses(rng, params.strategies.max(1));
        if strategies.len() > 1 || rng.chance(500) {
            strategies[0] = NATIVE;
        }
        strategies.sort_unstable();
        let digits = strategies.iter().map(|_| rng.range(15, 24)).collect();
        let token_count = rng.range(1, 4) as u32;
        let mut actors = Self {
            stakers,
            operators,
            avss,
            strategies,
            digits,
            tokens: addresses(rng, token_count),
            sets: Vec::new(),
            strangers: addresses(rng, 3),
            small_magnitudes: BTreeMap::new(),
        };
        for operator in 0..actors.operators.len() {
            for strategy in 0..actors.strategies.len() {
                if rng.chance(style.small_magnitudes) {
                    actors.small_magnitudes.insert((operator, strategy), rng.pick(&[2, 3, 7, 11, 13, 97, 997]));
                }
            }
        }
        actors.create_sets(params, rng, sink);
        actors
    }

    fn create_sets(&mut self, params: &Params, rng: &mut Rng, sink: &mut Sink) {
        for avs in 0..self.avss.len() {
            for id in 0..params.operator_sets_per_avs {
                let set = OperatorSet { avs, id: i128::from(id) };
                self.sets.push(set);
                let block = sink.timeline.between(params.first_day, plus(params.first_day, 1), rng);
                let log = sink.log(block);
                sink.push(
                    &OPERATOR_SETS,
                    vec![
                        Cell::Integer(set.id),
                        Cell::Address(self.avss[avs]),
                        log.block_cell(),
                        log.transaction_cell(),
                        log.index_cell(),
                    ],
                );
            }
        }
    }
}

/// Gives some stakers addresses of the mainnet list (on other chains too, where it must not matter).
fn exclude(params: &Params, rng: &mut Rng, stakers: &mut [Address]) {
    let share = if params.chain == "mainnet" { 1 } else { 4 };
    let chance = params.style.excluded_stakers / share;
    let listed = excluded_on_mainnet();
    let most = (stakers.len() / 3).max(1);
    let mut chosen = rng.subset(&listed, most).into_iter();
    for staker in stakers.iter_mut().take(most) {
        if rng.chance(chance)
            && let Some(excluded) = chosen.next()
        {
            *staker = excluded;
        }
    }
}
