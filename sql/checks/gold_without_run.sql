-- Purpose: every (reward_hash, snapshot) was written by one run, which exists and has a window for it (design D5, D7).
-- One pass over gold_rows. Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('reward_hash %s snapshot %s', g.reward_hash, g.snapshot) AS key,
       CASE
           WHEN count(*) > 1 THEN format('%s rows of %s runs: %s', sum(g.gold_rows), count(*),
                                         string_agg(g.run_id::text, ', ' ORDER BY g.run_id))
           WHEN min(r.id) IS NULL THEN format('%s rows of run %s, which is not there', sum(g.gold_rows), min(g.run_id))
           ELSE format('%s rows of run %s, which has no window for them', sum(g.gold_rows), min(g.run_id))
       END AS detail
FROM (
    SELECT t.reward_hash, t.snapshot, t.run_id, count(*) AS gold_rows
    FROM gold_of_runs t GROUP BY t.reward_hash, t.snapshot, t.run_id
) g
LEFT JOIN runs r ON r.id = g.run_id
LEFT JOIN gold_windows w ON w.run_id = g.run_id AND w.reward_hash = g.reward_hash
GROUP BY g.reward_hash, g.snapshot
HAVING count(*) > 1 OR min(r.id) IS NULL
    OR bool_or(g.snapshot BETWEEN w.first_snapshot AND w.last_snapshot) IS NOT TRUE
ORDER BY key
