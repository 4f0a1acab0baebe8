-- Purpose: which of these relations are plain tables, whose rows have versions (views and foreign tables have none), and how large
-- they are. Parameters: $1 names. Columns: name, bytes. Locks: none.
SELECT n.name,
       CASE c.relkind WHEN 'p' THEN (SELECT sum(pg_relation_size(t.relid)) FROM pg_partition_tree(c.oid) t)::bigint
                      ELSE pg_relation_size(c.oid) END AS bytes
FROM unnest($1::text[]) AS n (name)
JOIN pg_class c ON c.oid = to_regclass(quote_ident(n.name)) WHERE c.relkind IN ('r', 'p')
