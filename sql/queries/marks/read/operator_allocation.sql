-- Purpose: which row versions the events of operator_allocation before a day come from. Parameters: $1 the day. Columns: versions, mark.
-- Locks: none.
SELECT count(*) AS versions, bit_xor(hash_record_extended(ROW(e.tableoid, e.ctid, e.xmin, b.tableoid, b.ctid, b.xmin), 0)) AS mark
FROM operator_allocations e
LEFT JOIN blocks b ON b.number = coalesce(e.effective_block, e.block_number)
WHERE b.block_time < $1::date
