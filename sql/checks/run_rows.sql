-- Purpose: a complete run's gold_rows are those of its windows; a run that is not complete has no windows, because its
-- transaction was rolled back. Reads no rows of gold_table: window_rows compares those with the windows.
-- Parameters: none. Columns: key, detail. Order: key. Locks: none.
SELECT format('run %s cutoff %s', r.id, r.cutoff) AS key,
       CASE
           WHEN r.status = 'complete'
               THEN format('runs says %s rows, its windows %s', coalesce(r.gold_rows::text, 'NULL'),
                            coalesce(w.gold_rows, 0))
           ELSE format('is %s, but has %s windows with %s rows', r.status, w.windows, w.gold_rows)
       END AS detail
FROM runs r
LEFT JOIN (
    SELECT v.run_id, count(*) AS windows, sum(v.gold_rows) AS gold_rows FROM gold_windows v GROUP BY v.run_id
) w ON w.run_id = r.id
WHERE CASE r.status
          WHEN 'complete' THEN r.gold_rows IS DISTINCT FROM coalesce(w.gold_rows, 0)
          ELSE w.run_id IS NOT NULL
      END
ORDER BY key
