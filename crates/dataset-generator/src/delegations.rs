//! When stakers deposit, withdraw and delegate, and when operators are slashed. What comes of it is decided in `shares`.

use crate::actors::Actors;
use crate::blocks::Timeline;
use crate::calendar::{days_between, plus};
use crate::params::Params;
use crate::rng::Rng;

/// Something that happens at a block.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// A deposit into some strategies.
    Deposit(usize),
    /// Native shares change by a signed amount, perhaps below zero.
    Rebase(usize),
    /// A withdrawal of a part of some strategies.
    WithdrawSome(usize),
    /// A withdrawal of everything.
    WithdrawAll(usize),
    /// More is taken out of a strategy than there is.
    Overdraw(usize),
    /// What was withdrawn comes back.
    Return(usize),
    /// Delegation to some operator; a switch if there is one already.
    Delegate(usize),
    /// Undelegation, often with the withdrawal of all shares.
    Undelegate(usize),
    /// A part of an operator's shares of a strategy is burnt.
    Slash(usize, usize),
    /// A small maximum magnitude.
    SmallMaximum(usize, usize),
}

/// A staker: one of its own or an operator that delegates to itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) address: crate::cell::Address,
    /// The operator it is.
    pub(crate) own: Option<usize>,
}

/// Everybody with shares.
pub(crate) fn accounts(params: &Params, actors: &Actors, rng: &mut Rng) -> Vec<Account> {
    let mut accounts: Vec<Account> =
        actors.stakers.iter().map(|address| Account { address: *address, own: None }).collect();
    for (operator, address) in actors.operators.iter().enumerate() {
        if rng.chance(params.style.self_delegation) {
            accounts.push(Account { address: *address, own: Some(operator) });
        }
    }
    accounts
}

/// All actions in order.
pub(crate) fn plan(
    params: &Params,
    actors: &Actors,
    accounts: &[Account],
    timeline: &Timeline,
    rng: &mut Rng,
) -> Vec<(usize, Action)> {
    let mut planner = Planner { params, timeline, actions: Vec::new() };
    for (number, account) in accounts.iter().enumerate() {
        planner.start(number, account.own.is_some(), rng);
        planner.life(number, account.own.is_some(), rng);
    }
    planner.slashings(actors, rng);
    // A stable sort: what was planned first in a block comes first.
    planner.actions.sort_by_key(|(block, _)| *block);
    planner.actions
}

struct Planner<'a> {
    params: &'a Params,
    timeline: &'a Timeline,
    actions: Vec<(usize, Action)>,
}

impl Planner<'_> {
    /// Days in the window.
    fn days(&self) -> i64 {
        days_between(self.params.first_day, self.params.end_day())
    }

    /// Puts actions on one day, in order.
    fn on(&mut self, day: i64, actions: &[Action], rng: &mut Rng) {
        let date = plus(self.params.first_day, day);
        let blocks = self.timeline.several_on(date, actions.len(), rng);
        self.actions.extend(blocks.into_iter().zip(actions.iter().copied()));
    }

    fn start(&mut self, account: usize, operator: bool, rng: &mut Rng) {
        let day = if operator || rng.chance(800) { rng.range(0, 2) } else { rng.range(0, self.days() - 1) };
        match rng.weighted(&[55, 25, 12, 8]) {
            0 => self.on(day, &[Action::Deposit(account), Action::Delegate(account)], rng),
            1 => {
                self.on(day, &[Action::Deposit(account)], rng);
                self.on(day + rng.range(0, 3), &[Action::Delegate(account)], rng);
            }
            2 => {
                self.on(day, &[Action::Delegate(account)], rng);
                self.on(day + rng.range(0, 3), &[Action::Deposit(account)], rng);
            }
            _ => self.on(day, &[Action::Deposit(account)], rng),
        }
    }

    fn life(&mut self, account: usize, operator: bool, rng: &mut Rng) {
        let style = &self.params.style;
        let mut day = rng.range(2, 8);
        while day < self.days() {
            if rng.chance(250 + style.churn / 2) {
                self.event(account, operator, day, rng);
            }
            day += rng.range(2, 14);
        }
    }

    /// Something on a day: a single action, or several that undo one another.
    fn event(&mut self, account: usize, operator: bool, day: i64, rng: &mut Rng) {
        use Action::*;
        let style = &self.params.style;
        if rng.chance(style.negative_shares) {
            self.on(day, &[Overdraw(account)], rng);
            if rng.chance(700) {
                self.on(day + rng.range(0, 9), &[Return(account)], rng);
                self.on(day + rng.range(1, 9), &[Deposit(account)], rng);
            }
        } else if rng.chance(style.churn / 2) {
            let pattern: &[Action] = match rng.below(if operator { 4 } else { 9 }) {
                0 => &[Deposit(account), WithdrawAll(account)],
                1 => &[WithdrawAll(account), Return(account)],
                2 => &[WithdrawSome(account), Deposit(account), WithdrawSome(account)],
                3 => &[Rebase(account), Rebase(account)],
                4 => &[Undelegate(account), Delegate(account)],
                5 => &[Delegate(account), Delegate(account)],
                6 => &[Undelegate(account), Delegate(account), Undelegate(account)],
                7 => &[Delegate(account), Undelegate(account), Return(account), Delegate(account)],
                _ => &[Undelegate(account), Return(account), Delegate(account)],
            };
            self.on(day, pattern, rng);
        } else {
            match rng.weighted(if operator { &[30, 15, 25, 10, 0, 0] } else { &[25, 12, 22, 10, 18, 13] }) {
                0 => self.on(day, &[Deposit(account)], rng),
                1 => self.on(day, &[Rebase(account)], rng),
                2 => self.on(day, &[WithdrawSome(account)], rng),
                3 => {
                    self.on(day, &[WithdrawAll(account)], rng);
                    self.come_back(account, day, rng);
                }
                4 => self.on(day, &[Delegate(account)], rng),
                _ => {
                    self.on(day, &[Undelegate(account)], rng);
                    self.come_back(account, day, rng);
                    if rng.chance(600) {
                        self.on(day + rng.range(1, 8), &[Delegate(account)], rng);
                    }
                }
            }
        }
    }

    fn come_back(&mut self, account: usize, day: i64, rng: &mut Rng) {
        if rng.chance(650) {
            self.on(day + rng.range(1, 14), &[Action::Return(account)], rng);
        }
    }

    fn slashings(&mut self, actors: &Actors, rng: &mut Rng) {
        for (operator, strategy) in actors.small_magnitudes.keys() {
            self.on(rng.range(0, 2), &[Action::SmallMaximum(*operator, *strategy)], rng);
        }
        for operator in 0..actors.operators.len() {
            for strategy in 0..actors.strategies.len() {
                let mut day = rng.range(2, self.days() - 1);
                while day < self.days() && rng.chance(self.params.style.slashing) {
                    self.on(day, &[Action::Slash(operator, strategy)], rng);
                    day += rng.range(0, 12);
                }
            }
        }
    }
}
