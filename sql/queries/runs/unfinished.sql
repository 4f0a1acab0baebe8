-- Purpose: the newest run unless it is complete. Parameters: none. Columns: as listed. Locks: none.
SELECT id, chain, cutoff, status, engine, source, version, rule_version, mode, attempt, plan IS NOT NULL AS planned FROM runs
WHERE id = (SELECT max(id) FROM runs) AND status <> 'complete'
