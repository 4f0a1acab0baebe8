//! What decides how an amount is computed.

use pg_numeric::{Numeric, NumericError};

use crate::amounts::Proportions;
use crate::{Chain, Day, Fork, ForkDates, Mode, Split, cut};

/// All of a split.
const WHOLE_BIPS: i32 = 10_000;

/// The forks of a chain and the mode.
///
/// What the modes do differently is said in this file and in [`active_window`](crate::active_window); steps and proportions ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// When which rule holds.
    pub forks: ForkDates,
    /// What is wanted where the reference overpays.
    pub mode: Mode,
}

impl Rules {
    /// The rules of a chain.
    #[must_use]
    pub fn of(chain: Chain, mode: Mode) -> Self {
        Self { forks: ForkDates::of(chain), mode }
    }

    /// `pre(f)` of spec/03 §0.
    pub(crate) fn pre(&self, fork: Fork, snapshot: Day, submission: Day) -> bool {
        self.forks.pre(fork, snapshot, submission)
    }

    /// The date a fork takes effect.
    pub(crate) fn date(&self, fork: Fork) -> Day {
        self.forks.date(fork)
    }

    /// Whether payouts may be computed in float8 (Q7); a sum of such can be more than what is divided.
    pub(crate) const fn floats(&self) -> bool {
        matches!(self.mode, Mode::Compatible)
    }

    /// A split as it counts: strict ones leave nobody with less than nothing (Q15).
    pub(crate) fn split(&self, split: Split) -> Split {
        match self.mode {
            Mode::Compatible => split,
            Mode::Strict => Split { bips: split.bips.clamp(0, WHOLE_BIPS), ..split },
        }
    }

    /// The shares of weights in a total.
    pub(crate) fn proportions(&self, total: Numeric) -> Proportions {
        Proportions::of(total, self.mode)
    }
}

impl Mode {
    /// `floor(amount / divisor)`; compatible with the quotient as PostgreSQL rounds it, which may be one more (Q6).
    pub(crate) fn floor_of_quotient(self, amount: &Numeric, divisor: &Numeric) -> Result<Numeric, NumericError> {
        match self {
            Self::Compatible => Ok(amount.pgdiv(divisor)?.floor()),
            Self::Strict => amount.floor_div(divisor),
        }
    }

    /// The operator's part of an amount: [`cut`], strict without rounding first.
    pub(crate) fn cut(self, amount: &Numeric, split: Split) -> Result<Numeric, NumericError> {
        match self {
            Self::Compatible => cut(amount, split.bips),
            Self::Strict => (amount * &Numeric::from(split.bips)).floor_div(&Numeric::from(WHOLE_BIPS)),
        }
    }

    /// `rest(x, s)` of spec/03 §0: what [`Mode::cut`] leaves. Negative for a compatible split above 10000 bips (Q15).
    pub(crate) fn rest(self, amount: &Numeric, split: Split) -> Result<Numeric, NumericError> {
        Ok(amount - &self.cut(amount, split)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SplitSource;

    #[test]
    fn q15_a_split_above_10000_bips_leaves_a_negative_rest() {
        let split = Split { bips: 20_000, from: SplitSource::Default };
        assert_eq!(Mode::Compatible.rest(&Numeric::from(100), split).unwrap().to_string(), "-100");
        let strict = Rules::of(crate::Chain::Mainnet, Mode::Strict).split(split);
        assert_eq!(Mode::Strict.rest(&Numeric::from(100), strict).unwrap().to_string(), "0");
    }
}
