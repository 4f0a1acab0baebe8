-- Purpose: the partitions of gold_rows, and tables that were such and are detached (by name). Partitions that are not of
-- bounded days are not of paydirt's making and left out. Parameters: none.
-- Columns: name; first_day, last_day; estimated_rows (NULL before the first ANALYZE or VACUUM); bytes with indexes; runs that
-- wrote rows which may still be there (units tell it exactly; for runs of the SQL engine or from before there were units,
-- windows of submissions reach into the days); state; is_begun: a drop was begun and not finished. Order: first_day, name.
-- Locks: ACCESS SHARE on each table, for a moment.
SELECT p.name, p.first_day, p.last_day, CASE WHEN p.reltuples >= 0 THEN p.reltuples::bigint END AS estimated_rows,
       coalesce(pg_total_relation_size(p.oid), 0) AS bytes, p.state, d.begun_at IS NOT NULL AS is_begun,
       ARRAY(
           SELECT r.id FROM runs r
           WHERE CASE
                     WHEN r.engine = 'native' AND EXISTS (SELECT FROM units u WHERE u.run_id = r.id)
                     THEN EXISTS (SELECT FROM units u
                                  WHERE u.run_id = r.id AND u.gold_rows > 0 AND u.first_snapshot <= p.last_day
                                    AND u.last_snapshot >= p.first_day
                                    AND u.finished_at > coalesce(d.dropped_at, '-infinity'))
                     ELSE r.started_at > coalesce(d.dropped_at, '-infinity')
                          AND EXISTS (SELECT FROM gold_windows w
                                      WHERE w.run_id = r.id AND w.first_snapshot <= p.last_day
                                        AND w.last_snapshot >= p.first_day)
                 END
           ORDER BY r.id
       ) AS runs
FROM (
    SELECT c.oid, c.relname::text AS name, c.reltuples,
           CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'detach pending' ELSE 'attached' END AS state,
           CASE WHEN i.inhrelid IS NULL THEN to_date(right(c.relname, 7), 'YYYY_MM')
                ELSE substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \(''(\d{4}-\d\d-\d\d)''\)')::date
           END AS first_day,
           CASE WHEN i.inhrelid IS NULL THEN (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month')::date - 1
                ELSE substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(\d{4}-\d\d-\d\d)''\)')::date - 1
           END AS last_day
    FROM pg_class g
    JOIN pg_class c ON c.relkind = 'r'
    LEFT JOIN pg_inherits i ON i.inhparent = g.oid AND i.inhrelid = c.oid
    WHERE g.oid = 'gold_rows'::regclass
      AND (i.inhrelid IS NOT NULL
           OR c.relnamespace = g.relnamespace AND c.relname ~ '^gold_rows_\d{4}_(0[1-9]|1[0-2])$')
) p
LEFT JOIN dropped_partitions d ON d.first_snapshot = p.first_day
WHERE p.first_day IS NOT NULL AND p.last_day IS NOT NULL
ORDER BY p.first_day, p.name
