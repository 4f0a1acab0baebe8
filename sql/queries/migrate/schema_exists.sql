-- Purpose: whether a schema exists. Parameters: $1 schema. Columns: found.
SELECT to_regnamespace(quote_ident($1)) IS NOT NULL AS found
