-- Purpose: which row versions the events of operator_pi_split from a day on and before another come from. Parameters: $1 and $2 the days.
-- Columns: versions, mark, first_block (the lowest block of rows from the day before on), blockless (rows whose block is not
-- there). Locks: none.
SELECT count(*) FILTER (WHERE CASE WHEN b.number IS NOT NULL THEN e.activated_at END >= $1::date AND CASE WHEN b.number IS NOT NULL THEN e.activated_at END < $2::date) AS versions,
       bit_xor(hash_record_extended(ROW(e.tableoid, e.ctid, e.xmin, b.tableoid, b.ctid, b.xmin), 0))
           FILTER (WHERE CASE WHEN b.number IS NOT NULL THEN e.activated_at END >= $1::date AND CASE WHEN b.number IS NOT NULL THEN e.activated_at END < $2::date) AS mark,
       min(e.block_number)::bigint AS first_block, count(*) FILTER (WHERE b.number IS NULL) AS blockless
FROM operator_pi_splits e
LEFT JOIN blocks b ON b.number = e.block_number
WHERE CASE WHEN b.number IS NOT NULL THEN e.activated_at END >= $1::date - 1 OR b.number IS NULL
