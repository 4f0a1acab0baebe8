-- Purpose: gives numbers to submissions that have none. In order, so that sessions that add the same ones wait for each other
-- instead of in a circle. Parameters: $1 reward hashes, $2 their
-- tokens. Locks: rows of gold_rewards it adds.
INSERT INTO gold_rewards (reward_hash, token)
SELECT DISTINCT a.reward_hash COLLATE "C", a.token COLLATE "C" FROM unnest($1::text[], $2::text[]) AS a (reward_hash, token)
WHERE NOT EXISTS (SELECT FROM gold_rewards r WHERE r.reward_hash = a.reward_hash AND r.token = a.token)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
