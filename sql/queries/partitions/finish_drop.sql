-- Purpose: a partition is gone, in the transaction that dropped it. Parameters: $1 its first day, $2 the rows it had.
-- Locks: a row of dropped_partitions.
UPDATE dropped_partitions SET gold_rows = gold_rows + $2, begun_at = NULL, dropped_at = clock_timestamp() WHERE first_snapshot = $1
