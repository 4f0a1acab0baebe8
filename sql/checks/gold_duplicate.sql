-- Purpose: gold_table has one row per (earner, snapshot, reward_hash, token) (spec/03 §22); it has no unique key.
-- One pass over gold_table with an aggregate as large as the table, which spills to temporary files.
-- Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('reward_hash %s snapshot %s earner %s token %s', g.reward_hash, g.snapshot, g.earner, g.token) AS key,
       format('%s rows instead of one, amounts %s to %s', count(*), min(g.amount), max(g.amount)) AS detail
FROM gold_table g
GROUP BY g.reward_hash, g.snapshot, g.earner, g.token
HAVING count(*) > 1
ORDER BY key
