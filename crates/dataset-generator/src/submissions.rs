//! Reward submissions of all kinds.

use crate::actors::Actors;
use crate::cell::{Address, Cell, Hash};
use crate::chains::forks;
use crate::dataset::Sink;
use crate::numbers::{amount, multiplier};
use crate::params::Params;
use crate::registrations::Membership;
use crate::rng::{Rng, Topic};
use crate::schema::{
    OPERATOR_DIRECTED_OPERATOR_SET_REWARD_SUBMISSIONS, OPERATOR_DIRECTED_REWARD_SUBMISSIONS, REWARD_SUBMISSIONS,
    TOTAL_STAKE_REWARD_SUBMISSIONS, Table, UNIQUE_STAKE_REWARD_SUBMISSIONS,
};
use crate::windows::{Window, draw};
use std::collections::BTreeSet;

/// Writes the five tables.
pub(crate) fn write(params: &Params, actors: &Actors, membership: &Membership, sink: &mut Sink) {
    let rng = Rng::new(params.seed, Topic::Submissions);
    let mut writer = Writer { params, actors, membership, sink, rng };
    for reward_type in ["avs", "all_stakers", "all_earners"] {
        for _ in 0..writer.how_many(None) {
            writer.version_1(reward_type);
        }
    }
    for _ in 0..writer.how_many(Some("arno")) {
        writer.directed(None);
    }
    if actors.sets.is_empty() {
        return;
    }
    for _ in 0..writer.how_many(Some("mississippi")) {
        let set = writer.rng.count(0, actors.sets.len() - 1);
        writer.directed(Some(set));
    }
    for table in [&UNIQUE_STAKE_REWARD_SUBMISSIONS, &TOTAL_STAKE_REWARD_SUBMISSIONS] {
        for _ in 0..writer.how_many(Some("sabine")) {
            writer.staked(table);
        }
    }
}

struct Writer<'a> {
    params: &'a Params,
    actors: &'a Actors,
    membership: &'a Membership,
    sink: &'a mut Sink,
    rng: Rng,
}

/// What all rows of a submission share.
struct Submission {
    hash: Hash,
    token: Address,
    window: Window,
    /// (strategy, multiplier)
    strategies: Vec<(Address, u128)>,
}

fn number(value: u128) -> Cell {
    // Amounts and multipliers are below 10^38.
    Cell::Integer(value as i128)
}

fn position(value: usize) -> Cell {
    Cell::Integer(value as i128)
}

impl Writer<'_> {
    /// About as many as the parameters say; few if no run reaches the fork that opens the gate.
    fn how_many(&mut self, gate: Option<&str>) -> i64 {
        let open = forks(&self.params.chain)
            .iter()
            .filter(|fork| Some(fork.name) == gate)
            .all(|fork| fork.date <= self.params.last_cutoff());
        let usual = i64::from(self.params.submissions);
        if open { self.rng.range((usual * 2 / 3).max(1), usual * 4 / 3) } else { self.rng.range(0, 2) }
    }

    fn submission(&mut self, strategies: &[Address], directed: bool) -> Submission {
        let rng = &mut self.rng;
        let style = &self.params.style;
        let n = rng.count(1, strategies.len().min(4));
        let chosen = rng.subset(strategies, n);
        let mut strategies: Vec<(Address, u128)> =
            chosen.into_iter().map(|strategy| (strategy, multiplier(rng, style))).collect();
        if rng.chance(style.duplicate_strategies) {
            let twice = rng.pick(&strategies);
            strategies.push(twice);
        }
        if rng.chance(style.differing_duplicates) {
            let (strategy, weight) = rng.pick(&strategies);
            strategies.push((strategy, weight + 1));
        }
        Submission {
            hash: Hash(rng.bytes()),
            token: rng.pick(&self.actors.tokens),
            window: draw(self.params, &self.sink.timeline, directed, rng),
            strategies,
        }
    }

    fn version_1(&mut self, reward_type: &str) {
        let submission = self.submission(&self.actors.strategies, false);
        let avs = self.rng.pick(&self.actors.avss);
        let total = amount(&mut self.rng, &self.params.style);
        let log = self.sink.log(submission.window.block);
        for (index, (strategy, multiplier)) in submission.strategies.iter().enumerate() {
            let [start, end, duration] = submission.window_cells();
            self.sink.push(
                &REWARD_SUBMISSIONS,
                vec![
                    Cell::Address(avs),
                    Cell::Hash(submission.hash),
                    Cell::Address(submission.token),
                    number(total),
                    Cell::Address(*strategy),
                    position(index),
                    number(*multiplier),
                    start,
                    end,
                    duration,
                    Cell::Flag(reward_type == "all_stakers"),
                    log.block_cell(),
                    Cell::Text(reward_type.to_owned()),
                    log.transaction_cell(),
                    log.index_cell(),
                ],
            );
        }
    }

    /// Operators of a directed submission: members, others, strangers; ascending.
    fn directed_operators(&mut self, members: &[usize]) -> BTreeSet<Address> {
        let actors = self.actors;
        let rng = &mut self.rng;
        let n = rng.count(1, 4);
        let mut operators: BTreeSet<Address> =
            rng.subset(members, n).into_iter().map(|operator| actors.operators[operator]).collect();
        if operators.is_empty() || rng.chance(200) {
            operators.insert(rng.pick(&actors.operators));
        }
        if rng.chance(self.params.style.strangers) {
            if rng.chance(250) {
                operators.clear();
            }
            operators.insert(rng.pick(&actors.strangers));
        }
        operators
    }

    /// The strategies of a set, with another one now and then; any if it has none.
    fn set_strategies(&mut self, set: usize) -> Vec<Address> {
        let actors = self.actors;
        let mut strategies: BTreeSet<Address> = BTreeSet::new();
        for (strategy, of) in &self.membership.strategies {
            if *of == set {
                strategies.insert(actors.strategies[*strategy]);
            }
        }
        if strategies.is_empty() {
            return actors.strategies.clone();
        }
        if self.rng.chance(250) {
            strategies.insert(self.rng.pick(&actors.strategies));
        }
        strategies.into_iter().collect()
    }

    /// An operator-directed submission, of an avs or of an operator set.
    fn directed(&mut self, set: Option<usize>) {
        let actors = self.actors;
        let avs = set.map_or_else(|| self.rng.count(0, actors.avss.len() - 1), |set| actors.sets[set].avs);
        let members: Vec<usize> = match set {
            Some(set) => self.membership.sets.iter().filter(|(_, of, _)| *of == set).map(|(who, ..)| *who).collect(),
            None => self.membership.avs.iter().filter(|(_, of, _)| *of == avs).map(|(who, ..)| *who).collect(),
        };
        let strategies = set.map_or_else(|| actors.strategies.clone(), |set| self.set_strategies(set));
        let submission = self.submission(&strategies, true);
        let operators = self.directed_operators(&members);
        let log = self.sink.log(submission.window.block);
        for (operator_index, operator) in operators.into_iter().enumerate() {
            let total = amount(&mut self.rng, &self.params.style);
            for (index, (strategy, multiplier)) in submission.strategies.iter().enumerate() {
                let mut cells = vec![Cell::Address(actors.avss[avs])];
                cells.extend(set.map(|set| Cell::Integer(actors.sets[set].id)));
                cells.extend([
                    Cell::Hash(submission.hash),
                    Cell::Address(submission.token),
                    Cell::Address(operator),
                    position(operator_index),
                    number(total),
                    Cell::Address(*strategy),
                    position(index),
                    number(*multiplier),
                ]);
                cells.extend(submission.window_cells());
                let place = [log.block_cell(), log.transaction_cell(), log.index_cell()];
                let description = Cell::Text("weekly".to_owned());
                if set.is_some() {
                    cells.push(description);
                    cells.extend(place);
                    self.sink.push(&OPERATOR_DIRECTED_OPERATOR_SET_REWARD_SUBMISSIONS, cells);
                } else {
                    cells.extend(place);
                    cells.push(description);
                    self.sink.push(&OPERATOR_DIRECTED_REWARD_SUBMISSIONS, cells);
                }
            }
        }
    }

    /// A submission for an operator set by stake.
    fn staked(&mut self, table: &'static Table) {
        let set = self.rng.count(0, self.actors.sets.len() - 1);
        let strategies = self.set_strategies(set);
        let submission = self.submission(&strategies, false);
        let total = amount(&mut self.rng, &self.params.style);
        let log = self.sink.log(submission.window.block);
        let set = self.actors.sets[set];
        for (index, (strategy, multiplier)) in submission.strategies.iter().enumerate() {
            let mut cells = vec![
                Cell::Address(self.actors.avss[set.avs]),
                Cell::Integer(set.id),
                Cell::Hash(submission.hash),
                Cell::Address(submission.token),
                number(total),
                Cell::Address(*strategy),
                position(index),
                number(*multiplier),
            ];
            cells.extend(submission.window_cells());
            cells.extend([log.block_cell(), log.transaction_cell(), log.index_cell()]);
            self.sink.push(table, cells);
        }
    }
}

impl Submission {
    /// start_timestamp, end_timestamp, duration
    fn window_cells(&self) -> [Cell; 3] {
        let window = self.window;
        [Cell::Time(window.start), Cell::Time(window.end()), Cell::Integer(i128::from(window.days) * 86_400)]
    }
}
