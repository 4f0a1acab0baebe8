-- Purpose: forgets what was read of a relation from a day on. Parameters: $1 the relation, $2 the day. Locks: rows of
-- silver_days and silver_sources.
WITH forgotten AS (DELETE FROM silver_days WHERE relation = $1 AND day >= $2)
UPDATE silver_sources SET last_block = -1 WHERE relation = $1
