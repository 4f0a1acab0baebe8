-- Purpose: gives the lock of try_lock back. Parameters: $1 schema.
SELECT pg_advisory_unlock(hashtextextended('paydirt migrate ' || $1, 0))
