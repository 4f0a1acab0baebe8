-- Purpose: keeps workers from taking units, unless some are being computed. Parameters: $1 schema. Columns: held. Locks: a
-- session advisory lock, if it is held.
SELECT pg_try_advisory_lock(hashtextextended('paydirt work ' || $1, 0)) AS held
