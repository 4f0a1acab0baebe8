//! PostgreSQL `numeric` and `float8` semantics, exact, with the NUMERIC wire codec (spec/04).
//!
//! Two types of number occur in the pipeline and both must agree with PostgreSQL 15 to the last digit:
//!
//! * [`Numeric`]: an exact decimal with a *display scale* (dscale). Equality ignores the dscale, division does not:
//!   [`Numeric::pgdiv`] picks the scale of its result from the base-10000 digits of its operands (spec/04 §3).
//! * `f64`, only inside [`float8`]: the one place with floating-point arithmetic, and the two different casts back to
//!   [`Numeric`] (spec/04 §6).
//!
//! [`Numeric::read_wire`] and [`Numeric::write_wire`] are the binary format of `COPY … BINARY`. The crate is pure: no I/O,
//! no state, no panic on any text or bytes from outside.
//!
//! ```
//! use pg_numeric::{Numeric, float8};
//!
//! let a: Numeric = "1000".parse()?;
//! let quotient = a.pgdiv(&Numeric::from(7))?;
//! assert_eq!(quotient.to_string(), "142.8571428571428571"); // spec/04 example 1
//! assert_eq!(quotient.floor().to_string(), "142");
//!
//! // The same number as tokens per day: through float8 and back.
//! let per_day = float8::mul(quotient.to_f64(), float8::PER_DAY_FACTOR);
//! assert_eq!(float8::text(per_day), "142.85714285714272"); // example 42
//! # Ok::<(), pg_numeric::NumericError>(())
//! ```
//!
//! # Layout
//!
//! | module | one thing |
//! |---|---|
//! | `coefficient` | the unscaled integer: `i128`, sign + `U256`, or a boxed `BigInt` |
//! | `numeric` | the public type, conversions |
//! | `ops`, `order`, `round`, `divide` | arithmetic, comparison, rounding, division |
//! | `parts` | many divisions by one whole, without dividing |
//! | `text`, `wire` | PostgreSQL's text and binary formats |
//! | `float8` | everything about doubles |
#![deny(missing_docs)]

mod coefficient;
mod divide;
mod error;
pub mod float8;
mod numeric;
mod ops;
mod order;
mod parts;
mod pow10;
mod round;
mod text;
mod wire;

pub use error::{NumericError, WireError};
pub use numeric::Numeric;
pub use parts::Parts;
