-- Purpose: which row versions the events of staker_share before a day come from. Parameters: $1 the day. Columns: versions, mark.
-- Locks: none.
SELECT count(*) AS versions, bit_xor(hash_record_extended(ROW(e.tableoid, e.ctid, e.xmin), 0)) AS mark
FROM staker_share_deltas e
WHERE e.block_time < $1::date
