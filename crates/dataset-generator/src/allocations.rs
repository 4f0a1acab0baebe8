//! Magnitudes that operators allocate to operator sets.

use crate::actors::Actors;
use crate::calendar::{days_between, plus};
use crate::cell::Cell;
use crate::dataset::Sink;
use crate::numbers::{UNIT, magnitude};
use crate::params::Params;
use crate::registrations::Membership;
use crate::rng::{Rng, Topic};
use crate::schema::OPERATOR_ALLOCATIONS;

/// One operator, set and strategy.
#[derive(Clone, Copy)]
struct Key {
    operator: usize,
    set: usize,
    strategy: usize,
}

/// Writes the allocations.
pub(crate) fn write(params: &Params, actors: &Actors, membership: &Membership, sink: &mut Sink) {
    let mut writer = Writer { params, actors, sink, rng: Rng::new(params.seed, Topic::Allocations) };
    for (operator, set, _) in &membership.sets {
        for strategy in 0..actors.strategies.len() {
            let registered = membership.strategies.contains(&(strategy, *set));
            if writer.rng.chance(if registered { 800 } else { 350 }) {
                writer.history(Key { operator: *operator, set: *set, strategy });
            }
        }
    }
}

struct Writer<'a> {
    params: &'a Params,
    actors: &'a Actors,
    sink: &'a mut Sink,
    rng: Rng,
}

impl Writer<'_> {
    /// The first allocation of a key, mostly early, and its changes.
    fn history(&mut self, key: Key) {
        let style = &self.params.style;
        let days = days_between(self.params.first_day, self.params.end_day());
        let max = self.actors.small_magnitudes.get(&(key.operator, key.strategy)).copied().unwrap_or(UNIT);
        let mut day = if self.rng.chance(800) { self.rng.range(0, 3) } else { self.rng.range(0, days - 1) };
        let mut value = magnitude(&mut self.rng, max);
        self.on(day, key, value);
        while day < days && self.rng.chance(style.reallocations) {
            day += self.rng.range(0, (days / 4).max(2));
            if self.rng.chance(style.up_then_down) {
                // The two windows begin on the same day.
                let higher = value + magnitude(&mut self.rng, max);
                self.at(day, key, higher.min(max));
                day += 1;
                value /= 2;
                self.at(day, key, value);
                continue;
            }
            for _ in 0..self.rng.weighted(&[0, 70, 20, 10]) {
                value = match self.rng.below(5) {
                    0 => 0,
                    1 => value,
                    2 => value / 2,
                    _ => magnitude(&mut self.rng, max),
                };
                self.on(day, key, value);
            }
        }
    }

    /// A change that is effective at once.
    fn at(&mut self, day: i64, key: Key, value: i128) {
        let block = self.sink.timeline.on(plus(self.params.first_day, day), &mut self.rng);
        self.push(key, value, block, self.sink.timeline.number(block));
    }

    /// A change that is effective at once, blocks later, days later, or at a block that is not there.
    fn on(&mut self, day: i64, key: Key, value: i128) {
        let timeline = &self.sink.timeline;
        let rng = &mut self.rng;
        let block = timeline.on(plus(self.params.first_day, day), rng);
        let last = timeline.last();
        let effective = if rng.chance(self.params.style.missing_effective_blocks) {
            if block < last && rng.chance(500) {
                // Between two blocks; the block itself where there is no room.
                let (low, high) = (timeline.number(block), timeline.number(block + 1));
                rng.range(low + i64::from(high - low > 1), high - 1)
            } else {
                timeline.number(last) + rng.range(1, 100_000)
            }
        } else {
            match rng.weighted(&[55, 28, 17]) {
                0 => timeline.number(block),
                1 => timeline.number(rng.count(block, (block + 12).min(last))),
                _ => {
                    let date = plus(timeline.date(block), rng.range(1, 17));
                    timeline.number(timeline.on(date, rng).max(block))
                }
            }
        };
        self.push(key, value, block, effective);
    }

    fn push(&mut self, key: Key, value: i128, block: usize, effective: i64) {
        let log = self.sink.log(block);
        let set = self.actors.sets[key.set];
        self.sink.push(
            &OPERATOR_ALLOCATIONS,
            vec![
                Cell::Address(self.actors.operators[key.operator]),
                Cell::Address(self.actors.strategies[key.strategy]),
                Cell::Integer(value),
                Cell::Integer(i128::from(effective)),
                Cell::Integer(set.id),
                Cell::Address(self.actors.avss[set.avs]),
                log.block_cell(),
                log.transaction_cell(),
                log.index_cell(),
            ],
        );
    }
}
