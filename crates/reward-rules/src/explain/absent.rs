//! Why somebody is not among those that a submission pays on a day.
//!
//! For each kind of submission and each role somebody may have, the conditions of its step are looked at in the order in which
//! the step applies them, with the predicates of the step itself; the first that does not hold is the reason.

use pg_numeric::Numeric;

use super::why_not::With;
use super::{About, Role, WhyNot};
use crate::reward::{OdLine, StakeLine, V1Line};
use crate::step02_staker_reward_amounts::reaches;
use crate::step05_rfae_stakers::{counts, excludes, sets_count};
use crate::step08_operator_od_reward_amounts::{is_registered, set_of};
use crate::step13_staker_od_operator_set_reward_amounts::strategy_registered;
use crate::step16_operator_operator_set_unique_stake_rewards::allocated_weight;
use crate::{DayState, Fork, Id, Rules, StakeType, V1Type};

/// The (submission, day) and who got nothing.
pub(crate) struct Absent<'a> {
    pub(crate) earner: Id,
    pub(crate) about: &'a About,
    pub(crate) state: &'a DayState,
    pub(crate) rules: &'a Rules,
    /// To whom something of the submission goes back that day.
    pub(crate) refunded: &'a [Id],
}

impl Absent<'_> {
    fn is_cutoff_day(&self) -> bool {
        self.state.day >= self.about.cutoff
    }

    fn cutoff_day(&self) -> WhyNot {
        WhyNot::CutoffDay { cutoff: self.about.cutoff }
    }

    /// Why the earner gets nothing of v1 lines.
    pub(crate) fn of_v1(&self, active: &[&V1Line]) -> Vec<(Role, WhyNot)> {
        let mut found = Vec::new();
        for kind in [V1Type::Avs, V1Type::AllStakers, V1Type::AllEarners] {
            let lines: Vec<&V1Line> = active.iter().copied().filter(|line| line.reward_type == kind).collect();
            let Some(first) = lines.first() else { continue };
            if first.avs == self.earner {
                found.push((Role::Avs, WhyNot::SubmitterPays));
            }
            if self.about.operator && kind != V1Type::AllStakers {
                found.push((Role::Operator, self.operator_of_v1(kind, self.earner, &lines)));
            }
            if self.about.may_be(Role::Staker) || found.is_empty() {
                found.extend(self.staker_of_v1(kind, &lines).map(|why| (Role::Staker, why)));
            }
        }
        found
    }

    fn staker_of_v1(&self, kind: V1Type, lines: &[&V1Line]) -> Option<WhyNot> {
        if kind == V1Type::AllStakers {
            return self.lacks(lines.iter().map(|line| (line.strategy, &line.multiplier)));
        }
        if self.is_cutoff_day() {
            return Some(self.cutoff_day());
        }
        if kind == V1Type::AllEarners && excludes(self.earner, self.state, self.rules) {
            return Some(WhyNot::Excluded { until: self.rules.date(Fork::Panama) });
        }
        self.of_operators(|operator| {
            self.keeps_v1_from(kind, operator, lines).or_else(|| {
                let reached =
                    lines.iter().filter(|line| kind == V1Type::AllEarners || reaches(line, operator, self.state));
                self.lacks(reached.map(|line| (line.strategy, &line.multiplier)))
            })
        })
    }

    fn operator_of_v1(&self, kind: V1Type, operator: Id, lines: &[&V1Line]) -> WhyNot {
        if self.is_cutoff_day() {
            return self.cutoff_day();
        }
        self.keeps_v1_from(kind, operator, lines).unwrap_or(WhyNot::NoStakers { operator })
    }

    /// Why lines do not reach an operator.
    fn keeps_v1_from(&self, kind: V1Type, operator: Id, lines: &[&V1Line]) -> Option<WhyNot> {
        if kind == V1Type::AllEarners {
            let with = With::Any { sets: sets_count(self.state.day, self.rules) };
            return (!counts(operator, self.state, self.rules)).then_some(WhyNot::NotRegistered { operator, with });
        }
        let avs = lines.first()?.avs;
        if !self.state.registered(avs, operator) {
            return Some(WhyNot::NotRegistered { operator, with: With::Avs(avs) });
        }
        let restaked = lines.iter().any(|line| reaches(line, operator, self.state));
        let strategies = || distinct(lines.iter().map(|line| line.strategy));
        (!restaked).then(|| WhyNot::NotRestaked { operator, avs, strategies: strategies() })
    }

    /// Why the earner gets nothing of operator-directed lines, of an operator set or not.
    pub(crate) fn of_directed(&self, active: &[&OdLine]) -> Vec<(Role, WhyNot)> {
        let Some(first) = active.first() else { return Vec::new() };
        let mut found = Vec::new();
        if first.avs == self.earner {
            found.push((Role::Avs, WhyNot::NothingToRefund));
        }
        if self.about.operator || active.iter().any(|line| line.operator == self.earner) {
            found.extend(self.keeps_directed_from(self.earner, active).map(|why| (Role::Operator, why)));
        }
        if self.about.may_be(Role::Staker) || found.is_empty() {
            let why = if self.is_cutoff_day() {
                Some(self.cutoff_day())
            } else {
                self.of_operators(|operator| self.staker_of_directed(operator, active))
            };
            found.extend(why.map(|why| (Role::Staker, why)));
        }
        let goes_back = |(_, why): &(Role, WhyNot)| match why {
            WhyNot::NotRegistered { operator, .. } => {
                active.iter().any(|line| line.operator == *operator && line.num_registered_snapshots == 0)
            }
            WhyNot::StrategiesNotRegistered { .. } => true,
            _ => false,
        };
        self.or_refunded(found, goes_back)
    }

    fn keeps_directed_from(&self, operator: Id, active: &[&OdLine]) -> Option<WhyNot> {
        let Some(line) = active.iter().find(|line| line.operator == operator) else {
            return Some(WhyNot::NotNamed { operator });
        };
        if is_registered(line, self.state) {
            return None;
        }
        if self.is_cutoff_day() {
            return Some(self.cutoff_day());
        }
        let with = set_of(line).map_or(With::Avs(line.avs), With::Set);
        Some(WhyNot::NotRegistered { operator, with })
    }

    fn staker_of_directed(&self, operator: Id, active: &[&OdLine]) -> Option<WhyNot> {
        if let Some(why) = self.keeps_directed_from(operator, active) {
            return Some(why);
        }
        let lines = || active.iter().filter(|line| line.operator == operator);
        let counting = || lines().filter(|line| set_of(line).is_none() || strategy_registered(line, self.state));
        match lines().find_map(|line| set_of(line)) {
            Some(set) if counting().next().is_none() => {
                let strategies = distinct(lines().map(|line| line.strategy));
                Some(WhyNot::StrategiesNotRegistered { set, strategies })
            }
            Some(_) | None => self.lacks(counting().map(|line| (line.strategy, &line.multiplier))),
        }
    }

    /// Why the earner gets nothing of the pools of operator sets. `paid` are the operators that have a part of them.
    pub(crate) fn of_pools(&self, active: &[&StakeLine], paid: &[Id]) -> Vec<(Role, WhyNot)> {
        let mut found = Vec::new();
        for kind in [StakeType::UniqueStake, StakeType::TotalStake] {
            let lines: Vec<&StakeLine> = active.iter().copied().filter(|line| line.reward_type == kind).collect();
            let Some(first) = lines.first() else { continue };
            if first.set.avs == self.earner {
                found.push((Role::Avs, WhyNot::NothingToRefund));
            }
            if self.about.operator {
                found.push((Role::Operator, self.keeps_pool_from(kind, self.earner, &lines)));
            }
            if self.about.may_be(Role::Staker) || found.is_empty() {
                let why = self.of_operators(|operator| self.staker_of_pool(kind, operator, &lines, paid));
                found.extend(why.map(|why| (Role::Staker, why)));
            }
        }
        self.or_refunded(found, |(role, _)| *role != Role::Avs)
    }

    fn keeps_pool_from(&self, kind: StakeType, operator: Id, lines: &[&StakeLine]) -> WhyNot {
        let registered: Vec<&StakeLine> =
            lines.iter().copied().filter(|line| self.state.set_registered(line.set, operator)).collect();
        let strategies = || distinct(lines.iter().map(|line| line.strategy));
        let (Some(set), false) = (lines.first().map(|line| line.set), registered.is_empty()) else {
            return match lines.first() {
                Some(line) => WhyNot::NotRegistered { operator, with: With::Set(line.set) },
                None => WhyNot::NoWeight,
            };
        };
        let held = |line: &&&StakeLine| {
            self.state.operator_shares.get(&(operator, line.strategy)).is_some_and(Numeric::is_positive)
        };
        if !registered.iter().any(|line| held(&line)) {
            return WhyNot::NoOperatorShares { operator, strategies: strategies() };
        }
        let allocated = |line: &StakeLine| {
            let shares = self.state.operator_shares.get(&(operator, line.strategy));
            shares.is_some_and(|shares| allocated_weight(self.state, operator, line, shares).is_some())
        };
        if kind == StakeType::UniqueStake && !registered.iter().filter(held).any(|line| allocated(line)) {
            return WhyNot::NotAllocated { operator, set, strategies: strategies() };
        }
        WhyNot::NoWeight
    }

    fn staker_of_pool(&self, kind: StakeType, operator: Id, lines: &[&StakeLine], paid: &[Id]) -> Option<WhyNot> {
        if !paid.contains(&operator) {
            return Some(self.keeps_pool_from(kind, operator, lines));
        }
        self.lacks(lines.iter().map(|line| (line.strategy, &line.multiplier))).or_else(|| {
            let (set, strategies) = (lines.first()?.set, distinct(lines.iter().map(|line| line.strategy)));
            (kind == StakeType::UniqueStake).then_some(WhyNot::NotAllocated { operator, set, strategies })
        })
    }

    /// The reason for the operators that the earner is delegated to, the first there is.
    fn of_operators(&self, why: impl Fn(Id) -> Option<WhyNot>) -> Option<WhyNot> {
        if self.about.delegated_to.is_empty() {
            return Some(WhyNot::NoDelegation);
        }
        self.about.delegated_to.iter().find_map(|&operator| why(operator))
    }

    /// Why the earner's shares do not count for any of these lines.
    fn lacks<'l>(&self, lines: impl Iterator<Item = (Id, &'l Numeric)>) -> Option<WhyNot> {
        let strategies = distinct(lines.filter(|(_, multiplier)| !multiplier.is_zero()).map(|(strategy, _)| strategy));
        if strategies.is_empty() {
            return Some(WhyNot::NoMultiplier);
        }
        let held = || self.about.holdings.iter().filter(|(strategy, _)| strategies.contains(strategy));
        if held().any(|(_, shares)| shares.is_positive()) {
            return None;
        }
        let holder = self.earner;
        match held().find(|(_, shares)| shares.is_negative()) {
            Some((strategy, shares)) => {
                Some(WhyNot::NegativeShares { strategy: *strategy, shares: shares.clone(), holder })
            }
            None => Some(WhyNot::NoShares { strategies, holder }),
        }
    }

    /// Says besides to whom it goes instead, if it does for a reason that `goes_back` names.
    fn or_refunded(
        &self,
        mut found: Vec<(Role, WhyNot)>,
        goes_back: impl Fn(&(Role, WhyNot)) -> bool,
    ) -> Vec<(Role, WhyNot)> {
        if let Some((role, _)) = found.iter().find(|reason| goes_back(reason)).cloned() {
            let others = self.refunded.iter().filter(|to| **to != self.earner);
            found.extend(others.map(|&to| (role, WhyNot::Refunded { to })));
        }
        found
    }
}

/// Each once, in the order given.
fn distinct(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    let mut all = Vec::new();
    for id in ids {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}
