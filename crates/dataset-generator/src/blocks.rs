//! Blocks, and the logs in them.

use crate::calendar::{days_between, midnight, plus};
use crate::cell::{Cell, Hash, Row};
use crate::params::Params;
use crate::rng::{Rng, Topic};
use crate::schema::BLOCKS;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use std::collections::BTreeSet;

/// One block and what is left to give out of it.
struct Block {
    number: i64,
    time: NaiveDateTime,
    hash: Hash,
    logs: i64,
    transaction: Hash,
}

/// The place of one event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    pub(crate) number: i64,
    pub(crate) time: NaiveDateTime,
    pub(crate) transaction: Hash,
    pub(crate) index: i64,
}

impl Log {
    pub(crate) fn block_cell(&self) -> Cell {
        Cell::Integer(i128::from(self.number))
    }

    pub(crate) fn index_cell(&self) -> Cell {
        Cell::Integer(i128::from(self.index))
    }

    pub(crate) fn transaction_cell(&self) -> Cell {
        Cell::Hash(self.transaction)
    }
}

/// All blocks in order; a block is named by its position.
pub(crate) struct Timeline {
    blocks: Vec<Block>,
    /// Position of the first block of each day, by days since the first.
    starts: Vec<usize>,
    first_day: NaiveDate,
    logs: Rng,
}

impl Timeline {
    pub(crate) fn draw(params: &Params) -> Self {
        let mut rng = Rng::new(params.seed, Topic::Blocks);
        let style = &params.style;
        let end = params.end_day();
        let mut starts = Vec::new();
        let mut times = Vec::new();
        for day in 0..i64::from(params.days) {
            let date = plus(params.first_day, day);
            starts.push(times.len());
            let most = style.blocks_per_day.max(1) as usize;
            let mut seconds: BTreeSet<i64> = (0..rng.count(1 + most / 3, most)).map(|_| rng.range(1, 86_399)).collect();
            let at_cutoff = if params.cutoffs.contains(&date) { style.midnight_blocks } else { 0 };
            if rng.chance(style.midnight_blocks + at_cutoff) {
                seconds.insert(0);
            }
            if rng.chance(style.midnight_blocks / 4) {
                seconds.insert(86_399);
            }
            times.extend(seconds.into_iter().map(|second| midnight(date) + TimeDelta::seconds(second)));
        }
        starts.push(times.len());
        let closing = if rng.chance(style.midnight_blocks.max(100)) { 0 } else { rng.range(1, 80_000) };
        times.push(midnight(end) + TimeDelta::seconds(closing));
        let mut number = 20_000_000;
        let blocks = times
            .into_iter()
            .map(|time| {
                number += rng.range(1, 700);
                Block { number, time, hash: Hash(rng.bytes()), logs: 0, transaction: Hash(rng.bytes()) }
            })
            .collect();
        Self { blocks, starts, first_day: params.first_day, logs: Rng::new(params.seed, Topic::Logs) }
    }

    /// The position of the last block.
    pub(crate) fn last(&self) -> usize {
        self.blocks.len() - 1
    }

    pub(crate) fn number(&self, block: usize) -> i64 {
        self.blocks[block].number
    }

    pub(crate) fn time(&self, block: usize) -> NaiveDateTime {
        self.blocks[block].time
    }

    pub(crate) fn date(&self, block: usize) -> NaiveDate {
        self.blocks[block].time.date()
    }

    fn day(&self, date: NaiveDate) -> (usize, usize) {
        let day = days_between(self.first_day, date).clamp(0, self.starts.len() as i64 - 1) as usize;
        let from = self.starts[day];
        let to = self.starts.get(day + 1).copied().unwrap_or(self.blocks.len());
        (from, to - 1)
    }

    /// Some block of a day (of the nearest day there is), with a liking for one at midnight.
    pub(crate) fn on(&self, date: NaiveDate, rng: &mut Rng) -> usize {
        let (from, to) = self.day(date);
        if self.time(from) == midnight(self.date(from)) && rng.chance(250) { from } else { rng.count(from, to) }
    }

    /// Some blocks of a day in order, perhaps repeated.
    pub(crate) fn several_on(&self, date: NaiveDate, n: usize, rng: &mut Rng) -> Vec<usize> {
        let mut blocks: Vec<usize> = (0..n).map(|_| self.on(date, rng)).collect();
        blocks.sort_unstable();
        blocks
    }

    /// Some block from one day to another.
    pub(crate) fn between(&self, from: NaiveDate, to: NaiveDate, rng: &mut Rng) -> usize {
        let date = plus(from, rng.range(0, days_between(from, to).max(0)));
        self.on(date, rng)
    }

    /// The first block of a day (of the nearest day there is).
    pub(crate) fn first_on(&self, date: NaiveDate) -> usize {
        self.day(date).0
    }

    /// The next log of a block, often of the transaction before.
    pub(crate) fn log(&mut self, block: usize) -> Log {
        let same_transaction = self.logs.chance(300);
        let skip = self.logs.weighted(&[60, 25, 15]) as i64;
        let fresh = Hash(self.logs.bytes());
        let block = &mut self.blocks[block];
        if !same_transaction {
            block.transaction = fresh;
        }
        block.logs += 1 + skip;
        Log { number: block.number, time: block.time, transaction: block.transaction, index: block.logs }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut parent = Cell::Null;
        let mut rows = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let hash = Cell::Hash(block.hash);
            let cells = vec![Cell::Integer(i128::from(block.number)), hash.clone(), Cell::Time(block.time), parent];
            rows.push(Row { table: &BLOCKS, cells });
            parent = hash;
        }
        rows
    }
}
