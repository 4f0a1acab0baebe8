-- Purpose: calls compare_relations.sql. Parameters: $1 schema and $2 name of the expected relation ($1 NULL: a temp
--          table), $3 and $4 of the computed one, $5 columns, $6 first and $7 last day or NULL, $8 examples per day and side.
-- Columns, order: see there. Locks: none.
SELECT * FROM pg_temp.compare_relations(
    (coalesce(quote_ident($1::text), 'pg_temp') || '.' || quote_ident($2))::regclass,
    (quote_ident($3) || '.' || quote_ident($4))::regclass, $5, $6, $7, $8)
