-- Purpose: which of the indexer's daily tables are missing. Parameters: $1 source schema, $2 table names.
-- Columns: name. Order: name. Locks: none.
SELECT name FROM unnest($2::text[]) AS name
WHERE to_regclass(quote_ident($1) || '.' || quote_ident(name)) IS NULL ORDER BY name
