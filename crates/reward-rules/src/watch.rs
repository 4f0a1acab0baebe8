//! Who looks on while a (reward, day) is computed.
//!
//! Gold is computed with nobody looking on, which costs nothing. Tables of the steps ([`crate::compute_group`]) and explanations
//! ([`crate::explain`]) see the very parts that gold is made of.

use crate::reward::{OdLine, StakeLine, V1Line};
use crate::step02_staker_reward_amounts::StakerPart;
use crate::step03_operator_reward_amounts::OperatorSum;
use crate::step04_rewards_for_all::HolderPart;
use crate::step08_operator_od_reward_amounts::OperatorPart;
use crate::step09_staker_od_reward_amounts::StakerPart as OdStakerPart;
use crate::step10_avs_od_reward_amounts::AvsOdRewardAmount;
use crate::step14_avs_od_operator_set_reward_amounts::AvsOdOperatorSetRewardAmount;
use crate::step16_operator_operator_set_unique_stake_rewards::PoolPart;
use crate::step17_staker_operator_set_unique_stake_rewards::PoolStaker;
use crate::step18_avs_operator_set_unique_stake_rewards::Refund;

macro_rules! watch {
    ($($(#[$meta:meta])* $name:ident($what:ty);)*) => {
        /// Sees the parts of each step, in their order.
        pub(crate) trait Watch {
            $($(#[$meta])* fn $name(&mut self, _: $what) {})*
        }
    };
}

watch! {
    /// Step 1.
    active(&[&V1Line]);
    /// Step 2.
    staker_rewards(&StakerPart<'_, '_>);
    /// Step 3.
    operator_rewards(&OperatorSum<'_>);
    /// Step 4.
    rewards_for_all(&HolderPart<'_>);
    /// Step 5.
    rfae_stakers(&StakerPart<'_, '_>);
    /// Step 6.
    rfae_operators(&OperatorSum<'_>);
    /// Step 7.
    active_od(&[&OdLine]);
    /// Step 8.
    operator_od(&OperatorPart<'_>);
    /// Step 9.
    staker_od(&OdStakerPart<'_>);
    /// Step 10.
    avs_od(AvsOdRewardAmount);
    /// Step 11.
    active_od_set(&[&OdLine]);
    /// Step 12.
    operator_od_set(&OperatorPart<'_>);
    /// Step 13.
    staker_od_set(&OdStakerPart<'_>);
    /// Step 14.
    avs_od_set(AvsOdOperatorSetRewardAmount);
    /// Step 15.
    active_stake(&[&StakeLine]);
    /// Step 16.
    operator_unique(&PoolPart<'_>);
    /// Step 17.
    staker_unique(&PoolStaker<'_>);
    /// Step 18.
    avs_unique(&Refund);
    /// Step 19.
    operator_total(&PoolPart<'_>);
    /// Step 20.
    staker_total(&PoolStaker<'_>);
    /// Step 21.
    avs_total(&Refund);
}

/// Nobody looks on.
pub(crate) struct Nobody;

impl Watch for Nobody {}
