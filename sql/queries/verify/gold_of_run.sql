-- Purpose: the rows that a run wrote. Parameters: $1 run id, $2 and $3 its first and last day. Columns: day, cells (the
-- columns of gold_table as text, in order). Order: day. Locks: none.
SELECT g.snapshot AS day,
       ARRAY[g.earner, g.snapshot::text, g.reward_hash, g.token, g.amount::text] AS cells
FROM gold_of_runs g
WHERE g.run_id = $1 AND g.snapshot BETWEEN $2 AND $3
ORDER BY g.snapshot
