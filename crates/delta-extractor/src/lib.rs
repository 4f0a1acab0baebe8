//! PostgreSQL to Arrow to the rules' input (spec/02; design D2, D3).
//!
//! Three things are read, each in one pass over binary COPY:
//!
//! * [`read_submissions`]: the submissions known at the cutoff, watermarks and excluded addresses;
//! * [`refresh_silver`]: the indexer's events, folded into validity ranges that are stored in paydirt's schema;
//! * [`read_state`]: the part of the ranges (or of an indexer's own daily tables) that a plan
//!   [`Needs`](reward_rules::Needs), from which [`State::day`] makes the state of one snapshot.
//!
//! All of them expect a transaction with [`prepare`] run in it, whose search path has paydirt's and the source schema.
#![deny(missing_docs)]

mod change;
mod digest;
mod error;
mod input;
mod marks;
mod ranges;
mod refresh;
mod rows;
mod samples;
mod silver;
mod state;
mod submissions;
mod timeline;

pub use digest::{Hash, TextHashes};
pub use error::ExtractError;
pub use input::{RunInput, Source, prepare};
pub use marks::{Marks, read_marks};
pub use ranges::Range;
pub use refresh::{Refresh, RefreshedRelation, refresh_silver};
pub use state::{
    Reading, Registrations, RegistrationsBefore, State, StateOfDay, StateRanges, read_registrations, read_state,
};
pub use submissions::{Submissions, read_submissions, read_watermarks};
