//! Benchmarks, in a package of their own so that nothing else depends on their tools. See README.md beside this file.
