//! The Merkle tree over cumulative amounts, its proofs, and claims (spec/05 §2 – §5). Pure: no I/O, no state.
//!
//! A [`Distribution`] is made of (earner, token, cumulative amount) rows in order. Each earner has a tree over its
//! tokens; the roots of those are the leaves of the tree over earners, whose root is what gets posted. A [`Claim`]
//! proves some tokens of one earner: it is data, written and read as the JSON of the rewards coordinator contract's own
//! tests, and [`Claim::verify`] needs nothing but the claim.
//!
//! ```
//! use alloy_primitives::{Address, U256};
//! use claim_tree::{Claim, Distribution, Pair};
//!
//! let (earner, token) = (Address::repeat_byte(0x11), Address::repeat_byte(0xaa));
//! let distribution = Distribution::build([Pair { earner, token, cumulative: U256::from(1) }])?;
//! let root = "0xa3574509ee017ccc1f7492a6277dbc0196b0fc83e6e0fe4a76fd9eb1e21865bf"; // spec/05 §6, V1
//! assert_eq!(distribution.root().to_string(), root);
//!
//! let claim = distribution.claim(7, earner, &[token])?;
//! let text = serde_json::to_string(&claim)?;
//! let read: Claim = serde_json::from_str(&text)?;
//! read.verify()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Layout
//!
//! | module | one thing |
//! |---|---|
//! | `leaf` | the two kinds of leaves and their hashes |
//! | `tree` | levels over leaf hashes, proofs, and the way back to a root |
//! | `builder` | ordered rows into flat vectors |
//! | `distribution` | the rows with their tree, and claims from it |
//! | `claim` | a claim as data, and its verification |
//! | `json` | a claim as JSON |
#![deny(missing_docs)]

mod builder;
mod claim;
mod distribution;
mod error;
mod json;
mod leaf;
mod tree;

pub use builder::{Builder, Pair};
pub use claim::{Claim, TokenClaim};
pub use distribution::Distribution;
pub use error::{BuildError, ClaimError, LookupError};
pub use leaf::{EarnerLeaf, TokenLeaf};
pub use tree::root_over;
