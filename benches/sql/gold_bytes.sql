-- Purpose: what gold takes on disk: the partitions of gold_rows with their indexes, and every other table whose name begins with
-- gold_ (dictionaries, windows). Parameters: none. Columns: bytes. One row.
SELECT sum(pg_total_relation_size(c.oid))::bigint AS bytes
FROM pg_class c
WHERE c.relnamespace = 'paydirt'::regnamespace AND c.relkind = 'r'
  AND (c.relname LIKE 'gold\_%' OR c.oid IN (SELECT t.relid FROM pg_partition_tree('paydirt.gold_rows') t))
