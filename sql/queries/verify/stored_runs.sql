-- Purpose: the complete runs of a span of cutoffs. Parameters: $1 first, $2 last cutoff. Columns: as listed. Order: cutoff.
SELECT id, cutoff, source FROM runs WHERE status = 'complete' AND cutoff BETWEEN $1 AND $2 ORDER BY cutoff
