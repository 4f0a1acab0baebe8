-- Purpose: the newest block's time, NULL without blocks. Parameters: none. Columns: block_time. Locks: none.
SELECT max(block_time) AS block_time FROM blocks
