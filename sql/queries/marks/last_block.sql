-- Purpose: the last block before a day. Parameters: $1 the day. Columns: number, -1 if there is none. Locks: none.
SELECT coalesce((SELECT b.number FROM blocks b WHERE b.block_time < $1::date ORDER BY b.number DESC LIMIT 1), -1) AS number
