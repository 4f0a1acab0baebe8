-- Purpose: what was set aside decides what is an error: when the quarantine changes, everything is checked again. Parameters: none.
-- Columns: rows, mark. Locks: none.
SELECT count(*) AS rows, bit_xor(hashtextextended(q.reward_hash, 0)) AS mark FROM quarantine q
