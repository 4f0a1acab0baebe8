-- Purpose: which sessions wait for a lock right now, and for whom. Parameters: $1 backends. Columns: pid, blockers.
-- Locks: none.
SELECT a.pid, pg_blocking_pids(a.pid)::text AS blockers FROM pg_stat_activity a
WHERE a.pid = ANY($1) AND a.wait_event_type = 'Lock'
