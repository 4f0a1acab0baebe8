-- Purpose: the rows of complete runs of a submission and a day. Parameters: $1 reward hash, $2 token, $3 day.
-- Columns: earner (empty if it has no text), amount (text). Order: none. Locks: none.
SELECT coalesce(g.earner, '') AS earner, g.amount::text AS amount
FROM gold_table g
WHERE g.reward_hash = $1 AND g.token = $2 AND g.snapshot = $3
