//! All steps of one (reward, day), in their order.

use crate::reward::{OdLine, Reward, StakeLine, V1Line};
use crate::step01_active_rewards::{self as step01, ActiveReward};
use crate::step02_staker_reward_amounts::{self as step02, StakerRewardAmount};
use crate::step03_operator_reward_amounts::{self as step03, OperatorRewardAmount, OperatorSums};
use crate::step04_rewards_for_all::{self as step04, RewardForAll};
use crate::step05_rfae_stakers::{self as step05, RfaeStaker};
use crate::step06_rfae_operators::{self as step06, RfaeOperator};
use crate::step07_active_od_rewards::{self as step07, ActiveOdReward};
use crate::step08_operator_od_reward_amounts::{self as step08, OperatorOdRewardAmount};
use crate::step09_staker_od_reward_amounts::{self as step09, StakerOdRewardAmount};
use crate::step10_avs_od_reward_amounts::{self as step10, AvsOdRewardAmount};
use crate::step11_active_od_operator_set_rewards::{self as step11, ActiveOdOperatorSetReward};
use crate::step12_operator_od_operator_set_reward_amounts::{self as step12, OperatorOdOperatorSetRewardAmount};
use crate::step13_staker_od_operator_set_reward_amounts::{self as step13, StakerOdOperatorSetRewardAmount};
use crate::step14_avs_od_operator_set_reward_amounts::{self as step14, AvsOdOperatorSetRewardAmount};
use crate::step15_active_unique_and_total_stake_rewards::{self as step15, ActiveStakeReward};
use crate::step16_operator_operator_set_unique_stake_rewards::{self as step16, OperatorUniqueStakeReward};
use crate::step17_staker_operator_set_unique_stake_rewards::{self as step17, StakerUniqueStakeReward};
use crate::step18_avs_operator_set_unique_stake_rewards::{self as step18, AvsUniqueStakeReward, Distributed};
use crate::step19_operator_operator_set_total_stake_rewards::{self as step19, OperatorTotalStakeReward};
use crate::step20_staker_operator_set_total_stake_rewards::{self as step20, StakerTotalStakeReward};
use crate::step21_avs_operator_set_total_stake_rewards::{self as step21, AvsTotalStakeReward};
use crate::step22_staging::{GoldRow, Staging};
use crate::watch::{Nobody, Watch};
use crate::{DayState, Dictionary, Id, RuleError, Rules, Step, StepRow};

macro_rules! group_rows {
    ($($(#[$meta:meta])* $field:ident: $row:ty,)*) => {
        /// The rows of every step for one (reward, day). Steps whose gate is closed are empty.
        #[derive(Clone, Debug, Default)]
        pub struct GroupRows {
            $($(#[$meta])* pub $field: Vec<$row>,)*
        }

        impl GroupRows {
            /// About how many bytes the rows take.
            #[must_use]
            pub fn memory_bytes(&self) -> u64 {
                [$(std::mem::size_of_val(self.$field.as_slice())),*].iter().sum::<usize>() as u64
            }

            /// Every step's rows as text, in step order: `(step, columns, rows)`.
            pub fn for_each_step(
                &self,
                dictionary: &Dictionary,
                mut each: impl FnMut(crate::Step, &'static [&'static str], Vec<Vec<String>>),
            ) {
                $(each(
                    <$row as StepRow>::STEP,
                    <$row as StepRow>::COLUMNS,
                    self.$field.iter().map(|row| row.cells(dictionary)).collect(),
                );)*
            }
        }

        /// The columns of a step's table, in order (spec/03, without `rn`).
        #[must_use]
        pub const fn step_columns(step: crate::Step) -> &'static [&'static str] {
            $(if step as u8 == <$row as StepRow>::STEP as u8 {
                return <$row as StepRow>::COLUMNS;
            })*
            &[]
        }
    };
}

group_rows! {
    /// Step 1.
    active: ActiveReward,
    /// Step 2.
    staker_rewards: StakerRewardAmount,
    /// Step 3.
    operator_rewards: OperatorRewardAmount,
    /// Step 4.
    rewards_for_all: RewardForAll,
    /// Step 5.
    rfae_stakers: RfaeStaker,
    /// Step 6.
    rfae_operators: RfaeOperator,
    /// Step 7.
    active_od: ActiveOdReward,
    /// Step 8.
    operator_od: OperatorOdRewardAmount,
    /// Step 9.
    staker_od: StakerOdRewardAmount,
    /// Step 10.
    avs_od: AvsOdRewardAmount,
    /// Step 11.
    active_od_set: ActiveOdOperatorSetReward,
    /// Step 12.
    operator_od_set: OperatorOdOperatorSetRewardAmount,
    /// Step 13.
    staker_od_set: StakerOdOperatorSetRewardAmount,
    /// Step 14.
    avs_od_set: AvsOdOperatorSetRewardAmount,
    /// Step 15.
    active_stake: ActiveStakeReward,
    /// Step 16.
    operator_unique: OperatorUniqueStakeReward,
    /// Step 17.
    staker_unique: StakerUniqueStakeReward,
    /// Step 18.
    avs_unique: AvsUniqueStakeReward,
    /// Step 19.
    operator_total: OperatorTotalStakeReward,
    /// Step 20.
    staker_total: StakerTotalStakeReward,
    /// Step 21.
    avs_total: AvsTotalStakeReward,
    /// Step 22, the rows of `gold_table`.
    gold: GoldRow,
}

/// Makes the rows of the steps' tables.
struct Tables<'s> {
    reward_hash: Id,
    state: &'s DayState,
    rows: GroupRows,
}

macro_rules! tables {
    ($($name:ident($part:ident: $what:ty) = |$hash:ident, $day:ident, $state:ident| $row:expr;)*) => {
        impl Watch for Tables<'_> {
            $(fn $name(&mut self, $part: $what) {
                let ($hash, $day, $state) = (self.reward_hash, self.state.day, self.state);
                // Not every table has all of them.
                let _ = ($hash, $day, $state);
                self.rows.$name.extend($row);
            })*
        }
    };
}

tables! {
    active(lines: &[&V1Line]) = |hash, day, state| step01::rows(hash, lines, day);
    staker_rewards(part: &step02::StakerPart<'_, '_>) = |hash, day, state| [step02::row(part, hash, day)];
    operator_rewards(sum: &step03::OperatorSum<'_>) = |hash, day, state| [step03::row(sum, hash, day)];
    rewards_for_all(part: &step04::HolderPart<'_>) = |hash, day, state| [step04::row(part, hash, day)];
    rfae_stakers(part: &step02::StakerPart<'_, '_>) = |hash, day, state| [step05::row(part, hash, state)];
    rfae_operators(sum: &step03::OperatorSum<'_>) = |hash, day, state| [step06::row(sum, hash, day)];
    active_od(lines: &[&OdLine]) = |hash, day, state| step07::rows(hash, lines, day);
    operator_od(part: &step08::OperatorPart<'_>) = |hash, day, state| [step08::row(part, hash, day)];
    staker_od(part: &step09::StakerPart<'_>) = |hash, day, state| [step09::row(part, hash, day)];
    avs_od(row: AvsOdRewardAmount) = |hash, day, state| [row];
    active_od_set(lines: &[&OdLine]) = |hash, day, state| step11::rows(hash, lines, day);
    operator_od_set(part: &step08::OperatorPart<'_>) = |hash, day, state| [step12::row(part, hash, day)];
    staker_od_set(part: &step09::StakerPart<'_>) = |hash, day, state| [step13::row(part, hash, day)];
    avs_od_set(row: AvsOdOperatorSetRewardAmount) = |hash, day, state| [row];
    active_stake(lines: &[&StakeLine]) = |hash, day, state| step15::rows(hash, lines, day);
    operator_unique(part: &step16::PoolPart<'_>) = |hash, day, state| [step16::row(part, hash, day)];
    staker_unique(part: &step17::PoolStaker<'_>) = |hash, day, state| [step17::row(part, hash, day)];
    avs_unique(refund: &step18::Refund) = |hash, day, state| [step18::row(refund, hash, day)];
    operator_total(part: &step16::PoolPart<'_>) = |hash, day, state| [step19::row(part, hash, day)];
    staker_total(part: &step17::PoolStaker<'_>) = |hash, day, state| [step20::row(part, hash, day)];
    avs_total(refund: &step18::Refund) = |hash, day, state| [step21::row(refund, hash, day)];
}

/// Computes all steps of one reward on one day (spec/03 §1–§22).
///
/// Groups are independent: a reward's rows of a day depend on nothing but its lines and the state of that day.
///
/// # Errors
/// An amount that PostgreSQL would refuse too, with its coordinates.
pub fn compute_group(reward: &Reward, state: &DayState, rules: &Rules) -> Result<GroupRows, RuleError> {
    let mut tables = Tables { reward_hash: reward.reward_hash, state, rows: GroupRows::default() };
    tables.rows.gold = compute(reward, state, rules, &mut tables)?;
    Ok(tables.rows)
}

/// The rows of [`compute_group`] that go to `gold_table`, without making those of the other steps.
///
/// # Errors
/// As [`compute_group`].
pub fn compute_gold(reward: &Reward, state: &DayState, rules: &Rules) -> Result<Vec<GoldRow>, RuleError> {
    compute(reward, state, rules, &mut Nobody)
}

/// The rows, while somebody looks on.
pub(crate) fn compute(
    reward: &Reward,
    state: &DayState,
    rules: &Rules,
    watch: &mut impl Watch,
) -> Result<Vec<GoldRow>, RuleError> {
    let (hash, day) = (reward.reward_hash, state.day);
    let mut gold = Staging::new(hash, day);

    let v1 = step01::on_day(&reward.v1, day);
    watch.active(&v1);
    let mut operators = OperatorSums::default();
    gold.next_input();
    step02::parts(hash, &v1, state, rules, |part| {
        gold.add(part.weighted.staker, part.line.token, &part.staker_tokens);
        operators.add(part);
        watch.staker_rewards(part);
    })?;
    gold.next_input();
    for sum in operators.iter() {
        gold.add(sum.operator, sum.line.token, &sum.tokens);
        watch.operator_rewards(sum);
    }
    gold.next_input();
    step04::parts(hash, &v1, state, rules, |part| {
        gold.add(part.weighted.staker, part.line.token, &part.tokens);
        watch.rewards_for_all(part);
    })?;
    let mut operators = OperatorSums::default();
    gold.next_input();
    step05::parts(hash, &v1, state, rules, |part| {
        gold.add(part.weighted.staker, part.line.token, &part.staker_tokens);
        operators.add(part);
        watch.rfae_stakers(part);
    })?;
    gold.next_input();
    for sum in operators.iter() {
        gold.add(sum.operator, sum.line.token, &sum.tokens);
        watch.rfae_operators(sum);
    }

    let od = step07::on_day(&reward.od, day);
    watch.active_od(&od);
    gold.next_input();
    for part in step08::parts(hash, &od, state, rules, Step::OperatorOdRewardAmounts)? {
        gold.add(part.line.operator, part.line.token, &part.operator_tokens);
        watch.operator_od(&part);
    }
    gold.next_input();
    step09::parts(
        hash,
        &od,
        state,
        rules,
        Step::StakerOdRewardAmounts,
        |_| true,
        |part| {
            gold.add(part.weighted.staker, part.line.token, &part.staker_tokens);
            watch.staker_od(part);
        },
    )?;
    gold.next_input();
    for row in step10::rows(hash, &od, day) {
        gold.add(row.avs, row.token, &row.avs_tokens);
        watch.avs_od(row);
    }

    let od_set = step07::on_day(&reward.od_set, day);
    watch.active_od_set(&od_set);
    gold.next_input();
    for part in step12::parts(hash, &od_set, state, rules)? {
        gold.add(part.line.operator, part.line.token, &part.operator_tokens);
        watch.operator_od_set(&part);
    }
    gold.next_input();
    step13::parts(hash, &od_set, state, rules, |part| {
        gold.add(part.weighted.staker, part.line.token, &part.staker_tokens);
        watch.staker_od_set(part);
    })?;
    gold.next_input();
    for row in step14::rows(hash, &od_set, state, rules)? {
        gold.add(row.avs, row.token, &row.avs_tokens);
        watch.avs_od_set(row);
    }

    let stake = step15::on_day(&reward.stake, day);
    watch.active_stake(&stake);
    let pools = step16::parts(hash, &stake, state, rules)?;
    let mut distributed = Distributed::default();
    gold.next_input();
    for part in &pools {
        gold.add(part.operator, part.line.token, &part.operator_tokens);
        distributed.add(part.line.set, &part.operator_tokens);
        watch.operator_unique(part);
    }
    gold.next_input();
    step17::parts(hash, &pools, &stake, state, rules, |part| {
        gold.add(part.staker, part.pool.line.token, &part.tokens);
        distributed.add(part.pool.line.set, &part.tokens);
        watch.staker_unique(part);
    })?;
    gold.next_input();
    for refund in step18::parts(&stake, &distributed) {
        gold.add(refund.set.avs, refund.token, &refund.tokens);
        watch.avs_unique(&refund);
    }
    let pools = step19::parts(hash, &stake, state, rules)?;
    let mut distributed = Distributed::default();
    gold.next_input();
    for part in &pools {
        gold.add(part.operator, part.line.token, &part.operator_tokens);
        distributed.add(part.line.set, &part.operator_tokens);
        watch.operator_total(part);
    }
    gold.next_input();
    step20::parts(hash, &pools, &stake, state, rules, |part| {
        gold.add(part.staker, part.pool.line.token, &part.tokens);
        distributed.add(part.pool.line.set, &part.tokens);
        watch.staker_total(part);
    })?;
    gold.next_input();
    for refund in step21::parts(&stake, &distributed) {
        gold.add(refund.set.avs, refund.token, &refund.tokens);
        watch.avs_total(&refund);
    }

    Ok(gold.rows())
}
