-- Purpose: who works on the schema. Parameters: none. Columns: as listed; silent_seconds is NULL if the note is not renewed.
-- Locks: none.
SELECT host, pid, backend_pid, doing, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since,
       extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS silent_seconds
FROM lease
