-- Purpose: silver is not behind the runs: silver_state has the chain and at least the cutoff of the newest complete run on
-- events (a run on snapshots leaves silver alone), and every relation has been read up to the same cutoff. It may be ahead:
-- silver commits before the rows do, and stays when a run that did not finish is removed. Parameters: none.
-- Columns: key, detail. Order: key. Locks: none.
SELECT 'silver_state' AS key,
       CASE
           WHEN s.cutoff IS NULL THEN format('is empty, but run %s is on events of %s up to %s', r.id, r.chain, r.cutoff)
           ELSE format('%s up to %s, but run %s is on events of %s up to %s', s.chain, s.cutoff, r.id, r.chain, r.cutoff)
       END AS detail
FROM (
    SELECT n.id, n.chain, n.cutoff FROM runs n WHERE n.status = 'complete' AND n.source = 'events'
    ORDER BY n.cutoff DESC LIMIT 1
) r
LEFT JOIN silver_state s ON true
WHERE s.cutoff IS NULL OR s.cutoff < r.cutoff OR s.chain <> r.chain
UNION ALL
SELECT 'silver_sources ' || k.relation, format('read up to %s, but silver_state says %s', k.read_before, s.cutoff)
FROM silver_sources k
LEFT JOIN silver_state s ON true
WHERE k.read_before IS DISTINCT FROM s.cutoff
ORDER BY key
