-- Purpose: whether the session sees a table. Parameters: $1 name. Columns: found. Locks: none.
SELECT to_regclass(quote_ident($1)) IS NOT NULL AS found
