-- Purpose: what complete runs paid some earners on a day. Parameters: $1 earners, $2 snapshot, $3 reward hash or NULL, $4 token or
-- NULL. Columns: as listed. Order: earner first. Locks: none.
SELECT g.earner, coalesce(g.reward_hash, 'no entry in gold_rewards') AS reward_hash, coalesce(g.token, '?') AS token, g.amount::text AS amount, g.run_id::bigint AS run_id
FROM gold_of_runs g
WHERE g.earner = ANY ($1::text[]) AND g.snapshot = $2
  AND ($3::text IS NULL OR g.reward_hash = $3) AND ($4::text IS NULL OR g.token = $4)
  AND g.run_id IN (SELECT r.id FROM runs r WHERE r.status = 'complete')
ORDER BY g.earner COLLATE "C", reward_hash, token
