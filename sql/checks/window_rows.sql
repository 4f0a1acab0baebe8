-- Purpose: gold_windows has the rows, the first and the last day of each run and hash (design D7). Of a window that reaches into
-- a dropped partition there are no more rows than it says and none outside of it, and an end that was not dropped is exact.
-- One pass over gold_rows. Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('run %s reward_hash %s', coalesce(w.run_id, g.run_id), coalesce(w.reward_hash, g.reward_hash)) AS key,
       format('gold_windows says %s rows from %s to %s, there are %s from %s to %s', coalesce(w.gold_rows, 0),
              w.first_snapshot, w.last_snapshot, coalesce(g.gold_rows, 0), g.first_snapshot, g.last_snapshot) AS detail
FROM gold_windows w
FULL JOIN (
    SELECT t.run_id, t.reward_hash, count(*) AS gold_rows, min(t.snapshot) AS first_snapshot,
           max(t.snapshot) AS last_snapshot
    FROM gold_of_runs t GROUP BY t.run_id, t.reward_hash
) g ON g.run_id = w.run_id AND g.reward_hash = w.reward_hash
LEFT JOIN LATERAL (
    SELECT count(*) > 0 AS reached,
           coalesce(bool_or(w.first_snapshot BETWEEN d.first_snapshot AND d.last_snapshot), false) AS first_day,
           coalesce(bool_or(w.last_snapshot BETWEEN d.first_snapshot AND d.last_snapshot), false) AS last_day
    FROM dropped_partitions d
    WHERE d.first_snapshot <= w.last_snapshot AND d.last_snapshot >= w.first_snapshot
) dropped ON true
WHERE CASE
          WHEN dropped.reached
          THEN coalesce(g.gold_rows, 0) > w.gold_rows
               OR g.first_snapshot < w.first_snapshot OR g.last_snapshot > w.last_snapshot
               OR NOT dropped.first_day AND g.first_snapshot IS DISTINCT FROM w.first_snapshot
               OR NOT dropped.last_day AND g.last_snapshot IS DISTINCT FROM w.last_snapshot
          ELSE (w.gold_rows, w.first_snapshot, w.last_snapshot)
               IS DISTINCT FROM (g.gold_rows, g.first_snapshot, g.last_snapshot)
      END
ORDER BY key
