-- Purpose: days whose rows were dropped on purpose and would be missing in a sum. Parameters: $1 E, the last snapshot.
-- Columns: first_snapshot, last_snapshot; no row if all is there. Locks: none.
SELECT d.first_snapshot, d.last_snapshot
FROM dropped_partitions d
WHERE d.first_snapshot <= $1 AND (d.gold_rows > 0 OR d.begun_at IS NOT NULL)
ORDER BY d.first_snapshot
LIMIT 1
