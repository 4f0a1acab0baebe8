//! The rules of spec/03 and the quirks of spec/00 §6, one small world per test.
//!
//! Every expected amount is worked out by hand from the spec; the comment above it is the arithmetic. A test that
//! proves a quirk starts with its number, any other says which section it proves.
//!
//! | module | what it proves |
//! |---|---|
//! | `world` | no tests: builds a world and a submission, and computes what is paid |
//! | `windows` | Q1 – Q5, Q32: which days a run pays, over several runs |
//! | `floats` | Q6 – Q8: the float8 eras and the roundings of PostgreSQL |
//! | `forks` | Q18: every fork a row is tested against, on each side of both dates |
//! | `splits` | Q15 and the fallbacks of spec/03 §0, for every step that cuts an amount |
//! | `avs_rewards` | steps 1 – 3 |
//! | `all_stakers`, `all_earners` | step 4, steps 5 and 6 |
//! | `operator_directed` | steps 7 – 10 |
//! | `operator_sets` | steps 11 – 14 |
//! | `stake` | steps 15 – 21 |
//! | `strict` | what strict mode pays instead, and nothing else |
//! | `staging` | step 22 and the columns of all steps |
//! | `explain` | why somebody gets nothing; that all rows are explained is checked in `world` |
//! | `errors` | what PostgreSQL refuses, with its coordinates |
#![allow(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod all_earners;
mod all_stakers;
mod avs_rewards;
mod errors;
mod explain;
mod floats;
mod forks;
mod operator_directed;
mod operator_sets;
mod splits;
mod staging;
mod stake;
mod strict;
mod windows;
mod world;
