-- Purpose: the gold rows of the schema that is first on the search path. Parameters: none. Locks: none beyond its own temp view.
CREATE TEMP VIEW diff_stored AS
SELECT g.earner, g.snapshot, g.reward_hash, g.token, g.amount FROM gold_table g
