-- Purpose: whether the rows of a day were dropped on purpose. Parameters: $1 snapshot. Columns: dropped. Locks: none.
SELECT EXISTS (SELECT FROM dropped_partitions d WHERE $1 BETWEEN d.first_snapshot AND d.last_snapshot) AS dropped
