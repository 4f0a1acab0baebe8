-- Purpose: the units of a run. Parameters: $1 run id. Columns: as listed. Order: unit. Locks: none.
SELECT unit, to_char(first_snapshot, 'YYYY-MM-DD') AS first_snapshot, to_char(last_snapshot, 'YYYY-MM-DD') AS last_snapshot,
       status, gold_rows, bytes, seconds, worker, retries, lock_wait_seconds, error
FROM units WHERE run_id = $1 ORDER BY unit
