-- Purpose: a unit is done, in the transaction of its rows. Parameters: $1 run id, $2 unit, $3 rows, $4 bytes, $5 seconds, $6
-- what was paid per token, $7 worker, $8 seconds of waiting for locks. Locks: a row of units.
UPDATE units SET status = 'done', gold_rows = $3, bytes = $4, seconds = $5, paid = $6, worker = $7, lock_wait_seconds = $8,
       finished_at = clock_timestamp()
WHERE run_id = $1 AND unit = $2 AND status = 'pending'
