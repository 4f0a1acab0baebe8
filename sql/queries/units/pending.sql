-- Purpose: the units of a run that are still to do. Parameters: $1 run id. Columns: as listed. Order: unit. Locks: none.
SELECT unit, first_snapshot, last_snapshot FROM units WHERE run_id = $1 AND status = 'pending' ORDER BY unit
