-- Purpose: ends the session of a holder that is dead, if it still has the lock. Parameters: $1 schema, $2 its backend.
-- Columns: evicted. Locks: none.
SELECT pg_terminate_backend(l.pid) AS evicted FROM pg_locks l
WHERE l.locktype = 'advisory' AND l.granted AND l.pid = $2
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('paydirt run ' || $1, 0)
