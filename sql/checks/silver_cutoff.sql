-- Purpose: silver_state names chain and cutoff of the newest run on events that is complete or, since silver commits before
-- the rows do, of one that is not complete yet. A run on snapshots leaves silver alone. Cutoffs ascend from run to run (Q23).
-- Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT 'silver_state' AS key,
       CASE
           WHEN r.id IS NULL THEN format('%s up to %s, but there is no run on events', s.chain, s.cutoff)
           WHEN s.cutoff IS NULL THEN format('is empty, but run %s is on events of %s up to %s', r.id, r.chain, r.cutoff)
           ELSE format('%s up to %s, but run %s is on events of %s up to %s', s.chain, s.cutoff, r.id, r.chain, r.cutoff)
       END AS detail
FROM silver_state s
FULL JOIN (
    SELECT n.id, n.chain, n.cutoff FROM runs n WHERE n.status = 'complete' AND n.source = 'events'
    ORDER BY n.cutoff DESC LIMIT 1
) r ON true
WHERE (s.chain, s.cutoff) IS DISTINCT FROM (r.chain, r.cutoff)
  AND NOT EXISTS (SELECT FROM runs n WHERE n.status <> 'complete' AND n.source = 'events'
                  AND (n.cutoff = s.cutoff OR s.cutoff IS NULL))
ORDER BY key
