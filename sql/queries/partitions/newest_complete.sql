-- Purpose: the newest complete run. Parameters: none. Columns: cutoff. Locks: none.
SELECT r.cutoff FROM runs r WHERE r.status = 'complete' ORDER BY r.cutoff DESC LIMIT 1
