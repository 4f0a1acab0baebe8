//! Every operation against a real PostgreSQL.
