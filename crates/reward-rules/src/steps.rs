//! The steps of spec/03, as a closed list with pinned names.

use std::fmt;

macro_rules! steps {
    ($($variant:ident = $number:literal, $name:literal, $doc:literal;)*) => {
        /// A step of the gold calculation (spec/03). Its name is used in files, reports and errors and never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Step {
            $(#[doc = $doc] $variant = $number,)*
        }

        impl Step {
            /// Every step that has a per-run table, in order.
            pub const ALL: [Self; 22] = [$(Self::$variant),*];

            /// The pinned name, `NN_base_name`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

steps! {
    ActiveRewards = 1, "01_active_rewards", "spec/03 §1";
    StakerRewardAmounts = 2, "02_staker_reward_amounts", "spec/03 §2";
    OperatorRewardAmounts = 3, "03_operator_reward_amounts", "spec/03 §3";
    RewardsForAll = 4, "04_rewards_for_all", "spec/03 §4";
    RfaeStakers = 5, "05_rfae_stakers", "spec/03 §5";
    RfaeOperators = 6, "06_rfae_operators", "spec/03 §6";
    ActiveOdRewards = 7, "07_active_od_rewards", "spec/03 §7";
    OperatorOdRewardAmounts = 8, "08_operator_od_reward_amounts", "spec/03 §8";
    StakerOdRewardAmounts = 9, "09_staker_od_reward_amounts", "spec/03 §9";
    AvsOdRewardAmounts = 10, "10_avs_od_reward_amounts", "spec/03 §10";
    ActiveOdOperatorSetRewards = 11, "11_active_od_operator_set_rewards", "spec/03 §11";
    OperatorOdOperatorSetRewardAmounts = 12, "12_operator_od_operator_set_reward_amounts", "spec/03 §12";
    StakerOdOperatorSetRewardAmounts = 13, "13_staker_od_operator_set_reward_amounts", "spec/03 §13";
    AvsOdOperatorSetRewardAmounts = 14, "14_avs_od_operator_set_reward_amounts", "spec/03 §14";
    ActiveUniqueAndTotalStakeRewards = 15, "15_active_unique_and_total_stake_rewards", "spec/03 §15";
    OperatorOperatorSetUniqueStakeRewards = 16, "16_operator_operator_set_unique_stake_rewards", "spec/03 §16";
    StakerOperatorSetUniqueStakeRewards = 17, "17_staker_operator_set_unique_stake_rewards", "spec/03 §17";
    AvsOperatorSetUniqueStakeRewards = 18, "18_avs_operator_set_unique_stake_rewards", "spec/03 §18";
    OperatorOperatorSetTotalStakeRewards = 19, "19_operator_operator_set_total_stake_rewards", "spec/03 §19";
    StakerOperatorSetTotalStakeRewards = 20, "20_staker_operator_set_total_stake_rewards", "spec/03 §20";
    AvsOperatorSetTotalStakeRewards = 21, "21_avs_operator_set_total_stake_rewards", "spec/03 §21";
    Staging = 22, "22_staging", "spec/03 §22";
}

impl Step {
    /// The number of the step, 1 to 22.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_start_with_the_number() {
        for (index, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(step.number()), index + 1);
            assert!(step.name().starts_with(&format!("{:02}_", step.number())));
        }
    }
}
