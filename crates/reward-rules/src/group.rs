//! All steps of one (reward, day), in their order.

use crate::reward::Reward;
use crate::step01_active_rewards::{self as step01, ActiveReward};
use crate::step02_staker_reward_amounts::{self as step02, StakerRewardAmount};
use crate::step03_operator_reward_amounts::{self as step03, OperatorRewardAmount};
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
use crate::step18_avs_operator_set_unique_stake_rewards::{self as step18, AvsUniqueStakeReward};
use crate::step19_operator_operator_set_total_stake_rewards::{self as step19, OperatorTotalStakeReward};
use crate::step20_staker_operator_set_total_stake_rewards::{self as step20, StakerTotalStakeReward};
use crate::step21_avs_operator_set_total_stake_rewards::{self as step21, AvsTotalStakeReward};
use crate::step22_staging::{self as step22, GoldRow};
use crate::{DayState, Dictionary, ForkDates, RuleError, StepRow};

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

/// Computes all steps of one reward on one day (spec/03 §1–§22).
///
/// Groups are independent: a reward's rows of a day depend on nothing but its lines and the state of that day.
///
/// # Errors
/// An amount that PostgreSQL would refuse too, with its coordinates.
pub fn compute_group(
    reward: &Reward,
    state: &DayState,
    forks: &ForkDates,
    dictionary: &Dictionary,
) -> Result<GroupRows, RuleError> {
    let (hash, day) = (reward.reward_hash, state.day);
    let mut rows = GroupRows::default();

    rows.active = step01::rows(hash, &reward.v1, day);
    rows.staker_rewards = step02::rows(&rows.active, state, forks)?;
    rows.operator_rewards = step03::rows(&rows.staker_rewards, dictionary);
    rows.rewards_for_all = step04::rows(&rows.active, state)?;
    rows.rfae_stakers = step05::rows(&rows.active, state, forks)?;
    rows.rfae_operators = step06::rows(&rows.rfae_stakers, dictionary);

    let od = step07::on_day(&reward.od, day);
    rows.active_od = step07::rows(hash, &od, day);
    rows.operator_od = step08::rows(hash, &od, state, forks)?;
    rows.staker_od = step09::rows(hash, &od, state, forks)?;
    rows.avs_od = step10::rows(hash, &od, day);

    let od_set = step07::on_day(&reward.od_set, day);
    rows.active_od_set = step11::rows(hash, &od_set, day);
    rows.operator_od_set = step12::rows(hash, &od_set, state, forks)?;
    rows.staker_od_set = step13::rows(hash, &od_set, state, forks)?;
    rows.avs_od_set = step14::rows(hash, &od_set, state, forks)?;

    let stake = step15::on_day(&reward.stake, day);
    rows.active_stake = step15::rows(hash, &stake, day);
    rows.operator_unique = step16::rows(hash, &stake, state)?;
    rows.staker_unique = step17::rows(&rows.operator_unique, &stake, state)?;
    rows.avs_unique = step18::rows(hash, &stake, &rows.operator_unique, &rows.staker_unique, day);
    rows.operator_total = step19::rows(hash, &stake, state)?;
    rows.staker_total = step20::rows(&rows.operator_total, &stake, state)?;
    rows.avs_total = step21::rows(hash, &stake, &rows.operator_total, &rows.staker_total, day);

    rows.gold = step22::rows(hash, day, &rows);
    Ok(rows)
}
