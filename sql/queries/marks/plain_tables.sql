-- Purpose: which of these relations are plain tables, whose rows have versions; views and foreign tables have none.
-- Parameters: $1 names. Columns: name. Locks: none.
SELECT n.name FROM unnest($1::text[]) AS n (name)
JOIN pg_class c ON c.oid = to_regclass(quote_ident(n.name)) WHERE c.relkind IN ('r', 'p')
