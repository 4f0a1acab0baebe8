//! Operators' splits.

use crate::actors::Actors;
use crate::blocks::Log;
use crate::calendar::{midnight, plus};
use crate::cell::Cell;
use crate::dataset::Sink;
use crate::numbers::bips;
use crate::params::Params;
use crate::rng::{Rng, Topic};
use crate::schema::{DEFAULT_OPERATOR_SPLITS, OPERATOR_AVS_SPLITS, OPERATOR_PI_SPLITS, OPERATOR_SET_SPLITS, Table};
use chrono::{NaiveDateTime, TimeDelta};

/// Writes all four tables.
pub(crate) fn write(params: &Params, actors: &Actors, sink: &mut Sink) {
    let rng = &mut Rng::new(params.seed, Topic::Splits);
    let style = &params.style;
    let address = |address| Cell::Address(address);
    for operator in &actors.operators {
        for avs in &actors.avss {
            if rng.chance(style.splits) {
                let key = [address(*operator), address(*avs)];
                settings(params, sink, rng, &OPERATOR_AVS_SPLITS, &key, style.oversize_splits);
            }
        }
        if rng.chance(style.splits) {
            settings(params, sink, rng, &OPERATOR_PI_SPLITS, &[address(*operator)], style.oversize_splits);
        }
        for set in &actors.sets {
            if rng.chance(style.splits) {
                let key = [address(*operator), address(actors.avss[set.avs]), Cell::Integer(set.id)];
                settings(params, sink, rng, &OPERATOR_SET_SPLITS, &key, style.clamped_splits);
            }
        }
    }
    defaults(params, sink, rng);
}

/// The settings of one key: some now and then, some activating on the same day.
fn settings(params: &Params, sink: &mut Sink, rng: &mut Rng, table: &'static Table, key: &[Cell], oversize: u32) {
    let mut old = 1000;
    for _ in 0..rng.weighted(&[0, 50, 25, 15, 10]) {
        let first = sink.timeline.between(params.first_day, params.last_cutoff(), rng);
        let log = sink.log(first);
        let activated = activation(params, log, rng);
        old = setting(sink, rng, table, key, log, activated, (old, oversize));
        if rng.chance(300) {
            // A second setting of the same or a later block that takes effect on the same day (or as soon as it can).
            let second = rng.count(first, (first + 4).min(sink.timeline.last()));
            let log = sink.log(second);
            let activated = match rng.below(3) {
                0 => activated,
                1 => midnight(activated.date()),
                _ => midnight(activated.date()) + TimeDelta::seconds(rng.range(1, 86_399)),
            };
            old = setting(sink, rng, table, key, log, activated.max(log.time), (old, oversize));
        }
    }
}

/// When a setting takes effect: at once, days later, at a midnight, at a cutoff.
fn activation(params: &Params, log: Log, rng: &mut Rng) -> NaiveDateTime {
    let later = match rng.weighted(&[35, 30, 20, 15]) {
        0 => log.time,
        1 => log.time + TimeDelta::seconds(rng.range(1, 14 * 86_400)),
        2 => log.time + TimeDelta::days(rng.pick(&[1, 7, 14])),
        _ => {
            let near = params.cutoffs.iter().copied().find(|cutoff| midnight(*cutoff) >= log.time);
            midnight(near.unwrap_or_else(|| plus(log.time.date(), 1)))
        }
    };
    later.min(log.time + TimeDelta::days(14)).max(log.time)
}

/// Writes a setting and gives its value.
fn setting(
    sink: &mut Sink,
    rng: &mut Rng,
    table: &'static Table,
    key: &[Cell],
    log: Log,
    activated: NaiveDateTime,
    (old, oversize): (i128, u32),
) -> i128 {
    let new = bips(rng, oversize);
    let mut cells = key.to_vec();
    cells.extend([
        Cell::Time(activated),
        Cell::Integer(old),
        Cell::Integer(new),
        log.block_cell(),
        log.transaction_cell(),
        log.index_cell(),
    ]);
    sink.push(table, cells);
    new
}

fn defaults(params: &Params, sink: &mut Sink, rng: &mut Rng) {
    let mut blocks: Vec<usize> = (0..rng.weighted(&[20, 30, 30, 20]))
        .map(|_| sink.timeline.between(params.first_day, params.last_cutoff(), rng))
        .collect();
    if let Some(block) = blocks.first().copied()
        && rng.chance(300)
    {
        blocks.push(sink.timeline.on(sink.timeline.date(block), rng));
    }
    blocks.sort_unstable();
    let mut old = 1000;
    for block in blocks {
        let log = sink.log(block);
        let new = bips(rng, params.style.clamped_splits);
        let cells =
            vec![Cell::Integer(old), Cell::Integer(new), log.block_cell(), log.transaction_cell(), log.index_cell()];
        sink.push(&DEFAULT_OPERATOR_SPLITS, cells);
        old = new;
    }
}
