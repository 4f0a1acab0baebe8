-- Purpose: what the server should look at again after some runs. Of the partitions their units wrote into (a unit lies within a
-- month; the one of the SQL engine counts for all its months): the BRIN summaries of new pages of each, and the statistics of
-- those that grew by half since they were last analyzed, or never were: a month's first nights would otherwise analyze every
-- time. Of the other tables that grow: those with more than a thousand and more than a tenth of their rows changed since they
-- were last analyzed. Parameters: $1 id of the first of the runs.
-- Columns: relname (whose), statement. Order: name; summaries first. Locks: none.
WITH added AS (
    SELECT c.oid, c.relname, c.reltuples, sum(u.gold_rows) AS gold_rows
    FROM units u
    CROSS JOIN LATERAL generate_series(date_trunc('month', u.first_snapshot::timestamp), u.last_snapshot::timestamp, '1 month') m (month)
    JOIN pg_class g ON g.oid = 'gold_rows'::regclass
    JOIN pg_class c ON c.relnamespace = g.relnamespace AND c.relname = 'gold_rows_' || to_char(m.month, 'YYYY_MM')
    WHERE u.run_id >= $1 AND u.gold_rows > 0
    GROUP BY c.oid, c.relname, c.reltuples
)
SELECT 1 AS kind, a.relname, format('SELECT brin_summarize_new_values(%L)', x.indexrelid::regclass) AS statement
FROM added a
JOIN pg_index x ON x.indrelid = a.oid AND x.indisvalid
JOIN pg_class k ON k.oid = x.indexrelid
JOIN pg_am m ON m.oid = k.relam AND m.amname = 'brin'
UNION ALL
SELECT 2, a.relname, format('ANALYZE (SKIP_LOCKED) %s', a.oid::regclass)
FROM added a
LEFT JOIN pg_stat_user_tables s ON s.relid = a.oid
WHERE greatest(s.n_mod_since_analyze, a.gold_rows) * 2 > a.reltuples OR (s.last_analyze IS NULL AND s.last_autoanalyze IS NULL)
UNION ALL
SELECT 2, c.relname, format('ANALYZE (SKIP_LOCKED) %s', c.oid::regclass)
FROM pg_class g
JOIN pg_class c ON c.relnamespace = g.relnamespace AND c.relkind = 'r'
JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE g.oid = 'gold_rows'::regclass
  AND (c.relname LIKE '%\_ranges' OR c.relname IN ('gold_windows', 'watermarks', 'units', 'silver_days'))
  AND s.n_mod_since_analyze > 1000
  AND (s.n_mod_since_analyze * 10 > c.reltuples OR (s.last_analyze IS NULL AND s.last_autoanalyze IS NULL))
ORDER BY kind, relname, statement
