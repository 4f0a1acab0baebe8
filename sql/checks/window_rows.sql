-- Purpose: gold_windows.gold_rows is the number of rows of gold_table in that window (design D7).
-- One pass over gold_table; windows become their days, so that everything joins by equality.
-- Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('run %s reward_hash %s snapshots %s to %s', w.run_id, w.reward_hash, w.first_snapshot, w.last_snapshot)
           AS key,
       format('gold_windows says %s rows, gold_table has %s', w.gold_rows, coalesce(sum(g.gold_rows), 0)) AS detail
FROM gold_windows w
CROSS JOIN LATERAL generate_series(0, w.last_snapshot - w.first_snapshot) AS d (day)
LEFT JOIN (
    SELECT t.reward_hash, t.snapshot, count(*) AS gold_rows FROM gold_table t GROUP BY t.reward_hash, t.snapshot
) g ON g.reward_hash = w.reward_hash AND g.snapshot = w.first_snapshot + d.day
GROUP BY w.run_id, w.reward_hash, w.first_snapshot, w.last_snapshot, w.gold_rows
HAVING w.gold_rows <> coalesce(sum(g.gold_rows), 0)
ORDER BY key
