-- Purpose: drops that were begun, but not of partitions that go now: those still attached were interrupted before anything
-- happened. Parameters: $1 first days of the partitions that are attached. Locks: rows of dropped_partitions.
WITH earlier AS (
    UPDATE dropped_partitions SET begun_at = NULL
    WHERE begun_at IS NOT NULL AND dropped_at IS NOT NULL AND first_snapshot = ANY ($1::date[])
)
DELETE FROM dropped_partitions WHERE begun_at IS NOT NULL AND dropped_at IS NULL AND first_snapshot = ANY ($1::date[])
