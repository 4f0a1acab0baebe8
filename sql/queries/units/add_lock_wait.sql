-- Purpose: the end of a batch waited for locks, too. Parameters: $1 run id, $2 its last unit, $3 seconds. Locks: a row of
-- units.
UPDATE units SET lock_wait_seconds = coalesce(lock_wait_seconds, 0) + $3 WHERE run_id = $1 AND unit = $2
