-- Purpose: the days whose rows were dropped on purpose, for comparing with a schema that has them. Parameters: none. Locks: none
-- beyond its own temp table.
CREATE TEMP TABLE diff_dropped ON COMMIT DROP AS
SELECT d.first_snapshot, d.last_snapshot FROM dropped_partitions d
