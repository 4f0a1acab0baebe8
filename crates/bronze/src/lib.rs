//! The indexer's tables (spec/01): their definitions, CSV import and validation.
