-- Purpose: the first statement of a transaction that sums over gold: a partition that is being detached waits for it, and one
-- that went before is in dropped_partitions, in the snapshot that is taken after this. Parameters: none.
-- Locks: ACCESS SHARE on gold_rows, which blocks neither readers, writers nor CONCURRENTLY.
LOCK TABLE gold_rows IN ACCESS SHARE MODE
