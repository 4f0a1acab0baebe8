-- Purpose: what statements have cost since the last reset, nested ones too. Parameters: none. Columns: statement, calls, ms.
-- Order: none. Statements of temp tables are listed once per session: they are added up by text.
SELECT regexp_replace(s.query, '\s+', ' ', 'g') AS statement, s.toplevel AS is_top_level, sum(s.calls)::bigint AS calls,
       sum(s.total_exec_time) AS ms
FROM pg_stat_statements s
GROUP BY 1, 2
