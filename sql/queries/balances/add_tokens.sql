-- Purpose: gives numbers to tokens that have none. Parameters: none. Locks: rows of gold_tokens.
INSERT INTO gold_tokens (token)
SELECT DISTINCT r.token FROM gold_rewards r
WHERE NOT EXISTS (SELECT FROM gold_tokens t WHERE t.token = r.token)
ORDER BY r.token
ON CONFLICT DO NOTHING
