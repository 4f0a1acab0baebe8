-- Purpose: adds to diff_dropped the days that the other side has dropped. The schema that is first on the search path is the other one.
-- Parameters: none. Locks: none beyond its own temp table.
INSERT INTO pg_temp.diff_dropped (first_snapshot, last_snapshot)
SELECT d.first_snapshot, d.last_snapshot FROM dropped_partitions d
