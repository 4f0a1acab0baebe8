//! What can go wrong while a rule is evaluated.

use pg_numeric::NumericError;

use crate::{Day, Dictionary, Id, Step};

/// A value that a rule cannot compute: the same input makes the reference fail.
///
/// Not retryable: the input has to be corrected or the submission quarantined.
#[derive(Debug, thiserror::Error)]
#[error("step {step}, snapshot {snapshot}, reward_hash #{reward_hash}{earner}: {source}", reward_hash = .reward_hash.0, earner = .earner.map(|id| format!(", earner #{}", id.0)).unwrap_or_default())]
pub struct RuleError {
    /// The step of spec/03 that failed.
    pub step: Step,
    /// The snapshot it was computing.
    pub snapshot: Day,
    /// The submission it was computing.
    pub reward_hash: Id,
    /// The earner whose amount failed, where it is one earner's.
    pub earner: Option<Id>,
    /// What the arithmetic said.
    #[source]
    pub source: NumericError,
}

impl RuleError {
    /// The message with the texts behind the ids.
    #[must_use]
    pub fn describe(&self, dictionary: &Dictionary) -> String {
        let earner = self.earner.map(|earner| format!(", earner {}", dictionary.text(earner))).unwrap_or_default();
        format!(
            "step {}, snapshot {}, reward_hash {}{earner}: {}",
            self.step,
            self.snapshot,
            dictionary.text(self.reward_hash),
            self.source
        )
    }
}

/// Where in a group a computation is, to give errors their coordinates.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub(crate) step: Step,
    pub(crate) snapshot: Day,
    pub(crate) reward_hash: Id,
}

impl At {
    pub(crate) fn error(self, earner: Option<Id>) -> impl FnOnce(NumericError) -> RuleError {
        move |source| RuleError {
            step: self.step,
            snapshot: self.snapshot,
            reward_hash: self.reward_hash,
            earner,
            source,
        }
    }
}
