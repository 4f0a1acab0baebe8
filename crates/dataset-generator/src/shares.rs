//! Carries out the plan of `delegations`: share deltas of stakers and operators, delegations, maximum magnitudes.

use crate::actors::Actors;
use crate::blocks::Log;
use crate::cell::{Address, Cell};
use crate::chains::NATIVE;
use crate::dataset::Sink;
use crate::delegations::{Account, Action, accounts, plan};
use crate::numbers::{UNIT, deposit};
use crate::params::Params;
use crate::rng::{Rng, Topic};
use crate::schema::{OPERATOR_MAX_MAGNITUDES, OPERATOR_SHARE_DELTAS, STAKER_DELEGATION_CHANGES, STAKER_SHARE_DELTAS};
use std::collections::BTreeMap;

/// Writes the four tables.
pub(crate) fn write(params: &Params, actors: &Actors, sink: &mut Sink) {
    let mut rng = Rng::new(params.seed, Topic::Shares);
    let accounts = accounts(params, actors, &mut rng);
    let plan = plan(params, actors, &accounts, &sink.timeline, &mut rng);
    let mut state = State {
        params,
        actors,
        sink,
        rng,
        balances: vec![vec![0; actors.strategies.len()]; accounts.len()],
        queued: vec![Vec::new(); accounts.len()],
        operator_of: vec![None; accounts.len()],
        maximum: BTreeMap::new(),
        accounts,
    };
    for (block, action) in plan {
        state.act(block, action);
    }
}

struct State<'a> {
    params: &'a Params,
    actors: &'a Actors,
    sink: &'a mut Sink,
    rng: Rng,
    accounts: Vec<Account>,
    /// By account and strategy.
    balances: Vec<Vec<i128>>,
    /// Withdrawn and not yet returned, by account.
    queued: Vec<Vec<(usize, i128)>>,
    operator_of: Vec<Option<usize>>,
    maximum: BTreeMap<(usize, usize), i128>,
}

impl State<'_> {
    fn act(&mut self, block: usize, action: Action) {
        match action {
            Action::Deposit(account) => {
                for _ in 0..self.rng.count(1, 3) {
                    let strategy = self.rng.count(0, self.actors.strategies.len() - 1);
                    let shares = deposit(&mut self.rng, self.actors.digits[strategy]);
                    self.change(block, account, &[(strategy, shares)]);
                }
            }
            Action::Rebase(account) => self.rebase(block, account),
            Action::WithdrawSome(account) => self.withdraw_some(block, account),
            Action::WithdrawAll(account) => self.withdraw_all(block, account),
            Action::Overdraw(account) => {
                let strategy = self.rng.count(0, self.actors.strategies.len() - 1);
                let more = deposit(&mut self.rng, self.actors.digits[strategy]);
                let shares = self.balances[account][strategy].max(0) + more;
                self.change(block, account, &[(strategy, -shares)]);
                self.queued[account].push((strategy, shares));
            }
            Action::Return(account) => {
                for returned in std::mem::take(&mut self.queued[account]) {
                    self.change(block, account, &[returned]);
                }
            }
            Action::Delegate(account) => self.delegate(block, account),
            Action::Undelegate(account) => {
                self.undelegate(block, account);
                if self.rng.chance(500) {
                    self.withdraw_all(block, account);
                }
            }
            Action::Slash(operator, strategy) => self.slash(block, operator, strategy),
            Action::SmallMaximum(operator, strategy) => {
                let value = self.actors.small_magnitudes.get(&(operator, strategy)).copied().unwrap_or(UNIT);
                self.set_maximum(block, operator, strategy, value);
            }
        }
    }

    /// One log that changes an account's shares, and its operator's.
    fn change(&mut self, block: usize, account: usize, changes: &[(usize, i128)]) {
        let log = self.sink.log(block);
        let mut total: BTreeMap<usize, i128> = BTreeMap::new();
        for (index, (strategy, shares)) in changes.iter().enumerate() {
            self.staker_delta(log, account, *strategy, index as i128, *shares);
            *total.entry(*strategy).or_default() += shares;
        }
        if let Some(operator) = self.operator_of[account] {
            for (strategy, shares) in total {
                self.operator_delta(log, operator, account, strategy, shares);
            }
        }
    }

    fn staker_delta(&mut self, log: Log, account: usize, strategy: usize, index: i128, shares: i128) {
        self.balances[account][strategy] += shares;
        self.sink.push(
            &STAKER_SHARE_DELTAS,
            vec![
                Cell::Address(self.accounts[account].address),
                Cell::Address(self.actors.strategies[strategy]),
                Cell::Integer(shares),
                Cell::Integer(index),
                log.transaction_cell(),
                log.index_cell(),
                Cell::Time(log.time),
                Cell::Date(log.time.date()),
                log.block_cell(),
            ],
        );
    }

    fn operator_delta(&mut self, log: Log, operator: usize, account: usize, strategy: usize, shares: i128) {
        let mut shares = shares;
        if self.rng.chance(self.params.style.share_drift) {
            match self.rng.below(3) {
                0 => return,
                1 => shares += 1,
                _ => shares = shares * 2 / 3,
            }
        }
        self.sink.push(
            &OPERATOR_SHARE_DELTAS,
            vec![
                Cell::Address(self.actors.operators[operator]),
                Cell::Address(self.actors.strategies[strategy]),
                Cell::Integer(shares),
                log.transaction_cell(),
                log.index_cell(),
                Cell::Time(log.time),
                Cell::Date(log.time.date()),
                log.block_cell(),
                Cell::Address(self.accounts[account].address),
            ],
        );
    }

    fn rebase(&mut self, block: usize, account: usize) {
        let Some(native) = self.actors.strategies.iter().position(|strategy| *strategy == NATIVE) else {
            return;
        };
        let balance = self.balances[account][native];
        let shares = match self.rng.below(4) {
            0 => deposit(&mut self.rng, 18),
            1 => -self.part(balance.abs()),
            2 => self.part(balance.abs()),
            _ if self.rng.chance(self.params.style.negative_shares) => -deposit(&mut self.rng, 18),
            _ => 1,
        };
        if shares != 0 {
            self.change(block, account, &[(native, shares)]);
        }
    }

    /// From nothing to all of it.
    fn part(&mut self, whole: i128) -> i128 {
        self.rng.wide(0, whole.max(0) as u128) as i128
    }

    fn held(&self, account: usize) -> Vec<(usize, i128)> {
        self.balances[account].iter().copied().enumerate().filter(|(_, shares)| *shares > 0).collect()
    }

    /// A queued withdrawal of several strategies, sometimes of one strategy twice in the same log.
    fn withdraw_some(&mut self, block: usize, account: usize) {
        let held = self.held(account);
        let n = self.rng.count(1, 3);
        let mut changes = Vec::new();
        for (strategy, shares) in self.rng.subset(&held, n) {
            let taken = if self.rng.chance(200) { shares } else { self.part(shares - 1) + 1 };
            if taken > 1 && self.rng.chance(250) {
                changes.push((strategy, -(taken / 3).max(1)));
                changes.push((strategy, -(taken - (taken / 3).max(1))));
            } else {
                changes.push((strategy, -taken));
            }
        }
        self.withdraw(block, account, changes);
    }

    fn withdraw_all(&mut self, block: usize, account: usize) {
        let changes = self.held(account).into_iter().map(|(strategy, shares)| (strategy, -shares)).collect();
        self.withdraw(block, account, changes);
    }

    fn withdraw(&mut self, block: usize, account: usize, changes: Vec<(usize, i128)>) {
        if !changes.is_empty() {
            self.change(block, account, &changes);
            self.queued[account].extend(changes.into_iter().map(|(strategy, shares)| (strategy, -shares)));
        }
    }

    fn delegate(&mut self, block: usize, account: usize) {
        self.undelegate(block, account);
        let operator = match self.accounts[account].own {
            Some(own) => own,
            // The first operators have the most stakers.
            None => {
                let last = self.actors.operators.len() - 1;
                let highest = self.rng.count(0, last);
                self.rng.count(0, highest)
            }
        };
        self.operator_of[account] = Some(operator);
        self.delegation(block, account, operator, true);
    }

    fn undelegate(&mut self, block: usize, account: usize) {
        if let Some(operator) = self.operator_of[account].take() {
            self.delegation(block, account, operator, false);
        }
    }

    /// The change of delegation and the operator's shares that follow from it.
    fn delegation(&mut self, block: usize, account: usize, operator: usize, delegated: bool) {
        let log = self.sink.log(block);
        self.sink.push(
            &STAKER_DELEGATION_CHANGES,
            vec![
                Cell::Address(self.accounts[account].address),
                Cell::Address(self.actors.operators[operator]),
                Cell::Flag(delegated),
                log.block_cell(),
                log.index_cell(),
                log.transaction_cell(),
            ],
        );
        for (strategy, shares) in self.held(account) {
            let log = self.sink.log(block);
            self.operator_delta(log, operator, account, strategy, if delegated { shares } else { -shares });
        }
    }

    fn slash(&mut self, block: usize, operator: usize, strategy: usize) {
        let whole: i128 = self.rng.pick(&[2, 3, 7, 10, 13, 100]);
        let burnt = i128::from(self.rng.range(1, whole as i64 - 1));
        let maximum = self.maximum.get(&(operator, strategy)).copied().unwrap_or(UNIT);
        self.set_maximum(block, operator, strategy, (maximum * (whole - burnt) / whole).max(1));
        let log = self.sink.log(block);
        for account in 0..self.accounts.len() {
            let shares = self.balances[account][strategy] * burnt / whole;
            if self.operator_of[account] == Some(operator) && shares > 0 {
                self.staker_delta(log, account, strategy, 0, -shares);
                self.operator_delta(log, operator, account, strategy, -shares);
            }
        }
    }

    fn set_maximum(&mut self, block: usize, operator: usize, strategy: usize, value: i128) {
        self.maximum.insert((operator, strategy), value);
        let log = self.sink.log(block);
        let address = |address: Address| Cell::Address(address);
        self.sink.push(
            &OPERATOR_MAX_MAGNITUDES,
            vec![
                address(self.actors.operators[operator]),
                address(self.actors.strategies[strategy]),
                Cell::Integer(value),
                log.transaction_cell(),
                log.index_cell(),
                log.block_cell(),
            ],
        );
    }
}
