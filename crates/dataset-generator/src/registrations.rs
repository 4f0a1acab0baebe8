//! Operators joining and leaving avss and sets, strategies joining and leaving sets.

use crate::actors::Actors;
use crate::calendar::{days_between, plus};
use crate::cell::Cell;
use crate::dataset::Sink;
use crate::params::Params;
use crate::rng::{Rng, Topic};
use crate::schema::{
    AVS_OPERATOR_STATE_CHANGES, OPERATOR_SET_OPERATOR_REGISTRATIONS, OPERATOR_SET_STRATEGY_REGISTRATIONS,
};

/// Who belongs to what at some time, by position; with the block of the first registration.
#[derive(Default)]
pub(crate) struct Membership {
    /// (operator, avs, first block)
    pub(crate) avs: Vec<(usize, usize, usize)>,
    /// (operator, set, first block)
    pub(crate) sets: Vec<(usize, usize, usize)>,
    /// (strategy, set)
    pub(crate) strategies: Vec<(usize, usize)>,
}

/// Writes all registrations.
pub(crate) fn write(params: &Params, actors: &Actors, sink: &mut Sink) -> Membership {
    let rng = &mut Rng::new(params.seed, Topic::Registrations);
    let mut membership = Membership::default();
    for operator in 0..actors.operators.len() {
        for avs in 0..actors.avss.len() {
            // Every avs has an operator, so that its rewards have someone to go to.
            if avs % actors.operators.len() != operator && !rng.chance(600) {
                continue;
            }
            let history = history(params, sink, rng);
            membership.avs.push((operator, avs, history[0].0));
            for (block, registered) in history {
                let log = sink.log(block);
                sink.push(
                    &AVS_OPERATOR_STATE_CHANGES,
                    vec![
                        Cell::Address(actors.operators[operator]),
                        Cell::Address(actors.avss[avs]),
                        log.block_cell(),
                        log.index_cell(),
                        Cell::Flag(registered),
                        log.transaction_cell(),
                    ],
                );
            }
        }
        for set in 0..actors.sets.len() {
            if set % actors.operators.len() == operator || rng.chance(500) {
                let history = history(params, sink, rng);
                membership.sets.push((operator, set, history[0].0));
                let table = &OPERATOR_SET_OPERATOR_REGISTRATIONS;
                write_set(actors, sink, table, Cell::Address(actors.operators[operator]), set, history);
            }
        }
    }
    for set in 0..actors.sets.len() {
        let bare = rng.chance(params.style.bare_sets);
        for strategy in 0..actors.strategies.len() {
            if !bare && rng.chance(700) {
                let history = history(params, sink, rng);
                membership.strategies.push((strategy, set));
                let table = &OPERATOR_SET_STRATEGY_REGISTRATIONS;
                write_set(actors, sink, table, Cell::Address(actors.strategies[strategy]), set, history);
            }
        }
    }
    membership
}

fn write_set(
    actors: &Actors,
    sink: &mut Sink,
    table: &'static crate::schema::Table,
    member: Cell,
    set: usize,
    history: Vec<(usize, bool)>,
) {
    let set = actors.sets[set];
    for (block, active) in history {
        let log = sink.log(block);
        sink.push(
            table,
            vec![
                member.clone(),
                Cell::Address(actors.avss[set.avs]),
                Cell::Integer(set.id),
                Cell::Flag(active),
                log.block_cell(),
                log.transaction_cell(),
                log.index_cell(),
            ],
        );
    }
}

/// A never empty history of registrations: (block, registered) in order, many on one day if there is churn.
fn history(params: &Params, sink: &Sink, rng: &mut Rng) -> Vec<(usize, bool)> {
    let churn = params.style.churn;
    let days = days_between(params.first_day, params.end_day());
    let mut day = if rng.chance(800) { rng.range(0, 3) } else { rng.range(0, days - 1) };
    let first: &[bool] = match rng.weighted(&[900, churn / 8, churn / 8, churn / 8]) {
        0 => &[true],
        1 => &[true, false, true],
        2 => &[false, true],
        _ => &[true, false],
    };
    let mut history = Vec::new();
    let mut registered = false;
    let mut flags = first;
    loop {
        let blocks = sink.timeline.several_on(plus(params.first_day, day), flags.len(), rng);
        history.extend(blocks.into_iter().zip(flags.iter().copied()));
        registered = flags.last().copied().unwrap_or(registered);
        if registered && !rng.chance(churn) {
            return history;
        }
        day += match (registered, rng.chance(300)) {
            (_, true) => rng.range(1, 3),
            (true, false) => rng.range(1, (days / 2).max(2)),
            (false, false) => rng.range(1, 9),
        };
        if day >= days {
            return history;
        }
        flags = match (registered, rng.weighted(&[6, 2, 1, 1])) {
            (true, 0) => &[false],
            (true, 1) => &[false, true],
            (true, 2) => &[false, true, false],
            (true, _) => &[true],
            (false, 0) => &[true],
            (false, 1) => &[true, false],
            (false, 2) => &[true, false, true],
            (false, _) => &[false],
        };
    }
}
