//! Keeps what concerns one earner while a (reward, day) is computed.

use pg_numeric::Numeric;

use super::directed::Directed;
use super::operator::Contribution;
use super::{
    Derivation, DirectedOperator, DirectedStaker, Holder, Operator, Part, PoolOperator, Refund, RefundOf, Staker,
    StakerOfPool, zero,
};
use crate::reward::{OdLine, StakeLine, V1Line};
use crate::step01_active_rewards as step01;
use crate::step02_staker_reward_amounts::{self as step02, StakerPart};
use crate::step03_operator_reward_amounts::OperatorSum;
use crate::step04_rewards_for_all::{self as step04, HolderPart};
use crate::step05_rfae_stakers as step05;
use crate::step07_active_od_rewards as step07;
use crate::step08_operator_od_reward_amounts::{self as step08, OperatorPart};
use crate::step09_staker_od_reward_amounts::{self as step09, StakerPart as OdStakerPart};
use crate::step10_avs_od_reward_amounts::{self as step10, AvsOdRewardAmount};
use crate::step13_staker_od_operator_set_reward_amounts as step13;
use crate::step14_avs_od_operator_set_reward_amounts::{self as step14, AvsOdOperatorSetRewardAmount};
use crate::step15_active_unique_and_total_stake_rewards as step15;
use crate::step16_operator_operator_set_unique_stake_rewards::PoolPart;
use crate::step17_staker_operator_set_unique_stake_rewards::PoolStaker;
use crate::step18_avs_operator_set_unique_stake_rewards as step18;
use crate::watch::Watch;
use crate::{DayState, Id, PayoutRule, Reward, RuleError, Rules, StakeType, Step};

/// The lines of a reward that are active on the day.
pub(crate) struct ActiveLines<'x> {
    pub(crate) v1: Vec<&'x V1Line>,
    pub(crate) od: Vec<&'x OdLine>,
    pub(crate) od_set: Vec<&'x OdLine>,
    pub(crate) stake: Vec<&'x StakeLine>,
}

pub(crate) struct Watcher<'x> {
    reward: &'x Reward,
    state: &'x DayState,
    rules: &'x Rules,
    earner: Id,
    pub(crate) lines: ActiveLines<'x>,
    /// What the earner gets, step by step.
    pub(crate) parts: Vec<Result<Part, RuleError>>,
    /// Of step 2 or 5, until step 3 or 6 sums them.
    contributions: Vec<Contribution>,
    /// To whom something goes back.
    pub(crate) refunded: Vec<Id>,
    /// Who has a part of the pools of operator sets.
    pub(crate) operators_of_pools: Vec<Id>,
    /// What there is to distribute.
    pub(crate) pool: Numeric,
}

impl<'x> Watcher<'x> {
    pub(crate) fn new(reward: &'x Reward, state: &'x DayState, rules: &'x Rules, earner: Id) -> Self {
        let lines = ActiveLines {
            v1: step01::on_day(&reward.v1, state.day),
            od: step07::on_day(&reward.od, state.day),
            od_set: step07::on_day(&reward.od_set, state.day),
            stake: step15::on_day(&reward.stake, state.day),
        };
        let mut pool = Numeric::ZERO;
        if let Some(line) = lines.v1.first() {
            pool += &line.tokens_per_day_decimal;
        }
        for lines in [&lines.od, &lines.od_set] {
            let counting = lines
                .iter()
                .copied()
                .filter(|line| line.num_registered_snapshots == 0 || step08::is_registered(line, state));
            for line in step08::first_per_operator(counting) {
                pool += &line.tokens_per_registered_snapshot_decimal;
            }
        }
        if let Some(most) = lines.stake.iter().map(|line| &line.tokens_per_day_decimal).max() {
            pool += most;
        }
        Self {
            reward,
            state,
            rules,
            earner,
            lines,
            parts: Vec::new(),
            contributions: Vec::new(),
            refunded: Vec::new(),
            operators_of_pools: Vec::new(),
            pool,
        }
    }

    fn add(&mut self, step: Step, amount: &Numeric, derivation: Derivation) {
        let zero = amount.is_zero().then(|| zero::reason(&derivation));
        self.parts.push(Ok(Part { step, amount: amount.clone(), derivation, counts: true, zero }));
    }

    fn contribution(&mut self, part: &StakerPart<'_, '_>, rule: crate::OperatorRule) {
        if part.weighted.operator == self.earner {
            self.contributions.push(Contribution {
                staker: part.weighted.staker,
                payout: part.payout.clone(),
                rule,
                tokens: part.operator_tokens.clone(),
            });
        }
    }

    fn operator_sum(&mut self, step: Step, sum: &OperatorSum<'_>, of_avs: bool) {
        if sum.operator == self.earner {
            let contributions = std::mem::take(&mut self.contributions);
            let operator = Operator {
                avs: sum.line.avs,
                operator: sum.operator,
                of_avs,
                contributions,
                tokens: sum.tokens.clone(),
            };
            self.add(step, &sum.tokens, Derivation::Operator(operator));
        }
    }

    fn directed_operator(&mut self, step: Step, part: &OperatorPart<'_>) {
        if part.line.operator == self.earner {
            self.add(step, &part.operator_tokens, Derivation::DirectedOperator(DirectedOperator::new(part)));
        }
    }

    fn directed_staker(
        &mut self,
        step: Step,
        part: &OdStakerPart<'_>,
        lines: &[&OdLine],
        counts: impl Fn(&OdLine) -> bool,
    ) {
        if part.weighted.staker == self.earner {
            let split = step08::split(part.line, self.state, self.rules);
            let offers = step09::offers(lines, self.state, counts);
            let staker = DirectedStaker::new(part, split, self.state, &offers);
            self.add(step, &part.staker_tokens, Derivation::DirectedStaker(staker));
        }
    }

    fn refund(&mut self, step: Step, avs: Id, of: RefundOf, tokens: &Numeric) {
        if avs == self.earner {
            self.add(step, tokens, Derivation::Refund(Refund { avs, of, tokens: tokens.clone() }));
        }
    }

    /// Rows of one refund come once per operator: whether this is the first of them.
    fn is_first_refund(&mut self, step: Step, avs: Id) -> bool {
        self.note_refund(avs);
        !self.parts.iter().flatten().any(|part| part.step == step)
    }

    fn note_refund(&mut self, avs: Id) {
        if !self.refunded.contains(&avs) {
            self.refunded.push(avs);
        }
    }

    fn pool_operator(&mut self, step: Step, part: &PoolPart<'_>, kind: StakeType) {
        self.operators_of_pools.push(part.operator);
        if part.operator == self.earner {
            let operator = PoolOperator::new(part, &self.lines.stake, kind, self.state);
            self.add(step, &part.operator_tokens, Derivation::PoolOperator(operator));
        }
    }

    fn pool_staker(&mut self, step: Step, part: &PoolStaker<'_>, kind: StakeType) {
        if part.staker == self.earner {
            match StakerOfPool::new(part, &self.lines.stake, kind, self.state) {
                Ok(staker) => self.add(step, &part.tokens, Derivation::StakerOfPool(staker)),
                Err(error) => self.parts.push(Err(error)),
            }
        }
    }

    fn pool_refund(&mut self, step: Step, refund: &step18::Refund) {
        self.note_refund(refund.set.avs);
        self.refund(step, refund.set.avs, RefundOf::Pool(refund.set), &refund.tokens);
    }

    fn unregistered(&mut self, step: Step, lines: &[&OdLine]) {
        let (lines, sum) = step10::unregistered(lines);
        if let Some(line) = lines.first() {
            let of = RefundOf::Unregistered(lines.iter().map(|line| Directed::of(line)).collect());
            self.refund(step, line.avs, of, &sum);
        }
    }

    fn unpayable(&mut self, step: Step, lines: &[&OdLine]) -> Result<(), RuleError> {
        let (lines, sum) = step14::unpayable_stakers(self.reward.reward_hash, lines, self.state, self.rules)?;
        let Some(first) = lines.first() else { return Ok(()) };
        let at = crate::error::At { step, snapshot: self.state.day, reward_hash: self.reward.reward_hash };
        let mut operators = Vec::new();
        for line in &lines {
            let split = step08::split(line, self.state, self.rules);
            let staker_split = self.rules.mode.rest(&line.tokens_per_registered_snapshot_decimal, split);
            operators.push((Directed::of(line), split, staker_split.map_err(at.error(Some(line.operator)))?));
        }
        self.refund(step, first.avs, RefundOf::UnpayableStakers(operators), &sum);
        Ok(())
    }
}

impl Watch for Watcher<'_> {
    fn staker_rewards(&mut self, part: &StakerPart<'_, '_>) {
        let rule = step02::operator_rule(part.line, part.weighted.operator, self.state, self.rules);
        self.contribution(part, rule);
        if part.weighted.staker == self.earner {
            let payout_rule = step02::payout_rule(part.line, self.state.day, self.rules);
            let offers = step02::offers(&self.lines.v1, self.state);
            let staker = Staker::new(part, self.state, &offers, payout_rule, rule, true);
            self.add(Step::StakerRewardAmounts, &part.staker_tokens, Derivation::Staker(staker));
        }
    }

    fn operator_rewards(&mut self, sum: &OperatorSum<'_>) {
        self.operator_sum(Step::OperatorRewardAmounts, sum, true);
    }

    fn rewards_for_all(&mut self, part: &HolderPart<'_>) {
        if part.weighted.staker == self.earner
            && let Some(offers) = step04::offers(&self.lines.v1)
        {
            let holder = Holder::new(part, self.state, &offers, self.rules);
            self.add(Step::RewardsForAll, &part.tokens, Derivation::Holder(holder));
        }
    }

    fn rfae_stakers(&mut self, part: &StakerPart<'_, '_>) {
        let rule = step05::operator_rule(part.line, part.weighted.operator, self.state, self.rules);
        self.contribution(part, rule);
        if part.weighted.staker == self.earner
            && let Some(offers) = step05::offers(&self.lines.v1, self.state, self.rules)
        {
            let staker = Staker::new(part, self.state, &offers, PayoutRule::Exact, rule, false);
            self.add(Step::RfaeStakers, &part.staker_tokens, Derivation::Staker(staker));
        }
    }

    fn rfae_operators(&mut self, sum: &OperatorSum<'_>) {
        self.operator_sum(Step::RfaeOperators, sum, false);
    }

    fn operator_od(&mut self, part: &OperatorPart<'_>) {
        self.directed_operator(Step::OperatorOdRewardAmounts, part);
    }

    fn staker_od(&mut self, part: &OdStakerPart<'_>) {
        let lines = self.lines.od.clone();
        self.directed_staker(Step::StakerOdRewardAmounts, part, &lines, |_| true);
    }

    fn avs_od(&mut self, row: AvsOdRewardAmount) {
        if self.is_first_refund(Step::AvsOdRewardAmounts, row.avs) {
            let lines = self.lines.od.clone();
            self.unregistered(Step::AvsOdRewardAmounts, &lines);
        }
    }

    fn operator_od_set(&mut self, part: &OperatorPart<'_>) {
        self.directed_operator(Step::OperatorOdOperatorSetRewardAmounts, part);
    }

    fn staker_od_set(&mut self, part: &OdStakerPart<'_>) {
        let (lines, state) = (self.lines.od_set.clone(), self.state);
        let counts = |line: &OdLine| step13::strategy_registered(line, state);
        self.directed_staker(Step::StakerOdOperatorSetRewardAmounts, part, &lines, counts);
    }

    fn avs_od_set(&mut self, row: AvsOdOperatorSetRewardAmount) {
        let step = Step::AvsOdOperatorSetRewardAmounts;
        if self.is_first_refund(step, row.avs) {
            let lines = self.lines.od_set.clone();
            self.unregistered(step, &lines);
            if let Err(error) = self.unpayable(step, &lines) {
                self.parts.push(Err(error));
            }
        }
    }

    fn operator_unique(&mut self, part: &PoolPart<'_>) {
        self.pool_operator(Step::OperatorOperatorSetUniqueStakeRewards, part, StakeType::UniqueStake);
    }

    fn staker_unique(&mut self, part: &PoolStaker<'_>) {
        self.pool_staker(Step::StakerOperatorSetUniqueStakeRewards, part, StakeType::UniqueStake);
    }

    fn avs_unique(&mut self, refund: &step18::Refund) {
        self.pool_refund(Step::AvsOperatorSetUniqueStakeRewards, refund);
    }

    fn operator_total(&mut self, part: &PoolPart<'_>) {
        self.pool_operator(Step::OperatorOperatorSetTotalStakeRewards, part, StakeType::TotalStake);
    }

    fn staker_total(&mut self, part: &PoolStaker<'_>) {
        self.pool_staker(Step::StakerOperatorSetTotalStakeRewards, part, StakeType::TotalStake);
    }

    fn avs_total(&mut self, refund: &step18::Refund) {
        self.pool_refund(Step::AvsOperatorSetTotalStakeRewards, refund);
    }
}
