-- Purpose: whether this session has the lock it has just taken: behind a transaction pooler another one may have it.
-- Parameters: $1 schema. Columns: held. Locks: none.
SELECT EXISTS (
    SELECT FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.pid = pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('paydirt migrate ' || $1, 0)
) AS held
