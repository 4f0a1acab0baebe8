//! Compatible or strict.

use std::fmt;
use std::str::FromStr;

/// What a deployment wants where the reference pays out more than a submission funds. A schema has one mode
/// (docs/strict-mode.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// What the reference pays, to the last unit, quirks included.
    #[default]
    Compatible,
    /// The same rules, but no submission pays out more than it funds, and results do not depend on which cutoffs were run.
    Strict,
}

impl Mode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Compatible, Self::Strict];

    /// The name in the CLI, in stored runs and in manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Strict => "strict",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        Self::ALL.into_iter().find(|mode| mode.name() == text).ok_or_else(|| UnknownMode(text.to_owned()))
    }
}

/// Neither mode has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no mode; there are 'compatible' and 'strict'")]
pub struct UnknownMode(String);
