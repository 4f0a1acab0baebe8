//! Why somebody gets nothing: a closed list.

use pg_numeric::Numeric;

use super::Ground;
use super::ground::set_words;
use super::staker::split_words;
use crate::{ActiveDays, Day, Dictionary, Fork, Id, SetId, Split};

/// With what an operator would have to be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// An AVS.
    Avs(Id),
    /// An operator set.
    Set(SetId),
    /// Any AVS; from Mississippi on, any operator set will do.
    Any {
        /// Whether it is from Mississippi on.
        sets: bool,
    },
}

/// A reason why there is no amount, or why it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// The submission does not pay that day.
    NotActive {
        /// What it pays, if anything.
        pays: Option<ActiveDays>,
    },
    /// The submission was not known when its days were computed.
    NotKnown {
        /// The day of its block.
        submitted: Day,
        /// The newest cutoff.
        cutoff: Day,
    },
    /// No complete run has come to that day.
    NotComputed {
        /// The newest complete cutoff, if there is one.
        cutoff: Option<Day>,
    },
    /// Strict mode pays what is directed to operators when all days of the submission are over.
    PaidWhenOver {
        /// The last of them.
        last: Day,
    },
    /// A run had paid later days of the submission already when the day could have been computed (Q1).
    PastWatermark {
        /// The last day paid.
        watermark: Day,
    },
    /// The submission is in quarantine.
    SetAside {
        /// Why.
        reason: String,
    },
    /// Submissions of this kind are not computed by runs before a fork.
    GateClosed {
        /// Which.
        fork: Fork,
        /// Its date.
        date: Day,
    },
    /// On the cutoff's day itself, registrations and delegations are not known yet (Q5).
    CutoffDay {
        /// D.
        cutoff: Day,
    },
    /// There is no event of this address.
    NothingKnown,
    /// The address is excluded from programmatic incentives before Panama (Q28).
    Excluded {
        /// Panama.
        until: Day,
    },
    /// No shares in the strategies that count.
    NoShares {
        /// Which count.
        strategies: Vec<Id>,
        /// Who has none.
        holder: Id,
    },
    /// Shares that are not positive do not count (Q31).
    NegativeShares {
        /// Of what.
        strategy: Id,
        /// How many.
        shares: Numeric,
        /// Whose.
        holder: Id,
    },
    /// All multipliers are 0.
    NoMultiplier,
    /// Delegated to nobody.
    NoDelegation,
    /// The operator is not registered.
    NotRegistered {
        /// Who.
        operator: Id,
        /// With what.
        with: With,
    },
    /// The operator restakes none of the strategies with the AVS (Q20).
    NotRestaked {
        /// Who.
        operator: Id,
        /// With whom.
        avs: Id,
        /// None of these.
        strategies: Vec<Id>,
    },
    /// None of the strategies is registered with the operator set.
    StrategiesNotRegistered {
        /// With what.
        set: SetId,
        /// None of these.
        strategies: Vec<Id>,
    },
    /// The operator has no shares in the strategies.
    NoOperatorShares {
        /// Who.
        operator: Id,
        /// None of these.
        strategies: Vec<Id>,
    },
    /// The operator has allocated none of the stake to the operator set.
    NotAllocated {
        /// Who.
        operator: Id,
        /// To what.
        set: SetId,
        /// None of these.
        strategies: Vec<Id>,
    },
    /// The submission directs nothing to this operator.
    NotNamed {
        /// Who.
        operator: Id,
    },
    /// None of the operator's stakers has shares that count.
    NoStakers {
        /// Who.
        operator: Id,
    },
    /// The operators of the set weigh nothing.
    NoWeight,
    /// The amount goes back to the AVS.
    Refunded {
        /// Who.
        to: Id,
    },
    /// Nothing goes back to the AVS, as others are paid.
    NothingToRefund,
    /// The submitter of this kind of submission gets nothing of it.
    SubmitterPays,
    /// The proportion floors to zero.
    ProportionIsZero {
        /// Of what.
        weight: Numeric,
        /// In what.
        total: Numeric,
    },
    /// The amount is less than one unit of the token and floors (or rounds) to zero.
    LessThanOne,
    /// The operator's split takes everything.
    SplitTakesAll {
        /// The split, where it is one.
        split: Option<Split>,
    },
    /// The operator's split leaves it nothing.
    SplitLeavesNothing {
        /// The split.
        split: Split,
    },
    /// There is nothing to distribute.
    PoolIsZero,
}

impl WhyNot {
    /// The pinned name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotActive { .. } => "not_active",
            Self::NotKnown { .. } => "not_known",
            Self::NotComputed { .. } => "not_computed",
            Self::PaidWhenOver { .. } => "paid_when_over",
            Self::PastWatermark { .. } => "past_watermark",
            Self::SetAside { .. } => "set_aside",
            Self::GateClosed { .. } => "gate_closed",
            Self::CutoffDay { .. } => "cutoff_day",
            Self::NothingKnown => "nothing_known",
            Self::Excluded { .. } => "excluded",
            Self::NoShares { .. } => "no_shares",
            Self::NegativeShares { .. } => "negative_shares",
            Self::NoMultiplier => "no_multiplier",
            Self::NoDelegation => "no_delegation",
            Self::NotRegistered { .. } => "not_registered",
            Self::NotRestaked { .. } => "not_restaked",
            Self::StrategiesNotRegistered { .. } => "strategies_not_registered",
            Self::NoOperatorShares { .. } => "no_operator_shares",
            Self::NotAllocated { .. } => "not_allocated",
            Self::NotNamed { .. } => "not_named",
            Self::NoStakers { .. } => "no_stakers",
            Self::NoWeight => "no_weight",
            Self::Refunded { .. } => "refunded",
            Self::NothingToRefund => "nothing_to_refund",
            Self::SubmitterPays => "submitter_pays",
            Self::ProportionIsZero { .. } => "proportion_is_zero",
            Self::LessThanOne => "less_than_one",
            Self::SplitTakesAll { .. } => "split_takes_all",
            Self::SplitLeavesNothing { .. } => "split_leaves_nothing",
            Self::PoolIsZero => "pool_is_zero",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(&self, dictionary: &Dictionary) -> String {
        let text = |id: &Id| dictionary.text(*id);
        let texts = |ids: &[Id]| ids.iter().map(text).collect::<Vec<_>>().join(", ");
        match self {
            Self::NotActive { pays: Some(days) } => {
                format!("the submission pays the days {} .. {} only", days.first, days.last)
            }
            Self::NotActive { pays: None } => "the submission pays no day".to_owned(),
            Self::NotKnown { submitted, cutoff } => format!(
                "the submission was made on {submitted}; the newest complete run, of cutoff {cutoff}, knew only events before its cutoff"
            ),
            Self::NotComputed { cutoff: Some(cutoff) } => {
                format!("not computed yet: the newest complete run is of cutoff {cutoff}")
            }
            Self::NotComputed { cutoff: None } => "not computed yet: there is no complete run".to_owned(),
            Self::PaidWhenOver { last } => format!(
                "strict mode pays what is directed to operators when all days of the submission are over: by the first run of a cutoff after {last}"
            ),
            Self::PastWatermark { watermark } => format!(
                "a run had paid days up to {watermark} when this day could have been computed, and days before that are never looked at again"
            ),
            Self::SetAside { reason } => format!("the submission is in quarantine: {reason}"),
            Self::GateClosed { fork, date } => {
                format!("submissions of this kind are computed by runs with a cutoff from {date} ({fork:?}) on only")
            }
            Self::CutoffDay { cutoff } => format!(
                "a run of cutoff {cutoff} does not know the registrations and delegations of that day itself yet"
            ),
            Self::NothingKnown => "there is no event of this address before the cutoff".to_owned(),
            Self::Excluded { until } => {
                format!("excluded from programmatic incentives for days before {until} (Panama)")
            }
            Self::NoShares { strategies, holder } => {
                format!("{} has no shares in any strategy that counts: {}", text(holder), texts(strategies))
            }
            Self::NegativeShares { strategy, shares, holder } => {
                format!("{} has {shares} shares in {}: only positive ones count", text(holder), text(strategy))
            }
            Self::NoMultiplier => "all multipliers of the submission are 0".to_owned(),
            Self::NoDelegation => "not delegated to any operator".to_owned(),
            Self::NotRegistered { operator, with } => {
                let with = match with {
                    With::Avs(avs) => format!("AVS {}", text(avs)),
                    With::Set(set) => set_words(*set, dictionary),
                    With::Any { sets: true } => "any AVS or operator set".to_owned(),
                    With::Any { sets: false } => "any AVS".to_owned(),
                };
                format!("operator {} is not registered with {with} that day", text(operator))
            }
            Self::NotRestaked { operator, avs, strategies } => format!(
                "operator {} restakes none of the strategies with AVS {} (seen on that day and the day before): {}",
                text(operator),
                text(avs),
                texts(strategies)
            ),
            Self::StrategiesNotRegistered { set, strategies } => format!(
                "no strategy of the submission is registered with {} that day: {}",
                set_words(*set, dictionary),
                texts(strategies)
            ),
            Self::NoOperatorShares { operator, strategies } => {
                format!("operator {} has no positive shares in: {}", text(operator), texts(strategies))
            }
            Self::NotAllocated { operator, set, strategies } => format!(
                "operator {} has allocated nothing to {} of: {}",
                text(operator),
                set_words(*set, dictionary),
                texts(strategies)
            ),
            Self::NotNamed { operator } => format!("the submission directs nothing to operator {}", text(operator)),
            Self::NoStakers { operator } => {
                format!("no staker delegated to operator {} has shares that count", text(operator))
            }
            Self::NoWeight => "the operators of the set weigh nothing together".to_owned(),
            Self::Refunded { to } => format!("it goes back to AVS {}", text(to)),
            Self::NothingToRefund => "nothing goes back to the AVS that day: others are paid".to_owned(),
            Self::SubmitterPays => "who submits a reward of this kind gets nothing of it".to_owned(),
            Self::ProportionIsZero { weight, total } => {
                format!("the proportion {weight} / {total} is less than 10^-15 and floors to zero")
            }
            Self::LessThanOne => "it comes to less than one unit of the token".to_owned(),
            Self::SplitTakesAll { split } => match split {
                Some(split) => format!("the operator takes everything: {}", split_words(*split)),
                None => "the operator's part takes everything, by rounding".to_owned(),
            },
            Self::SplitLeavesNothing { split } => format!("the operator takes nothing: {}", split_words(*split)),
            Self::PoolIsZero => "there is nothing to distribute that day".to_owned(),
        }
    }

    /// The values of silver it rests on.
    #[must_use]
    pub fn grounds(&self, earner: Id) -> Vec<Ground> {
        match self {
            Self::NoShares { strategies, holder } => {
                strategies.iter().map(|&strategy| Ground::StakerShares { staker: *holder, strategy }).collect()
            }
            Self::NegativeShares { strategy, holder, .. } => {
                vec![Ground::StakerShares { staker: *holder, strategy: *strategy }]
            }
            Self::NoDelegation => vec![Ground::Delegation { staker: earner }],
            Self::NotRegistered { operator, with } => vec![match *with {
                With::Avs(avs) => Ground::AvsRegistration { operator: *operator, avs },
                With::Set(set) => Ground::SetRegistration { operator: *operator, set },
                With::Any { .. } => Ground::AnyRegistration { operator: *operator },
            }],
            Self::NotRestaked { operator, avs, strategies } => (strategies.iter())
                .map(|&strategy| Ground::Restaked { operator: *operator, avs: *avs, strategy })
                .collect(),
            Self::StrategiesNotRegistered { set, strategies } => {
                strategies.iter().map(|&strategy| Ground::SetStrategy { set: *set, strategy }).collect()
            }
            Self::NoOperatorShares { operator, strategies } => {
                strategies.iter().map(|&strategy| Ground::OperatorShares { operator: *operator, strategy }).collect()
            }
            Self::NotAllocated { operator, set, strategies } => (strategies.iter())
                .map(|&strategy| Ground::Allocation { operator: *operator, set: *set, strategy })
                .collect(),
            Self::NotActive { .. }
            | Self::NotKnown { .. }
            | Self::NotComputed { .. }
            | Self::PaidWhenOver { .. }
            | Self::PastWatermark { .. }
            | Self::SetAside { .. }
            | Self::GateClosed { .. }
            | Self::CutoffDay { .. }
            | Self::NothingKnown
            | Self::Excluded { .. }
            | Self::NoMultiplier
            | Self::NotNamed { .. }
            | Self::NoStakers { .. }
            | Self::NoWeight
            | Self::Refunded { .. }
            | Self::NothingToRefund
            | Self::SubmitterPays
            | Self::ProportionIsZero { .. }
            | Self::LessThanOne
            | Self::SplitTakesAll { .. }
            | Self::SplitLeavesNothing { .. }
            | Self::PoolIsZero => Vec::new(),
        }
    }
}
