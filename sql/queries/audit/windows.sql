-- Purpose: which complete runs paid which submissions, and up to which day. Parameters: none.
-- Columns: run_id, reward_hash, last_snapshot. Order: cutoff. Locks: none.
SELECT w.run_id, w.reward_hash, max(w.last_snapshot) AS last_snapshot
FROM gold_windows w
JOIN runs r ON r.id = w.run_id AND r.status = 'complete'
GROUP BY r.cutoff, w.run_id, w.reward_hash
ORDER BY r.cutoff
