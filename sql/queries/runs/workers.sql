-- Purpose: the sessions that compute units. Parameters: $1 schema. Columns: workers. Locks: none.
SELECT coalesce(string_agg(format('pid %s from %s since %s', a.pid, coalesce(a.client_addr::text, 'this host'),
                                  to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')), '; '), 'none') AS workers
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ShareLock'
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('paydirt work ' || $1, 0)
