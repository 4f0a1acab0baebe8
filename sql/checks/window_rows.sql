-- Purpose: gold_windows has the rows, the first and the last day of each run and hash (design D7).
-- One pass over gold_rows. Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('run %s reward_hash %s', coalesce(w.run_id, g.run_id), coalesce(w.reward_hash, g.reward_hash)) AS key,
       format('gold_windows says %s rows from %s to %s, there are %s from %s to %s', coalesce(w.gold_rows, 0),
              w.first_snapshot, w.last_snapshot, coalesce(g.gold_rows, 0), g.first_snapshot, g.last_snapshot) AS detail
FROM gold_windows w
FULL JOIN (
    SELECT t.run_id, t.reward_hash, count(*) AS gold_rows, min(t.snapshot) AS first_snapshot,
           max(t.snapshot) AS last_snapshot
    FROM gold_rows t GROUP BY t.run_id, t.reward_hash
) g ON g.run_id = w.run_id AND g.reward_hash = w.reward_hash
WHERE (w.gold_rows, w.first_snapshot, w.last_snapshot) IS DISTINCT FROM (g.gold_rows, g.first_snapshot, g.last_snapshot)
ORDER BY key
