-- Purpose: as long as this transaction computes a unit, nobody removes its run. Parameters: $1 schema. Locks: a shared
-- advisory lock until the transaction ends.
SELECT pg_advisory_xact_lock_shared(hashtextextended('paydirt work ' || $1, 0))
