//! The typed errors. None is retryable: the same input fails again.

use alloy_primitives::{Address, B256};
use thiserror::Error;

use crate::Pair;

/// Rows are no distribution (spec/05 §2, §4).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There was no row at all.
    #[error("a distribution needs at least one pair of earner and token")]
    NoPairs,
    /// A row does not come after the one before it, or is the same pair again.
    #[error("pairs are not in ascending order: row {row} (from 0) is {pair}, after {}", previous)]
    OutOfOrder {
        /// Number of the row, the first is 0.
        row: usize,
        /// The pair of the row before.
        previous: Box<Pair>,
        /// The pair of this row.
        pair: Box<Pair>,
    },
    /// More than 2^32 − 1 rows: indices are 32 bits.
    #[error("a distribution has at most {} pairs", u32::MAX)]
    TooManyPairs,
}

/// A claim was asked for that the distribution does not have (spec/05 §5).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The earner has no pair.
    #[error("earner {earner:#x} has no cumulative amounts")]
    UnknownEarner {
        /// Who was asked for.
        earner: Address,
    },
    /// The earner has pairs, but none with this token.
    #[error("earner {earner:#x} has no cumulative amount of token {token:#x}")]
    UnknownToken {
        /// Who was asked for.
        earner: Address,
        /// The token without a pair.
        token: Address,
    },
    /// A list of no tokens; all tokens of an earner is [`Distribution::claim_all`](crate::Distribution::claim_all).
    #[error("a claim for earner {earner:#x} needs at least one token")]
    NoTokens {
        /// Who was asked for.
        earner: Address,
    },
}

/// A claim proves nothing. Fields have the names of the JSON; entries are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// No token is claimed.
    #[error("LeafIndices: a claim needs at least one token")]
    NoTokens,
    /// A tree as deep as the earner's proof has no leaf of that index.
    #[error("EarnerIndex: {index} is not below 2^{depth}, with {depth} hashes in EarnerTreeProof")]
    EarnerIndexOutOfRange {
        /// The claim's index.
        index: u32,
        /// Hashes in the proof.
        depth: usize,
    },
    /// A tree as deep as the token's proof has no leaf of that index.
    #[error("LeafIndices: entry {entry}: {index} is not below 2^{depth}, with {depth} hashes in TokenTreeProofs")]
    TokenIndexOutOfRange {
        /// Which token of the claim.
        entry: usize,
        /// Its index.
        index: u32,
        /// Hashes in its proof.
        depth: usize,
    },
    /// A token's proof leads to another root than the earner's.
    #[error("TokenTreeProofs: entry {entry}: token {token:#x} leads to {found}, EarnerTokenRoot is {expected}")]
    TokenProof {
        /// Which token of the claim.
        entry: usize,
        /// The token.
        token: Address,
        /// The claim's root over the earner's tokens.
        expected: B256,
        /// Where leaf, index and proof lead.
        found: B256,
    },
    /// The earner's proof leads to another root than the claim's.
    #[error("EarnerTreeProof: earner {earner:#x} leads to {found}, Root is {expected}")]
    EarnerProof {
        /// The earner.
        earner: Address,
        /// The claim's root.
        expected: B256,
        /// Where leaf, index and proof lead.
        found: B256,
    },
}
