-- Purpose: one run at a time per schema. Parameters: $1 schema. Columns: locked. Locks: a session advisory lock.
SELECT pg_try_advisory_lock(hashtextextended('paydirt run ' || $1, 0)) AS locked
