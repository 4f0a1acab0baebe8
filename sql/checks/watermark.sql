-- Purpose: watermarks are the last snapshots of each hash that was paid, and every paid hash has one (Q1, design D4). Units
-- of a run that is not complete count: their watermarks commit with their rows. Of a hash whose watermark lies in a dropped
-- partition it is only known that no row comes after it.
-- One pass over gold_rows; memory follows the number of hashes. Parameters: none.
-- Columns: key, detail. Order: key. Locks: none.
SELECT format('reward_hash %s', coalesce(w.reward_hash, g.reward_hash)) AS key,
       CASE
           WHEN g.reward_hash IS NULL THEN format('watermark %s, but there are no rows', w.last_snapshot)
           WHEN w.reward_hash IS NULL THEN format('no watermark, but rows reach %s', g.last_snapshot)
           ELSE format('watermark %s, but rows reach %s', w.last_snapshot, g.last_snapshot)
       END AS detail
FROM watermarks w
FULL JOIN (
    SELECT t.reward_hash, max(t.snapshot) AS last_snapshot FROM gold_of_runs t GROUP BY t.reward_hash
) g ON g.reward_hash = w.reward_hash
WHERE w.last_snapshot IS DISTINCT FROM g.last_snapshot
  AND NOT (EXISTS (SELECT FROM dropped_partitions d WHERE w.last_snapshot BETWEEN d.first_snapshot AND d.last_snapshot)
           AND coalesce(g.last_snapshot, '-infinity') < w.last_snapshot)
ORDER BY key
