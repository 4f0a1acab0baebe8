-- Purpose: the holder is alive. Parameters: $1 the backend that holds the lock. Locks: a row of lease.
UPDATE lease SET heartbeat_at = clock_timestamp() WHERE backend_pid = $1
