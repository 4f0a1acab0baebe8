-- Purpose: the day of a block, or of the first one after it. Parameters: $1 number. Columns: day; no row after the newest.
SELECT b.block_time::date AS day FROM blocks b WHERE b.number >= $1 ORDER BY b.number LIMIT 1
