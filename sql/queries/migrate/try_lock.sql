-- Purpose: one migration at a time per schema. Who waits asks again and again outside of a transaction: an index that is built
-- concurrently waits for every transaction that is older than it, also for one that waits for this lock.
-- Parameters: $1 schema. Columns: locked. Locks: a session advisory lock.
SELECT pg_try_advisory_lock(hashtextextended('paydirt migrate ' || $1, 0)) AS locked
