//! A real PostgreSQL for the differential tests.
