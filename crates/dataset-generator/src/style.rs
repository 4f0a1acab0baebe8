//! How often each peculiarity shows in a dataset, in thousandths.

use crate::rng::Rng;

/// Probabilities (permille) of the peculiarities of a dataset.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Style {
    /// Blocks per day: the most there can be.
    pub blocks_per_day: u32,
    /// A block exactly at midnight, per day (twice as likely at a cutoff).
    pub midnight_blocks: u32,
    /// Registrations, delegations and shares that change again, often on the same day.
    pub churn: u32,
    /// Withdrawals beyond the balance.
    pub negative_shares: u32,
    /// Slashing of an operator, per operator and strategy.
    pub slashing: u32,
    /// Operators that delegate to themselves.
    pub self_delegation: u32,
    /// Stakers with one of the excluded addresses.
    pub excluded_stakers: u32,
    /// An address that is both avs and operator.
    pub avs_is_operator: u32,
    /// Operator share deltas that do not follow the stakers'.
    pub share_drift: u32,
    /// A submission that lists a strategy twice with the same multiplier.
    pub duplicate_strategies: u32,
    /// A submission that lists a strategy twice with another multiplier; some columns are then undefined (spec/00 U2).
    pub differing_duplicates: u32,
    /// A multiplier of zero.
    pub zero_multipliers: u32,
    /// A submission that does not start at midnight.
    pub odd_starts: u32,
    /// Amounts of thirty and more digits.
    pub huge_amounts: u32,
    /// Amounts of 1 to 100.
    pub tiny_amounts: u32,
    /// Operator-directed submissions that end after their block.
    pub early_directed: u32,
    /// Operators in operator-directed submissions that never registered.
    pub strangers: u32,
    /// Operator sets without any registered strategy.
    pub bare_sets: u32,
    /// Split settings, per operator (and avs, and set).
    pub splits: u32,
    /// AVS and PI splits above 10000, which give stakers negative amounts (spec/00 Q15).
    pub oversize_splits: u32,
    /// Set and default splits above 10000, which are clamped.
    pub clamped_splits: u32,
    /// Changes of a magnitude, per allocation and occasion.
    pub reallocations: u32,
    /// Increase on one day and decrease on the next (spec/00 U1).
    pub up_then_down: u32,
    /// Effective blocks that blocks does not have.
    pub missing_effective_blocks: u32,
    /// Magnitudes and maximum magnitudes that are small primes.
    pub small_magnitudes: u32,
    /// Days without a sample of a restaked strategy.
    pub restaked_gaps: u32,
    /// Samples of another chain's directory.
    pub foreign_directory: u32,
}

impl Style {
    /// Draws probabilities: each is zero, low, middling or high.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let mut level = |levels: [u32; 4]| levels[rng.weighted(&[25, 30, 30, 15])];
        Self {
            blocks_per_day: level([2, 6, 10, 18]),
            midnight_blocks: level([0, 60, 250, 700]),
            churn: level([100, 300, 550, 800]),
            negative_shares: level([0, 50, 150, 400]),
            slashing: level([0, 60, 200, 500]),
            self_delegation: level([0, 300, 700, 1000]),
            excluded_stakers: level([0, 100, 300, 600]),
            avs_is_operator: level([0, 300, 600, 1000]),
            share_drift: level([0, 0, 30, 200]),
            duplicate_strategies: level([0, 60, 150, 400]),
            differing_duplicates: level([0, 0, 0, 80]),
            zero_multipliers: level([0, 30, 100, 300]),
            odd_starts: level([0, 0, 25, 150]),
            huge_amounts: level([0, 30, 100, 300]),
            tiny_amounts: level([30, 80, 150, 400]),
            early_directed: level([0, 20, 80, 200]),
            strangers: level([0, 80, 200, 400]),
            bare_sets: level([0, 100, 250, 500]),
            splits: level([0, 200, 400, 800]),
            oversize_splits: level([0, 0, 0, 100]),
            clamped_splits: level([40, 80, 150, 300]),
            reallocations: level([100, 300, 500, 800]),
            up_then_down: level([0, 50, 100, 250]),
            missing_effective_blocks: level([0, 0, 20, 60]),
            small_magnitudes: level([0, 80, 200, 500]),
            restaked_gaps: level([0, 20, 60, 200]),
            foreign_directory: level([0, 10, 40, 120]),
        }
    }

    /// A little of the common peculiarities, nothing the specification leaves open.
    pub fn calm() -> Self {
        Self {
            blocks_per_day: 5,
            midnight_blocks: 80,
            churn: 180,
            negative_shares: 20,
            slashing: 60,
            self_delegation: 800,
            excluded_stakers: 0,
            avs_is_operator: 0,
            share_drift: 0,
            duplicate_strategies: 0,
            differing_duplicates: 0,
            zero_multipliers: 20,
            odd_starts: 0,
            huge_amounts: 0,
            tiny_amounts: 30,
            early_directed: 0,
            strangers: 60,
            bare_sets: 200,
            splits: 350,
            oversize_splits: 0,
            clamped_splits: 0,
            reallocations: 250,
            up_then_down: 0,
            missing_effective_blocks: 0,
            small_magnitudes: 0,
            restaked_gaps: 10,
            foreign_directory: 0,
        }
    }
}
