-- Purpose: whether the bookkeeping table exists. Parameters: $1 schema. Columns: found.
SELECT to_regclass(quote_ident($1) || '.schema_migrations') IS NOT NULL AS found
