//! An operator's part in basis points, and who has set it (spec/03 §0 "Splits").

use std::fmt;

/// Where a split comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitSource {
    /// The operator has set it, for the AVS, for programmatic incentives or for the operator set.
    Operator,
    /// The operator has set none: the default split of the protocol.
    Default,
    /// Neither is set, or the default does not count yet (before Trinity): 10 %.
    Fallback,
}

impl SplitSource {
    /// The pinned name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Default => "default",
            Self::Fallback => "fallback",
        }
    }
}

impl fmt::Display for SplitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A split: how much of an amount is the operator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// 1/10000. AVS and PI splits above 10000 are possible (Q15).
    pub bips: i32,
    /// Who has set it.
    pub from: SplitSource,
}
