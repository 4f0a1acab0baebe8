-- Purpose: the name of a schema that lives in this transaction only. Parameters: none. Columns: name.
SELECT 'paydirt_scratch_' || pg_backend_pid() AS name
