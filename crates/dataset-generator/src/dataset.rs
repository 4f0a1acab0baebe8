//! A dataset, and the sink its rows are gathered in.

use crate::blocks::{Log, Timeline};
use crate::cell::{Cell, Row};
use crate::params::Params;
use crate::schema::{SUBMISSION_TABLES, TABLES, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A generated dataset.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dataset {
    /// What it was made from; `chain` and `cutoffs` are written with it.
    pub params: Params,
    /// The rows of every table of [`TABLES`], in time order.
    pub tables: BTreeMap<&'static str, Vec<Row>>,
}

impl Dataset {
    /// The rows of a table.
    pub fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// All rows.
    pub fn row_count(&self) -> usize {
        self.tables.values().map(Vec::len).sum()
    }

    /// Distinct reward hashes.
    pub fn submission_count(&self) -> usize {
        let mut hashes = BTreeSet::new();
        for table in SUBMISSION_TABLES {
            hashes.extend(self.rows(table.name).iter().filter_map(|row| row.hash("reward_hash")));
        }
        hashes.len()
    }

    /// A few lines for people.
    pub fn summary(&self) -> String {
        let params = &self.params;
        let cutoffs: Vec<String> = params.cutoffs.iter().map(ToString::to_string).collect();
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "seed {} on {}, {} days from {}; cutoffs {}",
            params.seed,
            params.chain,
            params.days,
            params.first_day,
            cutoffs.join(" ")
        );
        let _ = writeln!(
            text,
            "{} stakers, {} operators, {} avss with {} sets, {} strategies, {} submissions",
            params.stakers,
            params.operators,
            params.avss,
            params.operator_sets_per_avs,
            params.strategies,
            self.submission_count()
        );
        for (name, rows) in &self.tables {
            let _ = writeln!(text, "{:>8} {name}", rows.len());
        }
        text
    }
}

/// Where the rows of a dataset are gathered.
pub(crate) struct Sink {
    pub(crate) timeline: Timeline,
    tables: BTreeMap<&'static str, Vec<Row>>,
}

impl Sink {
    pub(crate) fn new(timeline: Timeline) -> Self {
        let tables = TABLES.iter().map(|table| (table.name, Vec::new())).collect();
        Self { timeline, tables }
    }

    pub(crate) fn log(&mut self, block: usize) -> Log {
        self.timeline.log(block)
    }

    pub(crate) fn push(&mut self, table: &'static Table, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), table.columns.len(), "{}", table.name);
        self.tables.entry(table.name).or_default().push(Row { table, cells });
    }

    pub(crate) fn finish(mut self, params: &Params) -> Dataset {
        self.tables.insert("blocks", self.timeline.rows());
        for table in TABLES {
            let keys = ["block_number", "log_index", "operator_index", "strategy_index"];
            let positions: Vec<usize> = keys.iter().filter_map(|key| table.position(key)).collect();
            if let Some(rows) = self.tables.get_mut(table.name) {
                let key = |row: &Row| -> Vec<i128> {
                    let integer = |at: &usize| match row.cells[*at] {
                        Cell::Integer(number) => number,
                        _ => 0,
                    };
                    positions.iter().map(integer).collect()
                };
                rows.sort_by_cached_key(key);
            }
        }
        Dataset { params: params.clone(), tables: self.tables }
    }
}
