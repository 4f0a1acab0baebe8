-- Purpose: drops that were begun, of tables that somebody else has dropped since. Parameters: $1 first days of all partitions
-- and detached tables there are. Locks: rows of dropped_partitions.
UPDATE dropped_partitions SET begun_at = NULL, dropped_at = clock_timestamp()
WHERE begun_at IS NOT NULL AND first_snapshot <> ALL ($1::date[])
