//! The chains paydirt knows, with their constants.

use std::fmt;
use std::str::FromStr;

/// A chain whose fork dates are known (spec/00 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chain {
    /// Ethereum mainnet.
    Mainnet,
    /// The Holesky test network.
    Holesky,
    /// The pre-production deployment on Holesky.
    Preprod,
    /// The Sepolia test network.
    Sepolia,
    /// The Hoodi test network.
    Hoodi,
    /// The pre-production deployment on Hoodi.
    PreprodHoodi,
}

/// The name is none of [`Chain::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown chain '{0}': paydirt knows mainnet, holesky, preprod, sepolia, hoodi and preprod-hoodi, and does not guess fork dates for others"
)]
pub struct UnknownChain(
    /// The name that was given.
    pub String,
);

impl Chain {
    /// Every chain, in the order of spec/00 §4.
    pub const ALL: [Self; 6] =
        [Self::Mainnet, Self::Holesky, Self::Preprod, Self::Sepolia, Self::Hoodi, Self::PreprodHoodi];

    /// The name used in the CLI, in `excluded_addresses.network` and in stored runs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mainnet => "mainnet",
            Self::Holesky => "holesky",
            Self::Preprod => "preprod",
            Self::Sepolia => "sepolia",
            Self::Hoodi => "hoodi",
            Self::PreprodHoodi => "preprod-hoodi",
        }
    }

    /// The AVS directory whose samples of restaked strategies count (spec/01 operator_restaked_strategies).
    #[must_use]
    pub const fn avs_directory(self) -> &'static str {
        match self {
            Self::Mainnet => "0x135dda560e946695d6f155dacafc6f1f25c1f5af",
            Self::Holesky => "0x055733000064333caddbc92763c58bf0192ffebf",
            Self::Preprod => "0x141d6995556135d4997b2ff72eb443be300353bc",
            Self::Sepolia => "0xa789c91ecddae96865913130b786140ee17af545",
            Self::Hoodi => "0xd58f6844f79eb1fbd9f7091d05f7cb30d3363926",
            Self::PreprodHoodi => "0xa5a53a6df5a0807fbdfe70eae1e7b0fb984f6710",
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Chain {
    type Err = UnknownChain;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|chain| chain.name() == name).ok_or_else(|| UnknownChain(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_others_are_refused() {
        for chain in Chain::ALL {
            assert_eq!(chain.name().parse::<Chain>().unwrap(), chain);
        }
        assert!("Mainnet".parse::<Chain>().unwrap_err().to_string().contains("'Mainnet'"));
    }
}
