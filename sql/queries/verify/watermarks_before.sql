-- Purpose: the watermarks as a run found them. Parameters: $1 its cutoff. Columns: reward_hash, last_snapshot. Order: none.
SELECT w.reward_hash, max(w.last_snapshot) AS last_snapshot
FROM gold_windows w JOIN runs r ON r.id = w.run_id AND r.status = 'complete' AND r.cutoff < $1
GROUP BY w.reward_hash
