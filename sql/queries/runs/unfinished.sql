-- Purpose: the newest run unless it is complete. Parameters: none. Columns: as listed. Locks: none.
SELECT id, cutoff, status, engine, source, version FROM runs
WHERE id = (SELECT max(id) FROM runs) AND status <> 'complete'
