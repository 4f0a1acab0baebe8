-- Purpose: every (reward_hash, snapshot) of gold_table is in the window of exactly one run, which is complete (D7).
-- One pass over gold_table; windows become their days, so that everything joins by equality.
-- Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('reward_hash %s snapshot %s', g.reward_hash, g.snapshot) AS key,
       CASE count(r.id)
           WHEN 0 THEN format('%s rows, but no run has a window for them', g.gold_rows)
           WHEN 1 THEN format('%s rows, but run %s is %s', g.gold_rows, min(r.id), min(r.status))
           ELSE format('%s rows in the windows of %s runs: %s', g.gold_rows, count(r.id),
                       string_agg(r.id::text, ', ' ORDER BY r.id))
       END AS detail
FROM (
    SELECT t.reward_hash, t.snapshot, count(*) AS gold_rows FROM gold_table t GROUP BY t.reward_hash, t.snapshot
) g
LEFT JOIN (
    SELECT w.run_id, w.reward_hash, w.first_snapshot + d.day AS snapshot
    FROM gold_windows w
    CROSS JOIN LATERAL generate_series(0, w.last_snapshot - w.first_snapshot) AS d (day)
) w ON w.reward_hash = g.reward_hash AND w.snapshot = g.snapshot
LEFT JOIN runs r ON r.id = w.run_id
GROUP BY g.reward_hash, g.snapshot, g.gold_rows
HAVING count(r.id) <> 1 OR min(r.status) <> 'complete'
ORDER BY key
