//! What of a day's state an amount, or its absence, rests on. Events stand behind each.

use crate::{Dictionary, Id, SetId};

/// A value of silver, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// To whom a staker is delegated.
    Delegation {
        /// Who.
        staker: Id,
    },
    /// What a staker holds of a strategy.
    StakerShares {
        /// Who.
        staker: Id,
        /// Of what.
        strategy: Id,
    },
    /// What is delegated to an operator of a strategy.
    OperatorShares {
        /// Who.
        operator: Id,
        /// Of what.
        strategy: Id,
    },
    /// Whether an operator is registered with an AVS.
    AvsRegistration {
        /// Who.
        operator: Id,
        /// With whom.
        avs: Id,
    },
    /// Whether an operator is registered with any AVS or operator set.
    AnyRegistration {
        /// Who.
        operator: Id,
    },
    /// Whether an operator is registered with an operator set.
    SetRegistration {
        /// Who.
        operator: Id,
        /// With what.
        set: SetId,
    },
    /// Whether a strategy is registered with an operator set.
    SetStrategy {
        /// With what.
        set: SetId,
        /// What.
        strategy: Id,
    },
    /// Whether an operator restakes a strategy with an AVS.
    Restaked {
        /// Who.
        operator: Id,
        /// With whom.
        avs: Id,
        /// What.
        strategy: Id,
    },
    /// What an operator has allocated to an operator set.
    Allocation {
        /// Who.
        operator: Id,
        /// To what.
        set: SetId,
        /// Of what.
        strategy: Id,
    },
    /// What slashing has left of an operator's magnitude.
    MaxMagnitude {
        /// Who.
        operator: Id,
        /// Of what.
        strategy: Id,
    },
    /// An operator's split with an AVS.
    AvsSplit {
        /// Who.
        operator: Id,
        /// With whom.
        avs: Id,
    },
    /// An operator's split for programmatic incentives.
    PiSplit {
        /// Who.
        operator: Id,
    },
    /// An operator's split with an operator set.
    SetSplit {
        /// Who.
        operator: Id,
        /// With what.
        set: SetId,
    },
    /// The protocol's default split.
    DefaultSplit,
}

impl Ground {
    /// The pinned name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Delegation { .. } => "delegation",
            Self::StakerShares { .. } => "staker_shares",
            Self::OperatorShares { .. } => "operator_shares",
            Self::AvsRegistration { .. } => "avs_registration",
            Self::AnyRegistration { .. } => "any_registration",
            Self::SetRegistration { .. } => "set_registration",
            Self::SetStrategy { .. } => "set_strategy",
            Self::Restaked { .. } => "restaked_strategy",
            Self::Allocation { .. } => "allocation",
            Self::MaxMagnitude { .. } => "max_magnitude",
            Self::AvsSplit { .. } => "avs_split",
            Self::PiSplit { .. } => "pi_split",
            Self::SetSplit { .. } => "set_split",
            Self::DefaultSplit => "default_split",
        }
    }

    /// What it is about, in words.
    #[must_use]
    pub fn words(&self, dictionary: &Dictionary) -> String {
        let text = |id: Id| dictionary.text(id);
        let of = |set: SetId| set_words(set, dictionary);
        match *self {
            Self::Delegation { staker } => format!("delegation of {}", text(staker)),
            Self::StakerShares { staker, strategy } => format!("shares of {} in {}", text(staker), text(strategy)),
            Self::OperatorShares { operator, strategy } => {
                format!("shares delegated to {} in {}", text(operator), text(strategy))
            }
            Self::AvsRegistration { operator, avs } => {
                format!("registration of {} with AVS {}", text(operator), text(avs))
            }
            Self::AnyRegistration { operator } => {
                format!("registrations of {} with AVSs and operator sets", text(operator))
            }
            Self::SetRegistration { operator, set } => format!("registration of {} with {}", text(operator), of(set)),
            Self::SetStrategy { set, strategy } => format!("registration of {} with {}", text(strategy), of(set)),
            Self::Restaked { operator, avs, strategy } => {
                format!("{} restaked by {} with AVS {}", text(strategy), text(operator), text(avs))
            }
            Self::Allocation { operator, set, strategy } => {
                format!("allocation of {} of {} to {}", text(operator), text(strategy), of(set))
            }
            Self::MaxMagnitude { operator, strategy } => {
                format!("max magnitude of {} of {}", text(operator), text(strategy))
            }
            Self::AvsSplit { operator, avs } => format!("split of {} with AVS {}", text(operator), text(avs)),
            Self::PiSplit { operator } => format!("split of {} for programmatic incentives", text(operator)),
            Self::SetSplit { operator, set } => format!("split of {} with {}", text(operator), of(set)),
            Self::DefaultSplit => "default split".to_owned(),
        }
    }
}

/// `operator set 3 of AVS 0x…`
pub(crate) fn set_words(set: SetId, dictionary: &Dictionary) -> String {
    format!("operator set {} of AVS {}", set.number, dictionary.text(set.avs))
}
