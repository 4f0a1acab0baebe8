-- Purpose: the newest complete run. Parameters: none. Columns: id. Locks: none.
SELECT max(r.id) AS id FROM runs r WHERE r.status = 'complete'
