-- Purpose: whether a schema has a table or view. Parameters: $1 schema, $2 name. Columns: found. Locks: none.
SELECT to_regclass(quote_ident($1) || '.' || quote_ident($2)) IS NOT NULL AS found
