-- Purpose: forgets what units noted, because some did not. Parameters: $1 run id. Locks: rows of unit_days.
DELETE FROM unit_days WHERE run_id = $1
