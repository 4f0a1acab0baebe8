-- Purpose: the cutoff of a run, and how many runs are newer. Parameters: $1 id. Columns: cutoff, newer. Locks: none.
SELECT r.cutoff, (SELECT count(*) FROM runs n WHERE n.cutoff > r.cutoff) AS newer FROM runs r WHERE r.id = $1
