-- Purpose: the gold rows of a run, with their texts. Parameters: $1 run id, $2 the same as it is in gold_rows, $3 the only
-- day, NULL: all. Columns: snapshot, earner, reward_hash, token, amount. Order: none. Locks: none.
SELECT g.snapshot, e.address AS earner, r.reward_hash, r.token, g.amount
FROM gold_rows g
LEFT JOIN gold_earners e ON e.id = g.earner
LEFT JOIN gold_rewards r ON r.id = g.reward
WHERE g.run_id = $2
  AND g.snapshot >= (SELECT min(w.first_snapshot) FROM gold_windows w WHERE w.run_id = $1)
  AND g.snapshot <= (SELECT max(w.last_snapshot) FROM gold_windows w WHERE w.run_id = $1)
  AND ($3::date IS NULL OR g.snapshot = $3::date)
