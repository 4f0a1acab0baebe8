-- Purpose: one migration at a time per schema; waits. Parameters: $1 schema. Locks: a transaction advisory lock.
SELECT pg_advisory_xact_lock(hashtextextended('paydirt migrate ' || $1, 0))
