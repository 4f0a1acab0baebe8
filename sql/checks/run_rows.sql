-- Purpose: the ledger adds up: the rows of a run's done units are those of its windows, and those a complete run says it
-- wrote; a complete run has no unit left; at most the newest run is not complete. Runs from before the ledger (migration
-- 0005) have no units. Reads no gold rows: window_rows compares those with the windows.
-- Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('run %s cutoff %s', r.id, r.cutoff) AS key,
       format('is %s: runs says %s rows, its windows %s, its units %s, of which %s are left', r.status,
              coalesce(r.gold_rows::text, 'nothing about'), coalesce(w.gold_rows, 0), coalesce(u.gold_rows::text, 'nothing'),
              coalesce(u.pending, 0)) AS detail
FROM runs r
LEFT JOIN (
    SELECT v.run_id, sum(v.gold_rows) AS gold_rows FROM gold_windows v GROUP BY v.run_id
) w ON w.run_id = r.id
LEFT JOIN (
    SELECT v.run_id, coalesce(sum(v.gold_rows), 0) AS gold_rows, count(*) FILTER (WHERE v.status <> 'done') AS pending
    FROM units v GROUP BY v.run_id
) u ON u.run_id = r.id
WHERE CASE r.status
          WHEN 'complete' THEN r.gold_rows IS DISTINCT FROM coalesce(w.gold_rows, 0) OR u.pending > 0
          ELSE r.id <> (SELECT max(n.id) FROM runs n)
      END
   OR u.gold_rows <> coalesce(w.gold_rows, 0)
ORDER BY key
