-- Purpose: the texts of tokens as amounts.sql numbers them: those that have no number yet take one below 0. Parameters: none.
-- Columns: id, token. Order: none. Locks: none.
SELECT coalesce(min(k.id), -min(d.id)) AS id, d.token
FROM gold_rewards d
LEFT JOIN gold_tokens k ON k.token = d.token
GROUP BY d.token
