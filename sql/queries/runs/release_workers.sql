-- Purpose: gives the lock of hold_workers back. Parameters: $1 schema.
SELECT pg_advisory_unlock(hashtextextended('paydirt work ' || $1, 0))
