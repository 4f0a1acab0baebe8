-- Purpose: the newest complete run, if it has a manifest without a root. Parameters: none. Columns: run_id; no row if it has one. Locks: none.
SELECT m.run_id FROM manifests m
WHERE m.root IS NULL AND m.run_id = (SELECT max(r.id) FROM runs r WHERE r.status = 'complete')
