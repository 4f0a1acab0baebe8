-- Purpose: partitions of gold_rows for a span of snapshots. Parameters: $1 first, $2 last. Columns: created.
-- Locks: SHARE UPDATE EXCLUSIVE on gold_rows while a partition is attached; readers go on.
SELECT ensure_gold_partitions($1, $2) AS created
