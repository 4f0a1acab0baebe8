-- Purpose: the server's process for this session. Parameters: none. Columns: backend_pid. Locks: none.
SELECT pg_backend_pid() AS backend_pid
