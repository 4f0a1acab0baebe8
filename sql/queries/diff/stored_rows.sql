-- Purpose: the gold rows of the schema that is first on the search path, but for the days whose rows the other side has dropped (the
-- temp table diff_dropped). Parameters: none. Locks: none beyond its own temp view.
CREATE TEMP VIEW diff_stored AS
SELECT g.earner, g.snapshot, g.reward_hash, g.token, g.amount
FROM gold_table g
WHERE NOT EXISTS (SELECT FROM pg_temp.diff_dropped d WHERE g.snapshot BETWEEN d.first_snapshot AND d.last_snapshot)
