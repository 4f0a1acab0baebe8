-- Purpose: notes who has the lock; whoever was noted before has died, or the lock would not have been free. Parameters: $1
-- host, $2 process, $3 what it does, $4 whether it will renew the note. Columns: backend_pid. Locks: a row of lease.
INSERT INTO lease (host, pid, backend_pid, doing, heartbeat_at)
VALUES ($1, $2, pg_backend_pid(), $3, CASE WHEN $4 THEN clock_timestamp() END)
ON CONFLICT (only_row) DO UPDATE
SET host = excluded.host, pid = excluded.pid, backend_pid = excluded.backend_pid, doing = excluded.doing,
    since = excluded.since, heartbeat_at = excluded.heartbeat_at
RETURNING backend_pid
