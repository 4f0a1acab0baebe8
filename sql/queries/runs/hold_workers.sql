-- Purpose: waits for units that are being computed, and keeps workers from taking more. Parameters: $1 schema.
-- Locks: a session advisory lock.
SELECT pg_advisory_lock(hashtextextended('paydirt work ' || $1, 0))
