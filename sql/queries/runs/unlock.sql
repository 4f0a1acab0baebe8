-- Purpose: gives the lock of try_lock back. Parameters: $1 schema.
SELECT pg_advisory_unlock(hashtextextended('paydirt run ' || $1, 0))
