-- Purpose: how many units of a run are to be done, by anybody. Parameters: $1 run id. Columns: units. Locks: none.
SELECT count(*) AS units FROM units WHERE run_id = $1 AND status = 'pending'
