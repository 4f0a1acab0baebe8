//! Why somebody gets what it gets of a (reward, day), or gets nothing.
//!
//! 1. The (reward, day) is computed once more, by the same functions, with somebody looking on ([`crate::compute_gold`] is the
//!    same with nobody looking on). What is seen of the earner is kept, with what it was made of.
//! 2. Weights are taken apart into shares × multiplier by the functions that make them.
//! 3. An amount of zero has a reason, and so has an earner without an amount: the first condition of a step that does not hold.
//!
//! | question | file |
//! |---|---|
//! | a staker of `avs` rewards or programmatic incentives, its operator, a holder of `all_stakers` | `staker.rs`, `operator.rs`, `holder.rs` |
//! | operator-directed rewards | `directed.rs` |
//! | pools of operator sets | `pool.rs` |
//! | what goes back to an AVS | `refund.rs` |
//! | how a division rounds | `rounding.rs` |
//! | zero, or nothing | `zero.rs`, `absent.rs`, `why_not.rs` |
//! | which values of silver an answer rests on | `ground.rs` |

mod absent;
mod directed;
mod facts;
mod ground;
mod holder;
mod operator;
mod pool;
mod refund;
mod rounding;
mod staker;
mod watcher;
mod weight;
mod why_not;
mod zero;

use pg_numeric::Numeric;

pub use directed::{Directed, DirectedOperator, DirectedStaker};
pub use facts::{Fact, Facts};
pub use ground::Ground;
pub use holder::Holder;
pub use operator::{Contribution, Operator};
pub use pool::{PoolOperator, StakerOfPool};
pub use refund::{Refund, RefundOf};
pub use staker::Staker;
pub use weight::{Term, Weight};
pub use why_not::{WhyNot, With};

use crate::group::compute;
use crate::{Day, DayState, Dictionary, GoldRow, Id, Reward, RuleError, Rules, Step};
use absent::Absent;
use watcher::Watcher;

/// As what somebody earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// By its own shares.
    Staker,
    /// By those of its stakers.
    Operator,
    /// What goes back to it.
    Avs,
}

impl Role {
    /// The pinned name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staker => "staker",
            Self::Operator => "operator",
            Self::Avs => "avs",
        }
    }
}

/// What is known of an earner on the day beside the state, which has only those that may earn.
#[derive(Clone, Debug)]
pub struct About {
    /// The cutoff of the run that computes the day.
    pub cutoff: Day,
    /// Whom it is delegated to that day; not the zero address (Q17).
    pub delegated_to: Vec<Id>,
    /// What it holds that day of the submission's strategies.
    pub holdings: Vec<(Id, Numeric)>,
    /// Whether it has ever held shares or been delegated.
    pub staker: bool,
    /// Whether it has ever been registered or been delegated to.
    pub operator: bool,
    /// Whether it has made submissions or anybody was registered with it.
    pub avs: bool,
}

impl About {
    /// Whether anything is known of it.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.staker || self.operator || self.avs
    }

    fn may_be(&self, role: Role) -> bool {
        match role {
            Role::Staker => self.staker || !(self.operator || self.avs),
            Role::Operator => self.operator,
            Role::Avs => self.avs,
        }
    }
}

/// How an amount comes about; one variant per kind of derivation.
#[derive(Clone, Debug)]
pub enum Derivation {
    /// Steps 2 and 5.
    Staker(Staker),
    /// Steps 3 and 6.
    Operator(Operator),
    /// Step 4.
    Holder(Holder),
    /// Steps 8 and 12.
    DirectedOperator(DirectedOperator),
    /// Steps 9 and 13.
    DirectedStaker(DirectedStaker),
    /// Steps 16 and 19.
    PoolOperator(PoolOperator),
    /// Steps 17 and 20.
    StakerOfPool(StakerOfPool),
    /// Steps 10, 14, 18 and 21.
    Refund(Refund),
}

macro_rules! each_derivation {
    ($self:expr, $of:ident => $value:expr) => {
        match $self {
            Derivation::Staker($of) => $value,
            Derivation::Operator($of) => $value,
            Derivation::Holder($of) => $value,
            Derivation::DirectedOperator($of) => $value,
            Derivation::DirectedStaker($of) => $value,
            Derivation::PoolOperator($of) => $value,
            Derivation::StakerOfPool($of) => $value,
            Derivation::Refund($of) => $value,
        }
    };
}

impl Derivation {
    /// As data.
    #[must_use]
    pub fn facts(&self, dictionary: &Dictionary) -> Facts {
        each_derivation!(self, of => of.facts(dictionary))
    }

    /// In words and numbers, a line each.
    #[must_use]
    pub fn words(&self, dictionary: &Dictionary) -> Vec<String> {
        each_derivation!(self, of => of.words(dictionary))
    }

    /// The values of silver it rests on.
    #[must_use]
    pub fn grounds(&self) -> Vec<Ground> {
        each_derivation!(self, of => of.grounds())
    }

    /// As what the earner gets it.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Staker(_) | Self::Holder(_) | Self::DirectedStaker(_) | Self::StakerOfPool(_) => Role::Staker,
            Self::Operator(_) | Self::DirectedOperator(_) | Self::PoolOperator(_) => Role::Operator,
            Self::Refund(_) => Role::Avs,
        }
    }
}

/// What an earner gets by one step.
#[derive(Clone, Debug)]
pub struct Part {
    /// Which.
    pub step: Step,
    /// The amount.
    pub amount: Numeric,
    /// How it comes about.
    pub derivation: Derivation,
    /// Whether it counts: one that equals another refund of the same step does not (Q10).
    pub counts: bool,
    /// Why it is zero, if it is.
    pub zero: Option<WhyNot>,
}

/// What became of the day's pool.
#[derive(Clone, Debug)]
pub struct Balance {
    /// What there was to distribute: of operator-directed rewards, what is directed to operators that are registered that day, or
    /// that goes back.
    pub pool: Numeric,
    /// What everybody got together.
    pub paid: Numeric,
    /// What others got.
    pub others: Numeric,
    /// How many others got it.
    pub other_earners: usize,
    /// Pool less paid: what rounding, missing stakers and exclusions leave. Rounding up and splits over 100 % make it negative
    /// (Q6, Q15).
    pub remainder: Numeric,
}

/// Why an earner gets what it gets of a (reward, day).
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The rows of gold: one per token, none if it gets nothing.
    pub rows: Vec<GoldRow>,
    /// What they are the sum of.
    pub parts: Vec<Part>,
    /// What became of the pool.
    pub balance: Balance,
    /// Why there is no row.
    pub reasons: Vec<(Role, WhyNot)>,
}

/// Explains what an earner gets of a reward on the day of a state.
///
/// # Errors
/// As [`crate::compute_gold`].
pub fn explain(
    reward: &Reward,
    state: &DayState,
    rules: &Rules,
    earner: Id,
    about: &About,
) -> Result<Explanation, RuleError> {
    let mut watcher = Watcher::new(reward, state, rules, earner);
    let gold = compute(reward, state, rules, &mut watcher)?;
    let lines = watcher.lines;
    let refunded = watcher.refunded;
    let pool = watcher.pool;
    let mut parts = watcher.parts.into_iter().collect::<Result<Vec<Part>, RuleError>>()?;
    for at in 1..parts.len() {
        let repeats = parts[..at]
            .iter()
            .any(|part| part.step == parts[at].step && part.counts && part.amount == parts[at].amount);
        parts[at].counts = !repeats;
    }
    let paid: Numeric = gold.iter().map(|row| &row.amount).sum();
    let (rows, others): (Vec<GoldRow>, Vec<GoldRow>) = gold.into_iter().partition(|row| row.earner == earner);
    let balance = Balance {
        remainder: &pool - &paid,
        pool,
        paid,
        others: others.iter().map(|row| &row.amount).sum(),
        other_earners: others.len(),
    };
    let reasons = if !rows.is_empty() {
        Vec::new()
    } else if !about.is_known() {
        vec![(Role::Staker, WhyNot::NothingKnown)]
    } else {
        let absent = Absent { earner, about, state, rules, refunded: &refunded };
        let mut reasons = absent.of_v1(&lines.v1);
        reasons.extend(absent.of_directed(&lines.od));
        reasons.extend(absent.of_directed(&lines.od_set));
        reasons.extend(absent.of_pools(&lines.stake, &watcher.operators_of_pools));
        reasons
    };
    Ok(Explanation { rows, parts, balance, reasons })
}
