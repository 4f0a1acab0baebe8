-- Purpose: the days whose rows were dropped on purpose. Parameters: none. Columns: first_snapshot, last_snapshot. Order: none.
SELECT d.first_snapshot, d.last_snapshot FROM dropped_partitions d
