-- Purpose: the rows of gold_table that a run wrote. Parameters: $1 run id. Columns: day, cells (the columns of gold_table
--          as text, in order). Order: day. Locks: none.
SELECT g.snapshot AS day,
       ARRAY[g.earner, g.snapshot::text, g.reward_hash, g.token, g.amount::text] AS cells
FROM gold_windows w
JOIN gold_table g ON g.reward_hash = w.reward_hash AND g.snapshot BETWEEN w.first_snapshot AND w.last_snapshot
WHERE w.run_id = $1
ORDER BY g.snapshot
