//! Integration tests of pg-numeric, one binary.
//!
//! * `spec_examples`: the 46 examples of spec/04 §3 – §6
//! * `properties`: the fast path against the plain model in `oracle`
//! * `wire_vectors`, `wire_fuzz`: the NUMERIC codec, by hand and by fuzzing
//! * `differential`: everything against a real PostgreSQL
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]
#![allow(clippy::float_arithmetic, reason = "tests build adversarial doubles")]

mod differential;
mod operands;
mod oracle;
mod properties;
mod spec_examples;
mod wire_fuzz;
mod wire_vectors;

use pg_numeric::Numeric;

/// A numeric from text that is known to be one.
fn n(text: &str) -> Numeric {
    text.parse().unwrap()
}
