-- Purpose: the complete runs. Parameters: none. Columns: id, cutoff, source. Order: cutoff. Locks: none.
SELECT r.id, r.cutoff, r.source FROM runs r WHERE r.status = 'complete' ORDER BY r.cutoff
