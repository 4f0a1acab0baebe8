-- Purpose: which row versions the events of operator_pi_split before a day come from. Parameters: $1 the day. Columns: versions, mark.
-- Locks: none.
SELECT count(*) AS versions, bit_xor(hash_record_extended(ROW(e.tableoid, e.ctid, e.xmin, b.tableoid, b.ctid, b.xmin), 0)) AS mark
FROM operator_pi_splits e
LEFT JOIN blocks b ON b.number = e.block_number
WHERE CASE WHEN b.number IS NOT NULL THEN e.activated_at END < $1::date
