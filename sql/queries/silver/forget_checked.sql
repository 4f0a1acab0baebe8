-- Purpose: forgets which rows of submissions were checked; without these marks, the next run checks all rows of all tables.
-- Parameters: none. Locks: rows of silver_sources.
DELETE FROM silver_sources WHERE last_block IS NOT NULL
