-- Purpose: what gives partitions of gold_rows the indexes they lack, once they are loaded: those that units of no run are still to
-- write into. Parameters: $1 day; partitions of its month and later ones are left as they are (NULL: all get them).
-- Columns: partition, statement (SHARE on the partition: blocks who writes into it, not readers). Order: partition. Locks: none.
SELECT m.partition, m.statement
FROM missing_gold_indexes(coalesce($1, 'infinity'::date)) m
WHERE NOT EXISTS (
    SELECT FROM units u
    WHERE u.status = 'pending'
      AND m.partition BETWEEN 'gold_rows_' || to_char(u.first_snapshot, 'YYYY_MM') AND 'gold_rows_' || to_char(u.last_snapshot, 'YYYY_MM')
)
