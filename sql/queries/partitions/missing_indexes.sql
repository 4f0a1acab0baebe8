-- Purpose: what gives partitions of gold_rows the indexes they lack, once they are loaded. Parameters: $1 day; partitions of its
-- month and later ones are left as they are (NULL: all get them). Columns: partition, statement (SHARE on the partition:
-- blocks who writes into it, not readers). Order: partition. Locks: none.
SELECT m.partition, m.statement FROM missing_gold_indexes(coalesce($1, 'infinity'::date)) m
