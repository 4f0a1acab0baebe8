-- Purpose: the cutoff of a complete run, and whether it is the newest. Parameters: $1 run id. Columns: cutoff, is_newest; no row if it is
-- not complete. Locks: none.
SELECT r.cutoff, NOT EXISTS (SELECT FROM runs n WHERE n.status = 'complete' AND n.cutoff > r.cutoff) AS is_newest
FROM runs r WHERE r.id = $1 AND r.status = 'complete'
