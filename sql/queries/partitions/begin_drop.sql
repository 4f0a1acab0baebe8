-- Purpose: notes that a partition is about to be dropped: from now on the checks leave its days out, and what an interruption
-- leaves is known. Parameters: $1 first, $2 last day. Locks: a row of dropped_partitions.
INSERT INTO dropped_partitions (first_snapshot, last_snapshot, begun_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (first_snapshot) DO UPDATE SET last_snapshot = excluded.last_snapshot, begun_at = excluded.begun_at
